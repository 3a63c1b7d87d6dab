"""What a baseline takes from the evidence: handled tickets, reopenings, categories, and a hash of it all."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.histories import Ints, Texts, TicketHistories
from evidence.measuring import Measurement, measure
from evidence.questions import Question
from levels.calendars import Calendar
from models.evidence import TicketState

DETAILS = ("line", "group_name", "priority")
_DONE = (TicketState.RESOLVED.value, TicketState.CLOSED.value, TicketState.CANCELLED.value)

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Handled:
    """The tickets that had to be served: all but those that stand cancelled.

    Attributes:
        histories: of these tickets, shape (tickets,), with the details of `DETAILS`.
        measurement: of their time from opening to resolution, less the pauses.
        open: which intervals are time in which the ticket was open, before its stop, shape (intervals,).
        seconds: their working seconds, 0 of the other intervals, shape (intervals,).
        calendar: that all of it is measured on.
    """

    histories: TicketHistories
    measurement: Measurement
    open: Flags
    seconds: Ints
    calendar: Calendar


@dataclass(frozen=True)
class Reopenings:
    """Tickets that were done and went on.

    Attributes:
        reopened: how many of the tickets that were ever done.
        ever_done: how many those are.
        added_s: working time after the first resolution, of all of them together.
        median_added_s: of the reopened tickets.
    """

    reopened: int
    ever_done: int
    added_s: int
    median_added_s: int


@dataclass(frozen=True)
class CategoryTime:
    """What the tickets of a category took together, in working seconds less pauses."""

    category: str
    tickets: int
    seconds: int
    share: float
    median_s: int


def handled_tickets(histories: TicketHistories, calendar: Calendar, pause_states: Collection[str]) -> Handled:
    """Measure every ticket that does not stand cancelled from its opening to its resolution.

    Raises:
        CalendarSpanError: the calendar does not cover an instant.
    """
    measurement = measure(histories, calendar, Question("resolution", {}, 0, pause_states))
    served = histories.where(np.isin(histories.external_ids, measurement.external_ids))
    end = np.minimum(served.interval_end, measurement.stop[served.interval_ticket])
    open_ = ~np.isin(served.interval_state, _DONE) & (served.interval_start < end)
    seconds = np.zeros(len(open_), np.int64)
    seconds[open_] = calendar.elapsed(served.interval_start[open_], end[open_])
    return Handled(served, measurement, open_, seconds, calendar)


def reopenings(handled: Handled) -> Reopenings:
    """Count the tickets that were resolved or closed and went on, and what that added."""
    histories = handled.histories
    done = np.isin(histories.interval_state, _DONE)
    first_done = np.full(len(histories), len(done), dtype=np.int64)
    marked = np.flatnonzero(done)
    np.minimum.at(first_done, histories.interval_ticket[marked], marked)
    after = ~done & (np.arange(len(done)) > first_done[histories.interval_ticket])
    again = np.unique(histories.interval_ticket[after])
    added = np.zeros(len(histories), np.int64)
    np.add.at(added, histories.interval_ticket[after], handled.seconds[after])
    median = int(np.median(added[again])) if again.size else 0
    ever_done = int(np.count_nonzero(first_done < len(done)))
    return Reopenings(len(again), ever_done, int(added.sum()), median)


def costliest_categories(handled: Handled, number: int = 5) -> list[CategoryTime]:
    """Return the categories that took most working time, the costliest first; "" is no category."""
    names, place = _numbered(handled.histories.attributes["category"])
    consumed = handled.measurement.consumed
    seconds = np.zeros(len(names), np.int64)
    np.add.at(seconds, place, consumed)
    whole = int(consumed.sum())
    order = np.argsort(-seconds, kind="stable")[:number]
    return [
        CategoryTime(
            names[each],
            int(np.count_nonzero(place == each)),
            int(seconds[each]),
            int(seconds[each]) / whole if whole else 0.0,
            int(np.median(consumed[place == each])),
        )
        for each in order.tolist()
    ]


def fingerprint(histories: TicketHistories, question: Mapping[str, object]) -> str:
    """The SHA-256 of tickets, intervals and of what is asked of them, the same on every database."""
    texts = [histories.external_ids, histories.interval_state]
    texts += [column for _, column in sorted(histories.attributes.items())]
    texts += [column for _, column in sorted(histories.details.items())]
    head = json.dumps(
        [dict(question), *(list(map(str, column)) for column in texts)],
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    digest = hashlib.sha256(head.encode())
    columns = (histories.opened_at, histories.interval_ticket, histories.interval_start)
    for column in (*columns, histories.interval_end):
        digest.update(len(column).to_bytes(8, "little") + column.astype("<i8").tobytes())
    return digest.hexdigest()


def _numbered(words: Texts) -> tuple[list[str], Ints]:
    names, place = np.unique(words.astype(str), return_inverse=True)
    return [str(name) for name in names], place.astype(np.int64)
