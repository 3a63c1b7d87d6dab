"""Stopwatches: the working time that tickets have consumed, less pauses, and the outcome under a target."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from levels.calendars import Calendar
from levels.moments import IntArray


@dataclass(frozen=True, eq=False)
class Pauses:
    """The pauses and exclusions of many tickets in one flat table, in any order; they may overlap.

    Attributes:
        ticket: the index of the ticket that each pause belongs to, counted from 0.
        start: beginnings, epoch seconds.
        end: ends, epoch seconds. A pause that ends no later than it starts counts for nothing.
    """

    ticket: IntArray
    start: IntArray
    end: IntArray

    def __post_init__(self) -> None:
        """Refuse columns of unequal length.

        Raises:
            ValueError: the three columns differ in length.
        """
        if not len(self.ticket) == len(self.start) == len(self.end):
            raise ValueError("Pauses need a ticket, a start and an end each.")

    @classmethod
    def none(cls) -> "Pauses":
        """No pause at all."""
        nothing = np.empty(0, np.int64)
        return cls(nothing, nothing, nothing)

    def renumbered(self, number: IntArray) -> "Pauses":
        """Return those of the tickets that have a new number, by that; -1 in `number` for those without."""
        ticket = number[self.ticket]
        if (kept := ticket >= 0).all():
            return Pauses(ticket, self.start, self.end)
        return Pauses(ticket[kept], self.start[kept], self.end[kept])

    def with_those_of(self, other: "Pauses") -> "Pauses":
        """Return both tables in one; their tickets must be numbered alike."""
        if not len(other.ticket):
            return self
        columns = (self.ticket, other.ticket), (self.start, other.start), (self.end, other.end)
        return Pauses(*(np.concatenate(pair) for pair in columns))


def working_seconds(calendar: Calendar, start: IntArray, stop: IntArray, pauses: Pauses) -> IntArray:
    """Working time of every ticket from start to stop, less its pauses; what pauses share counts once.

    Args:
        calendar: the calendar of the target; it must cover every start and stop, not every pause.
        start: when each stopwatch started, epoch seconds, shape (tickets,).
        stop: when it stopped, or the instant of asking, shape (tickets,). One before its start gives 0.
        pauses: the pauses, by index of the ticket.

    Returns:
        Seconds consumed, int64, shape (tickets,), never negative.

    Raises:
        CalendarSpanError: a start or stop lies outside the calendar.
        ValueError: a pause names a ticket that is not there.
    """
    start, stop = np.asarray(start, np.int64), np.asarray(stop, np.int64)
    ticket = np.asarray(pauses.ticket, np.int64)
    if ticket.size and (ticket.min() < 0 or ticket.max() >= start.size):
        raise ValueError(f"A pause names a ticket outside 0 to {start.size - 1}.")
    edges = (_between(edge, calendar.start, calendar.end) for edge in (pauses.start, pauses.end))
    # looked up in one go: for a hundred tickets each look-up costs more than what it finds
    position = calendar.position(np.concatenate((start, np.maximum(start, stop), *edges)))
    begun, ended = position[: start.size], position[start.size : 2 * start.size]
    consumed = ended - begun
    if ticket.size:
        first, last = begun[ticket], ended[ticket]
        low, high = (_between(edge, first, last) for edge in position[2 * start.size :].reshape(2, -1))
        np.subtract.at(consumed, *_united(ticket, low, high, calendar.total))
    return consumed


def _united(ticket: IntArray, low: IntArray, high: IntArray, longest: int) -> tuple[IntArray, IntArray]:
    """Tickets, and the working seconds that each of their pauses adds to those before it.

    The union is taken on the axis of working seconds, where the calendar's closed hours have no length; no
    pause reaches beyond `longest`.
    """
    order = np.lexsort((low, ticket))
    # Each ticket gets a stretch of the axis of its own, so one running maximum serves all tickets at once.
    offset = ticket[order] * (longest + 1)
    low, high = low[order] + offset, high[order] + offset
    reached = np.maximum.accumulate(np.concatenate((offset[:1], high)))[:-1]
    return ticket[order], np.maximum(high - np.maximum(low, reached), 0)


def _between(values: IntArray, least: int | IntArray, most: int | IntArray) -> IntArray:
    """What `numpy.clip` gives, in a fifth of its time for a hundred values."""
    within: IntArray = np.minimum(np.maximum(values, least), most)
    return within


class Outcome(IntEnum):
    """What a stopwatch says about one ticket, as coded in the arrays of `outcomes`."""

    MISS = 0
    HIT = 1
    UNDECIDED = 2


def outcomes(consumed: IntArray, stopped: NDArray[np.bool_], threshold_s: int | IntArray) -> NDArray[np.int8]:
    """Judge tickets against a threshold.

    Args:
        consumed: working seconds consumed, shape (tickets,).
        stopped: whether the stopwatch has stopped for good.
        threshold_s: the threshold in working seconds, one for all or one each.

    Returns:
        An int8 array of `Outcome` codes: a hit has stopped within the threshold, a miss has consumed more
        than the threshold whether stopped or not, and a ticket still running within it is undecided.
    """
    judged = np.full(np.shape(consumed), _UNDECIDED, dtype=np.int8)
    judged[np.asarray(stopped, dtype=np.bool_)] = _HIT
    judged[np.asarray(consumed) > threshold_s] = _MISS
    return judged


# NumPy takes many times as long to make a number of a member of an enumeration
_MISS, _HIT, _UNDECIDED = (int(code) for code in (Outcome.MISS, Outcome.HIT, Outcome.UNDECIDED))


class Tally(NamedTuple):
    """Counts of tickets: ``known`` are hits and misses together."""

    known: int
    hits: int
    undecided: int


def tally(outcomes: NDArray[np.int8]) -> Tally:
    """Count the codes that `outcomes` returns."""
    hits = int(np.count_nonzero(outcomes == _HIT))
    undecided = int(np.count_nonzero(outcomes == _UNDECIDED))
    return Tally(known=len(outcomes) - undecided, hits=hits, undecided=undecided)
