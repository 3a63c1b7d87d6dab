"""The evidence store read: tickets with their intervals in columns, as they were known at an instant."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from config.clock import as_utc
from evidence.histories import ATTRIBUTES, CODES, DETAILS, UPDATES, Ints, TicketHistories
from evidence.stored_rows import Rows, interval_rows, named_by_feed, ticket_rows, update_rows
from evidence.together import HistoriesTogether

_OF_LINES = {"line", "group_name"}


def read_histories(
    session: Session,
    source: str,
    customer: str,
    start: datetime,
    end: datetime,
    as_of: datetime,
    details: Collection[str] = (),
) -> TicketHistories:
    """Read a customer's tickets opened from `start` to `end` (exclusive) as they were known at `as_of`.

    What was recorded after `as_of` does not exist, whatever it is about. `details` names the columns of
    `DETAILS` that are wanted beside the states of the intervals; `UPDATES` among them asks for the updates
    that began no interval.
    """
    return read_together(session, source, [customer], start, end, as_of, details).whole


def read_together(
    session: Session,
    source: str,
    customers: Collection[str],
    start: datetime,
    end: datetime,
    as_of: datetime,
    details: Collection[str] = (),
) -> HistoriesTogether:
    """Read what `read_histories` would of each customer, with the same statements for all of them."""
    names = sorted(set(customers))
    asked = {"source": source, "customers": names, "start": start, "end": end, "as_of": as_of}
    tickets = sorted(ticket_rows(session, ATTRIBUTES, asked))  # by customer, opening and external id
    wanted = tuple(name for name in DETAILS if name in details)
    intervals = interval_rows(session, wanted, asked)
    ids, opened_at = (_column(tickets, place, np.int64) for place in (3, 1))
    interval_id, started = (_column(intervals, place, np.int64) for place in (0, 1))
    ticket, order = _numbered(ids, interval_id)
    states = map(CODES.__getitem__, map(itemgetter(2), intervals))
    codes = np.fromiter(states, np.int8, len(intervals))
    starts, seconds = started[order], int(as_utc(as_of).timestamp())
    together = TicketHistories(
        _column(tickets, 2, np.object_),
        opened_at,
        {name: _column(tickets, place, np.object_) for place, name in enumerate(ATTRIBUTES, 4)},
        ticket,
        codes[order],
        starts,
        _ends(ticket, starts, seconds),
        seconds,
        {name: _column(intervals, place, np.object_)[order] for place, name in enumerate(wanted, 3)},
    )
    if _OF_LINES.issubset(wanted):
        named = {
            name
            for name in _OF_LINES
            if (together.details[name] != "").any() or named_by_feed(session, source, as_of, name)
        }
        together = replace(together, feed_names=frozenset(named))
    if UPDATES in details:
        updates = update_rows(session, asked)
        updated, in_order = _numbered(ids, _column(updates, 0, np.int64))
        at = _column(updates, 1, np.int64)[in_order]
        together = replace(together, update_ticket=updated, update_at=at)
    customer = itemgetter(0)
    edges = [
        (bisect_left(tickets, name, key=customer), bisect_right(tickets, name, key=customer))
        for name in names
    ]
    return HistoriesTogether(together, dict(zip(names, edges, strict=True)))


def _column(rows: Rows, place: int, kind: Any) -> NDArray[Any]:
    return np.fromiter(map(itemgetter(place), rows), kind, len(rows))


def _numbered(ids: Ints, interval_id: Ints) -> tuple[Ints, Ints]:
    """The ticket's index for each interval, and the order in which they ascend."""
    by_id = np.argsort(ids)
    index = by_id[np.searchsorted(ids, interval_id, sorter=by_id)]
    order = np.argsort(index, kind="stable")
    return index[order], order


def _ends(ticket: Ints, starts: Ints, as_of: int) -> Ints:
    ends = np.full(len(starts), as_of, dtype=np.int64)
    ends[:-1] = np.where(ticket[1:] == ticket[:-1], starts[1:], as_of)
    return ends
