"""The longest wait for an update: of each ticket, the gap between two updates that consumed most."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evidence.histories import Ints, TicketHistories
from evidence.questions import Question
from evidence.stopwatch_edges import Run, standing, stops_of
from levels.calendars import Calendar
from levels.stopwatches import Pauses, working_seconds


class Updates(NamedTuple):
    """Updates that began no interval: the index of the ticket and the instant of each, shape (updates,)."""

    ticket: Ints
    at: Ints

    @classmethod
    def none(cls) -> "Updates":
        """Return no updates."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))


class _Gaps(NamedTuple):
    """Waits for an update, those of a ticket together and in the order of time; shape (gaps,).

    Attributes:
        interval: the position of the interval that each lies in.
        begin, end: epoch seconds.
    """

    interval: Ints
    begin: Ints
    end: Ints


def longest_gaps(
    histories: TicketHistories,
    question: Question,
    chosen: NDArray[np.bool_],
    run: Run,
    calendar: Calendar,
    excluded: Pauses,
) -> tuple[Ints, Ints, Updates]:
    """Return where each ticket's longest gap starts and stops, epoch seconds, shape (tickets,).

    Every recorded interval is an update, and so is one that said what was known already. A gap lasts from one
    to the next or to the resolution; the first of those that consumed the same is taken. A ticket that was
    resolved as it was opened has no gap: its stopwatch starts and stops as the run does.

    Args:
        histories: the tickets, with the updates that began no interval.
        question: which states pause.
        chosen: the tickets that are asked about; of the others the run comes back as it is.
        run: between which intervals updates are waited for.
        calendar: working time.
        excluded: what does not count, by the ticket's index.

    Returns:
        The starts, the stops, and those updates that began no interval and ended a gap.
    """
    start, stop = run.start.copy(), stops_of(histories, run.stop_at)
    positions = np.arange(len(histories.interval_ticket))
    owner = histories.interval_ticket
    waiting = (positions >= run.begin_at[owner]) & (positions < run.stop_at[owner])
    gaps = _gaps(histories, waiting & chosen[owner])
    ticket = owner[gaps.interval]
    consumed = working_seconds(calendar, gaps.begin, gaps.end, _of_gaps(excluded, ticket, len(histories)))
    consumed[standing(histories, question)[gaps.interval]] = 0
    longest = np.lexsort((-consumed, ticket))
    first = np.flatnonzero(np.diff(ticket, prepend=-1))
    longest = longest[first]
    start[ticket[longest]], stop[ticket[longest]] = gaps.begin[longest], gaps.end[longest]
    repeated = gaps.begin > histories.interval_start[gaps.interval]
    return start, stop, Updates(ticket[repeated], gaps.begin[repeated])


def _gaps(histories: TicketHistories, waiting: NDArray[np.bool_]) -> _Gaps:
    """The intervals marked as `waiting`, each divided by the updates within it."""
    interval = np.flatnonzero(waiting)
    begin, end = histories.interval_start[interval], histories.interval_end[interval]
    if not len(histories.update_at):
        return _Gaps(interval, begin, end)
    within, at = _within_intervals(histories)
    told = waiting[within]
    interval, begin = np.append(interval, within[told]), np.append(begin, at[told])
    order = np.lexsort((begin, interval))
    interval, begin = interval[order], begin[order]
    end = histories.interval_end[interval]
    divided = np.flatnonzero(interval[1:] == interval[:-1])
    end[divided] = begin[divided + 1]
    return _Gaps(interval, begin, end)


def _within_intervals(histories: TicketHistories) -> tuple[Ints, Ints]:
    """The position of the interval that each update divides, and its instant; others are left out.

    One that was made just as an interval began is the update that the interval is.
    """
    intervals = len(histories.interval_ticket)
    owner = np.append(histories.interval_ticket, histories.update_ticket)
    at = np.append(histories.interval_start, histories.update_at)
    order = np.lexsort((at, owner))  # stable: of one instant, intervals come first
    latest = np.maximum.accumulate(np.where(order < intervals, order, 0))
    latest, at = latest[order >= intervals], at[order[order >= intervals]]
    ticket = owner[order[order >= intervals]]
    dividing = (histories.interval_ticket[latest] == ticket) & (histories.interval_start[latest] < at)
    return latest[dividing], at[dividing]


def _of_gaps(excluded: Pauses, ticket: Ints, tickets: int) -> Pauses:
    """Each ticket's excluded time once for each of its gaps, by the gap's index."""
    number = np.bincount(ticket, minlength=tickets)
    first = np.cumsum(number) - number
    times = number[excluded.ticket]
    row = np.repeat(np.arange(len(times)), times)
    within = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    return Pauses(first[excluded.ticket][row] + within, excluded.start[row], excluded.end[row])
