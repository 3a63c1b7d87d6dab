"""Which step spent the budget of the tickets that missed a target: frozen with its figures, and in words."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from evidence.questions import STOPWATCHES
from levels.step_overruns import spent
from levels.stopwatches import Outcome
from models.agreements import Agreement
from models.assessments import Assessment
from models.versions import ServiceLevelTarget
from states.carriers import carrier_of, steps_of
from states.step_times import step_times
from templates.languages.kept import stored
from templates.languages.telling import told, told_count, told_list
from templates.render import duration

ELSEWHERE = "lines that are no step"


def frozen_steps(
    session: Session,
    agreement: Agreement,
    target: ServiceLevelTarget,
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> dict[str, Any]:
    """Return what an assessment keeps of a target's steps, as `steps`; nothing where it has none.

    Each step is told with its budget, who carries it, the misses that are laid at it, and its seconds over
    the budget in all misses together. Time in lines that are no step has no budget.
    """
    rows = steps_of(target.version, target.key)
    if not rows or target.indicator not in STOPWATCHES:
        return {}
    times = step_times(session, agreement, target, start, end, as_of)
    seconds = times.of_steps([row.line for row in rows], (Outcome.MISS,))
    found = spent(seconds, [*(row.budget_s for row in rows), 0]).steps if len(seconds) else ()
    told = [
        {"step": row.line, "budget_s": row.budget_s, "carried_by": carrier_of(row)}
        | {"misses": overrun.tickets, "overrun_s": overrun.overrun_s}
        for row, overrun in zip(rows, found, strict=False)
    ]
    if found and found[-1].overrun_s:
        elsewhere = {"step": ELSEWHERE, "budget_s": 0, "carried_by": ""}
        told.append(elsewhere | {"misses": found[-1].tickets, "overrun_s": found[-1].overrun_s})
    return {"steps": told}


def misses_by_step(row: Assessment) -> str:
    """Return e.g. "of 7 misses: back office 5 (31 h over), supplier 2 (3 h over)"; "" if nothing is laid.

    Tickets that missed although every step kept its budget are told last.
    """
    steps, misses = row.target.get("steps", []), row.known - row.hits
    if not steps or not misses:
        return ""
    worst_first = sorted(steps, key=lambda step: (-step["misses"], -step["overrun_s"]))
    parts: list[str] = [
        told(
            "%(step)s %(misses)s (%(time)s over)",
            step=stored(step["step"]),
            misses=step["misses"],
            time=duration(_minutes(step["overrun_s"])),
        )
        for step in worst_first
        if step["overrun_s"]
    ]
    kept = misses - sum(step["misses"] for step in steps)
    parts += [told("%(number)s with every budget kept", number=kept)] if kept else []
    return told_count(
        "of %(num)s miss: %(steps)s", "of %(num)s misses: %(steps)s", misses, steps=told_list(parts)
    )


def _minutes(seconds: int) -> int:
    return -(-seconds // 60) * 60
