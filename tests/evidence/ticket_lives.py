"""Lives of tickets as Hypothesis draws them, made into histories, and measured by plain loops over minutes.

Everything happens on whole minutes, so a ticket's life is a row of minutes that can be counted one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from evidence.exclusions import ExcludedTime
from evidence.histories import ATTRIBUTES, CODES, TicketHistories
from evidence.questions import Question
from models.evidence import TicketState
from tests.evidence.logbook import office_hours, seconds

MINUTE, HOUR = 60, 3_600
OPENED, AS_OF = seconds(2, "09:00"), seconds(12)
CALENDAR = office_hours()
DONE = ("resolved", "closed", "cancelled")
_MINUTES = np.arange(OPENED, AS_OF, MINUTE)
_WORKED = CALENDAR.elapsed(_MINUTES, _MINUTES + MINUTE) == MINUTE


@dataclass(frozen=True)
class Step:
    """What happens to a ticket some minutes after what happened before."""

    later: int
    state: str
    line: str = "first line"
    priority: str = "2"


@dataclass(frozen=True)
class Interval:
    """A state that lasted; epoch seconds."""

    start: int
    end: int
    state: str
    line: str
    priority: str


def life_of(steps: Sequence[Step]) -> list[Interval]:
    """The intervals of a ticket opened at `OPENED`, as they are known at `AS_OF`."""
    at, begins = OPENED, [(OPENED, Step(0, "new"))]
    for step in steps:
        at = min(at + step.later * MINUTE, AS_OF)
        begins.append((at, step))
    ends = [begin for begin, _ in begins[1:]] + [AS_OF]
    return [
        Interval(begin, end, step.state, step.line, step.priority)
        for (begin, step), end in zip(begins, ends, strict=True)
    ]


def told(lives: Sequence[Sequence[Step]]) -> TicketHistories:
    """Histories as `read_histories` gives them, with the lines and priorities of intervals."""
    rows = [(number, interval) for number, steps in enumerate(lives) for interval in life_of(steps)]
    texts = {name: [getattr(interval, name) for _, interval in rows] for name in ("line", "priority")}
    columns = {name: np.array(column, dtype=object) for name, column in texts.items()}
    size = len(lives)
    attributes = {name: np.full(size, "", dtype=object) for name in ATTRIBUTES}
    return TicketHistories(
        np.array([f"T{number}" for number in range(size)], dtype=object),
        np.full(size, OPENED, dtype=np.int64),
        attributes | {"priority": np.full(size, "2", dtype=object)},
        np.array([number for number, _ in rows], dtype=np.int64),
        np.array([CODES[interval.state] for _, interval in rows], dtype=np.int8),
        np.array([interval.start for _, interval in rows], dtype=np.int64),
        np.array([interval.end for _, interval in rows], dtype=np.int64),
        AS_OF,
        {"line": columns["line"], "priority": columns["priority"]},
    )


def plainly(
    steps: Sequence[Step], question: Question, exclusions: Sequence[ExcludedTime] = (), name: str = "T0"
) -> tuple[int, bool] | None:
    """One ticket's working seconds and whether it has stopped; None if it does not count."""
    life = life_of(steps)
    if life[-1].state == "cancelled":
        return None
    resolved = len(life)
    while resolved and life[resolved - 1].state in DONE:
        resolved -= 1
    begin, stop = 0, resolved
    if question.indicator == "response":
        stop = next((n for n, each in enumerate(life) if each.state != "new"), len(life))
    elif question.indicator == "between states":
        starting = [n for n, each in enumerate(life) if each.state in question.from_states]
        if not starting:
            return None
        begin = starting[0]
        reached = [n for n in range(begin + 1, len(life)) if life[n].state in question.to_states]
        stop = min([*reached, resolved])
    elif question.reopening == "reset":
        begin = max((n + 1 for n in range(resolved) if life[n].state in DONE), default=0)
    if question.indicator == "step" and not any(
        each.line == question.line and each.state not in DONE for each in life
    ):
        return None
    priority = "2"  # with which it was opened
    if question.priority_change == "remaining" and "priority" in question.population:
        priority = life[min(stop, len(life) - 1)].priority
    if question.population.get("priority", priority) != priority:
        return None
    counts = _WORKED.copy()
    for exclusion in exclusions:
        if exclusion.ticket in (name, "") and exclusion.population.get("priority", priority) == priority:
            counts &= (exclusion.start > _MINUTES) | (exclusion.end <= _MINUTES)
    used = [_used(each, question, counts) for each in life[begin:stop]]
    total = max(used, default=0) if question.indicator == "next update" else sum(used)
    return total, stop < len(life)


def _used(interval: Interval, question: Question, counts: NDArray[np.bool_]) -> int:
    if interval.state in (*question.pause_states, *DONE):
        return 0
    if question.indicator == "step" and interval.line != question.line:
        return 0
    within = (interval.start <= _MINUTES) & (interval.end > _MINUTES)
    return MINUTE * int(np.count_nonzero(counts & within))


_STATES = st.sampled_from([state.value for state in TicketState])
_STEPS = st.builds(
    Step,
    later=st.integers(0, 1_500),
    state=_STATES,
    line=st.sampled_from(["first line", "back office", ""]),
    priority=st.sampled_from(["1", "2"]),
)
LIVES = st.lists(st.lists(_STEPS, max_size=8), min_size=1, max_size=5)
QUESTIONS = st.builds(
    Question,
    indicator=st.sampled_from(["response", "next update", "resolution", "step", "between states"]),
    population=st.sampled_from([{}, {"priority": "2"}, {"priority": "1"}]),
    threshold_s=st.just(8 * HOUR),
    pause_states=st.sampled_from([(), ("awaiting_user",), ("awaiting_user", "awaiting_supplier")]),
    reopening=st.sampled_from(["continue", "reset"]),
    priority_change=st.sampled_from(["opening", "remaining"]),
    line=st.just("first line"),
    from_states=st.sampled_from([("in_progress",), ("awaiting_user", "awaiting_supplier")]),
    to_states=st.sampled_from([("closed",), ("in_progress", "awaiting_problem")]),
)
EXCLUSIONS = st.lists(
    st.builds(
        lambda start, length, ticket, population: ExcludedTime(
            OPENED + start * MINUTE, OPENED + (start + length) * MINUTE, ticket, population, "maintenance"
        ),
        start=st.integers(-2_000, 14_000),
        length=st.integers(0, 3_000),
        ticket=st.sampled_from(["", "", "T0", "T1"]),
        population=st.sampled_from([{}, {"priority": "2"}]),
    ),
    max_size=3,
)
