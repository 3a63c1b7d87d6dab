"""Stopwatches of tickets: run once for all questions that the same time counts for, whoever asks them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evidence.excluded_times import Excluded, excluded_from
from evidence.exclusions import ExcludedTime
from evidence.histories import Ints, Texts, TicketHistories, known_attributes
from evidence.questions import Question
from evidence.stopwatch_edges import counted, last_priorities, opened_on, run_of, standstills, stops_of
from evidence.together import Place
from evidence.update_gaps import Updates, longest_gaps
from levels.calendars import Calendar
from levels.stopwatches import Pauses, working_seconds
from models.version_words import Indicator


@dataclass(frozen=True, eq=False)
class TicketStopwatches:
    """The stopwatches of tickets that have one; arrays have shape (stopwatches,) unless said otherwise.

    Attributes:
        histories: the tickets, those too that have none; with the priority that each is asked about by.
        ticket: index of the ticket of each stopwatch, ascending.
        start, stop: epoch seconds; `stop` is `as_of` where it still runs.
        stopped: whether it has stopped.
        consumed: working seconds.
        pauses: what does not count, by the index of the stopwatch, as before they are united.
        excluded: what does not count because the customer agreed to it.
        repeats: updates that began no interval and ended a gap.
    """

    histories: TicketHistories
    ticket: Ints
    start: Ints
    stop: Ints
    stopped: NDArray[np.bool_]
    consumed: Ints
    pauses: Pauses
    excluded: Excluded
    repeats: Updates

    @classmethod
    def run(
        cls,
        histories: TicketHistories,
        calendar: Calendar,
        question: Question,
        exclusions: Sequence[ExcludedTime] = (),
    ) -> "TicketStopwatches":
        """Run the stopwatches by the clock of a question, whichever tickets it is about.

        Raises:
            CalendarSpanError: the calendar does not cover an instant.
            ValueError: no stopwatch measures the indicator.
        """
        run = run_of(histories, question)
        if question.by_last_priority:
            ended_with = last_priorities(histories, run.stop_at)
            histories = replace(histories, attributes=histories.attributes | {"priority": ended_with})
        counting = counted(histories, question)
        start, stop = run.start, stops_of(histories, run.stop_at)
        excluded = excluded_from(histories, counting, start, stop, exclusions)
        repeats = Updates.none()
        if question.indicator == Indicator.NEXT_UPDATE:
            start, stop, repeats = longest_gaps(histories, question, counting, run, calendar, excluded.times)
        pauses = standstills(histories, question, stop, counting)
        ticket, number = np.flatnonzero(counting), np.where(counting, np.cumsum(counting) - 1, -1)
        start, stop = start[ticket], stop[ticket]
        pauses, excluded = pauses.renumbered(number), excluded.renumbered(number)
        return cls(
            histories,
            ticket,
            start,
            stop,
            run.stop_at[ticket] < len(histories.interval_code),
            working_seconds(calendar, start, stop, pauses.with_those_of(excluded.times)),
            pauses,
            excluded,
            Updates(number[repeats.ticket], repeats.at),
        )

    @property
    def external_ids(self) -> Texts:
        """Of the tickets that have one, str."""
        return self.histories.external_ids[self.ticket]

    def asked_about(self, question: Question, place: Place) -> "TicketStopwatches":
        """Return those of a stretch of tickets that a question is about, numbered anew.

        Raises:
            BadInputError: a population names an attribute that tickets do not have.
        """
        if place not in self._stretches:
            self._stretches[place] = self._between(*self.ticket.searchsorted(place).tolist())
        theirs = self._stretches[place]
        told = theirs.histories.attributes
        chosen = opened_on(question.weekdays, self.histories.opened_at[theirs.ticket], question.zone)
        for name, value in known_attributes(question.population).items():
            chosen &= told[name][theirs.ticket] == value
        return theirs if chosen.all() else theirs._where(chosen)

    @cached_property
    def _stretches(self) -> dict[Place, "TicketStopwatches"]:
        return {}

    def _between(self, first: int, after: int) -> "TicketStopwatches":
        """Those from one to another; nothing is copied."""
        if (first, after) == (0, len(self.ticket)):
            return self
        mine = slice(first, after)
        paused, repeated = (
            slice(*np.searchsorted(rows.ticket, (first, after)).tolist())
            for rows in (self.pauses, self.repeats)
        )
        pauses, repeats = self.pauses, self.repeats
        return TicketStopwatches(
            self.histories,
            self.ticket[mine],
            self.start[mine],
            self.stop[mine],
            self.stopped[mine],
            self.consumed[mine],
            Pauses(pauses.ticket[paused] - first, pauses.start[paused], pauses.end[paused]),
            self.excluded.renumbered(_numbers(len(self.ticket), first, after)),
            Updates(repeats.ticket[repeated] - first, repeats.at[repeated]),
        )

    def _where(self, chosen: NDArray[np.bool_]) -> "TicketStopwatches":
        """Those marked in `chosen`, numbered anew."""
        number = np.where(chosen, np.cumsum(chosen) - 1, -1)
        told = chosen[self.repeats.ticket]
        return TicketStopwatches(
            self.histories,
            self.ticket[chosen],
            self.start[chosen],
            self.stop[chosen],
            self.stopped[chosen],
            self.consumed[chosen],
            self.pauses.renumbered(number),
            self.excluded.renumbered(number),
            Updates(number[self.repeats.ticket[told]], self.repeats.at[told]),
        )


def _numbers(size: int, first: int, after: int) -> Ints:
    """New numbers for a stretch of so many, -1 for the others."""
    numbers = np.full(size, -1, dtype=np.int64)
    numbers[first:after] = np.arange(after - first)
    return numbers
