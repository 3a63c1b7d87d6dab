"""The account of one ticket: what becomes of any of its seconds, and the reason in words."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np

from evidence.exclusions import ExcludedTime
from evidence.histories import Ints, TicketHistories
from evidence.lines_of_intervals import line_that_counts
from evidence.measuring import Measurement
from evidence.questions import Question
from evidence.stopwatch_edges import DONE, resolutions, stops_of
from levels.calendars import Calendar
from levels.stopwatches import Pauses
from models.version_words import Indicator


class Counting(StrEnum):
    """What becomes of a second; where several would apply, the last of them.

    A stopwatch is running or paused, a service is down.
    """

    RUNNING = "running"
    DOWN = "down"
    PAUSED = "paused"
    EXCLUDED = "excluded"
    OUTSIDE = "outside hours"
    NOT_MEASURED = "not measured"


OF_STOPWATCHES = tuple(counting for counting in Counting if counting != Counting.DOWN)
OF_OUTAGES = tuple(counting for counting in Counting if counting not in (Counting.RUNNING, Counting.PAUSED))


@dataclass(frozen=True, eq=False)
class Account:
    """One ticket under one question; instants are epoch seconds, stretches have shape (n, 2).

    Attributes:
        opened, end: its life, until it was closed or, where it is not, resolved.
        start, stop: of its stopwatch.
        resolved: the beginning of its last run of done states, or the instant of the histories.
        begins: of its intervals.
        states, lines: of its intervals; lines are told of steps alone.
        windows: working time between start and stop.
        pauses, excluded: what does not count.
        by: the exclusion that each excluded stretch comes from.
    """

    question: Question
    opened: int
    end: int
    start: int
    stop: int
    resolved: int
    begins: Ints
    states: list[str]
    lines: list[str]
    windows: Ints
    pauses: Ints
    excluded: Ints
    by: list[ExcludedTime]

    @classmethod
    def of(
        cls, histories: TicketHistories, measurement: Measurement, calendar: Calendar, ticket: int
    ) -> "Account":
        """Take one ticket's account from what was measured."""
        start, stop = int(measurement.start[ticket]), int(measurement.stop[ticket])
        own = histories.interval_ticket == ticket
        of_step = measurement.question.indicator == Indicator.STEP
        lines = line_that_counts(histories) if of_step else np.full(len(own), "", dtype=object)
        excluded = measurement.excluded
        mine = excluded.times.ticket == ticket
        resolved = int(stops_of(histories, resolutions(histories))[ticket])
        begins, states = histories.interval_start[own], histories.interval_state[own].tolist()
        return cls(
            measurement.question,
            int(histories.opened_at[ticket]),
            max(stop, resolved, _closed(begins, states)),
            start,
            stop,
            resolved,
            begins,
            states,
            lines[own].tolist(),
            calendar.windows(start, stop),
            _stretches(measurement.pauses, ticket),
            _stretches(excluded.times, ticket),
            [excluded.by[number] for number in excluded.number[mine].tolist()],
        )

    def edges(self) -> list[int]:
        """The instants at which anything changes, ascending, from the opening to the end."""
        instants = [self.opened, self.start, self.stop, self.end]
        stretches = [table.ravel() for table in (self.windows, self.pauses, self.excluded)]
        edges = np.unique(np.concatenate([instants, self.begins, *stretches]))
        return [int(edge) for edge in edges[(edges >= self.opened) & (edges <= self.end)]]

    def told(self, second: int) -> tuple[Counting, str, str]:
        """What becomes of a second, the ticket's state in it, and why."""
        place = self._place(second)
        counting, why = self._reason(second, place)
        return counting, self.states[place], why

    def _reason(self, second: int, place: int) -> tuple[Counting, str]:
        if not self.start <= second < self.stop:
            return Counting.NOT_MEASURED, self._why_not_measured(second)
        if not holding(self.windows, second):
            return Counting.OUTSIDE, "no service hours"
        for number in holding(self.excluded, second):
            return Counting.EXCLUDED, exclusion_in_words(self.by[number])
        if holding(self.pauses, second):
            return Counting.PAUSED, self._why_paused(place)
        return Counting.RUNNING, self._why_running(place)

    def _why_not_measured(self, second: int) -> str:
        if self.question.indicator == Indicator.NEXT_UPDATE and second < self.resolved:
            return "not the longest wait for an update"
        if second >= self.stop:
            of_updates = self.question.indicator == Indicator.NEXT_UPDATE
            stopped_by = self._place(self.resolved if of_updates else self.stop)
            return f"it stopped at {_in_words(self.states[stopped_by])}"
        if self.question.indicator == Indicator.BETWEEN_STATES:
            return f"not yet {' or '.join(_in_words(state) for state in self.question.from_states)}"
        return "before the last reopening, which resets it"

    def _why_paused(self, place: int) -> str:
        if self.states[place] in DONE:
            return "reopened later"
        if self.question.indicator == Indicator.STEP and self.lines[place] != self.question.line:
            return f"in {self.lines[place] or 'no line'}"
        return f"{_in_words(self.states[place])} pauses"

    def _why_running(self, place: int) -> str:
        if self.question.indicator == Indicator.STEP:
            return f"in {self.lines[place]}"
        return f"{_in_words(self.states[place])} counts"

    def _place(self, second: int) -> int:
        return max(int(np.searchsorted(self.begins, second, side="right")) - 1, 0)


def _closed(begins: Ints, states: list[str]) -> int:
    """When the state began that a done ticket stands in; 0 if it is not done."""
    place = len(states) - 1
    if place < 0 or states[place] not in DONE:
        return 0
    while place and states[place - 1] == states[place]:
        place -= 1
    return int(begins[place])


def _stretches(pauses: Pauses, ticket: int) -> Ints:
    mine = pauses.ticket == ticket
    return np.column_stack([pauses.start[mine], pauses.end[mine]])


def holding(stretches: Ints, second: int) -> list[int]:
    """The numbers of the stretches, shape (n, 2), that a second lies in."""
    return np.flatnonzero((stretches[:, 0] <= second) & (second < stretches[:, 1])).tolist()


def exclusion_in_words(exclusion: ExcludedTime) -> str:
    """Why an exclusion takes time, and when it was approved."""
    approved = datetime.fromtimestamp(exclusion.approved_at, UTC)
    return f"{exclusion.reason} (approved {approved:%Y-%m-%d %H:%M} UTC)"


def _in_words(state: str) -> str:
    return state.replace("_", " ")
