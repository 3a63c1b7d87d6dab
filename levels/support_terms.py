"""The terms that a check of support reads, and the gaps that it finds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from levels.calendars import Calendar
from levels.chains import WorstOpening
from levels.coverage import Uncovered


@dataclass(frozen=True)
class Promise:
    """What one agreement promises: the customer's agreement, or one that supports it.

    Attributes:
        name: as sentences call it: "the agreement with the hospital", "the supplier's contract".
        threshold_s: working seconds on its own calendar.
        objective: the share of tickets that shall keep it.
        calendar: its service hours, compiled for the year of the check and for what runs on after it.
        in_force_from: from when it holds, with a time zone; None while no date is agreed.
        in_force_until: when it ends; None if it has no end.
        notice_days: calendar days of notice after which it may be ended; None if not stated.
        availability: the share of time for which what it covers works; None if not promised.
        standstill_s: the longest time on the clock for which the party may do nothing by its terms: notice
            that it must be given before it begins, or maintenance that it has announced; 0 if none.
    """

    name: str
    threshold_s: int
    objective: float
    calendar: Calendar
    in_force_from: datetime | None
    in_force_until: datetime | None = None
    notice_days: int | None = None
    availability: float | None = None
    standstill_s: int = 0


@dataclass(frozen=True)
class Step:
    """One step of the work, in the order in which tickets go through.

    Attributes:
        name: "first line", "back office", "supplier", or the organisation's own word.
        budget_s: its part of the target's threshold, in working seconds of the customer's calendar.
        carried_by: what the team, the OLA or the underpinning contract promises; None if nothing does.
        share: the share of tickets that go through it, which its shortfall can touch.
    """

    name: str
    budget_s: int
    carried_by: Promise | None
    share: float = 1.0


class GapKind(StrEnum):
    """In what respect supporting agreements do not add up to what is promised."""

    NOT_CARRIED = "a step is carried by nobody"
    BUDGETS = "the step budgets exceed the threshold"
    CHAIN = "the steps together take too long"
    OBJECTIVE = "the objectives multiply to less"
    DEPENDENT_OBJECTIVE = "the objectives suffice only if misses are independent"
    AVAILABILITY = "the availabilities multiply to less"
    UNCOVERED_HOURS = "hours in which nobody works"
    STEP_CLOSED = "hours in which a step is closed"
    NOT_YET_IN_FORCE = "not in force when the promise begins"
    ENDS_BEFORE = "ends before the promise does"
    LEAVES_SOONER = "may leave at shorter notice"
    STANDSTILL = "may stand still for longer than the promise"


NOT_BLOCKING = frozenset({GapKind.DEPENDENT_OBJECTIVE, GapKind.STEP_CLOSED})
"""What is worth knowing, but what another check already counts or what need not happen."""


@dataclass(frozen=True)
class SupportGap:
    """One respect in which support falls short.

    Attributes:
        kind: which.
        step: the name of the step; "" if it is about all of them.
        sentence: one sentence with the arithmetic, for a manager.
        worst: of a chain: the opening with the latest end.
        hours: of uncovered hours: when.
    """

    kind: GapKind
    step: str
    sentence: str
    worst: WorstOpening | None = None
    hours: Uncovered | None = None

    @property
    def blocks(self) -> bool:
        """Whether the promise cannot be offered while the gap is there."""
        return self.kind not in NOT_BLOCKING
