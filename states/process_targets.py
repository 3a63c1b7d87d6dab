"""Process targets: a target of the draft divided among the steps of the work, as the evidence splits it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session

from config.errors import NotFoundError, SlmError
from evidence.questions import STOPWATCHES
from levels.allocations import Allocation
from levels.step_budgets import propose_budgets
from levels.stopwatches import Outcome
from models.agreements import Agreement
from models.versions import AgreementVersion, ProcessTarget, ServiceLevelTarget
from states import audit
from states.carriers import TO_BE_NAMED, carrier_in, carrier_of, steps_of
from states.drafts import draft_of, offered_version, version_in_force
from states.step_times import WEEKS, StepTimes, recent_step_times


@dataclass(frozen=True)
class Proposal:
    """A target divided among steps.

    Attributes:
        steps: their names, in the order of the work.
        allocation: their budgets, in that order, and what past tickets make of them.
        objective: what each step is to promise, so that all of them together keep the target's objective
            if misses are independent: its root, rounded up.
        since, until: tickets opened in between were looked at.
        assumption: how the evidence tells the steps, as a sentence without its full stop.
    """

    target: ServiceLevelTarget
    steps: tuple[str, ...]
    allocation: Allocation
    objective: float
    since: datetime
    until: datetime
    assumption: str


def propose(
    session: Session,
    agreement: Agreement,
    target_key: str,
    steps: Sequence[str] | None,
    at: datetime,
    weeks: int = WEEKS,
) -> Proposal:
    """Divide a target's threshold as the time of the past weeks' tickets allows.

    Tickets count that were opened in the last weeks for which the wait for resolution was over at `at`, and
    that are known hits or misses. The target is that of the draft, else of the version offered or in force.

    Args:
        session: the caller's; nothing is written.
        agreement: whose.
        target_key: which target.
        steps: the lines in the order of the work; None for those found in the evidence.
        at: the instant whose knowledge counts.
        weeks: how far back.

    Raises:
        NotFoundError: there is no such target, or the evidence has no such line.
        SlmError: nothing is timed or told, or time is spent in lines that are not among the steps.
    """
    version = draft_of(agreement) or offered_version(agreement) or version_in_force(agreement)
    target = _target(agreement, version or agreement.versions[-1], target_key)
    if target.indicator not in STOPWATCHES:
        raise SlmError(f"{agreement.reference}: {target_key} promises no time that could be divided")
    times = recent_step_times(session, agreement, target, at, weeks)
    named = _steps(agreement, target_key, times, steps)
    known = times.of_steps(named, (Outcome.HIT, Outcome.MISS))
    _refuse_time_elsewhere(
        agreement, target_key, times, named, float(known[:, -1].sum() / max(known.sum(), 1))
    )
    allocation = propose_budgets(known[:, :-1], target.threshold_s, target.objective)
    objective = objective_of_each(target.objective, len(named))
    assumption = times.by_line.assumption
    return Proposal(target, tuple(named), allocation, objective, times.since, times.until, assumption)


def adopt(
    session: Session,
    agreement: Agreement,
    proposal: Proposal,
    carried_by: Mapping[str, str],
    actor: str,
    at: datetime,
) -> list[ProcessTarget]:
    """Write a proposal's steps into the draft, in place of the target's former ones.

    Args:
        session: the caller's; nothing is committed.
        agreement: whose draft.
        proposal: of `propose`.
        carried_by: who carries a step, by its name: a team, or an OLA's or a contract's reference with the
            key of its target, "OLA-1/P2". A step left out keeps who carried it, else it is `TO_BE_NAMED`.
        actor: who does it.
        at: when.

    Raises:
        SlmError: there is no draft.
        NotFoundError: the draft has no such target, or a carried step is not in the proposal.
    """
    draft = draft_of(agreement)
    if draft is None:
        raise SlmError(f"{agreement.reference} has no draft in {agreement.stage.title.lower()}")
    target = _target(agreement, draft, proposal.target.key)
    for step in carried_by:
        if step not in proposal.steps:
            known = ", ".join(proposal.steps)
            raise NotFoundError(f"{agreement.reference}: {target.key} has no step {step!r}; it has: {known}")
    former = {row.line: row for row in steps_of(draft, target.key)}
    carriers = {step: (row.carried_by, row.supporting_target) for step, row in former.items()}
    carriers |= {step: carrier_in(text) for step, text in carried_by.items()}
    for row in former.values():
        draft.process_targets.remove(row)
        session.delete(row)
    session.flush()
    rows = [
        ProcessTarget(
            target_key=target.key,
            position=position,
            line=step,
            budget_s=budget_s,
            objective=proposal.objective,
            carried_by=carriers.get(step, (TO_BE_NAMED, ""))[0],
            supporting_target=carriers.get(step, (TO_BE_NAMED, ""))[1],
        )
        for position, (step, budget_s) in enumerate(
            zip(proposal.steps, proposal.allocation.budgets_s, strict=True), start=1
        )
    ]
    draft.process_targets.extend(rows)
    flag_modified(agreement, "title")  # counts the row version up: nobody moves a text they did not see
    session.flush()
    audit.append(
        session,
        agreement,
        "target divided",
        actor,
        at,
        target=target.key,
        version=draft.number,
        steps=[{"step": row.line, "budget_s": row.budget_s, "carried_by": carrier_of(row)} for row in rows],
    )
    return rows


def objective_of_each(objective: float, steps: int) -> float:
    """Return the share that each of so many steps must keep so that the product is the objective, rounded up.

    Three decimals, or more where fewer would promise everything.
    """
    if steps == 1:
        return objective
    share, scale = math.pow(objective, 1 / steps), 1000
    while math.ceil(share * scale) == scale:
        scale *= 10
    return math.ceil(share * scale) / scale


def _target(agreement: Agreement, version: AgreementVersion, key: str) -> ServiceLevelTarget:
    for target in version.targets:
        if target.key == key:
            return target
    known = ", ".join(target.key for target in version.targets) or "none"
    raise NotFoundError(f"{agreement.reference}: there is no target {key!r}; there are: {known}")


def _steps(agreement: Agreement, key: str, times: StepTimes, steps: Sequence[str] | None) -> list[str]:
    where = f"{agreement.reference}: {key}"
    if not (times.outcomes != Outcome.UNDECIDED).any():
        raise SlmError(
            f"{where}: no ticket of {times.since:%Y-%m-%d} to {times.until:%Y-%m-%d} is judged yet"
        )
    if not times.told:
        raise SlmError(f"{where}: {times.by_line.assumption}: write the steps into the document by hand")
    if steps is None:
        return times.by_line.lines
    named = {line.casefold() for line in times.by_line.lines}
    for step in steps:
        if step.casefold() not in named:
            known = ", ".join(times.by_line.lines)
            raise NotFoundError(f"{where}: the evidence has no line {step!r}; it has: {known}")
    return list(dict.fromkeys(steps))


def _refuse_time_elsewhere(
    agreement: Agreement, key: str, times: StepTimes, steps: Sequence[str], share: float
) -> None:
    if share:
        named = {step.casefold() for step in steps}
        missing = [line for line in times.by_line.lines if line.casefold() not in named]
        raise SlmError(
            f"{agreement.reference}: {key}: {share:.1%} of the time is spent in {', '.join(missing)}: name "
            "every line that works on these tickets as a step"
        )
