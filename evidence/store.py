"""The evidence store read: tickets with their intervals in columns, as they were known at an instant."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlmodel import Session, col

from config.clock import as_utc
from config.errors import BadInputError
from evidence.stored_rows import Rows, interval_rows, opened, ticket_rows
from models.evidence import Ticket

Ints: TypeAlias = NDArray[np.int64]
Texts: TypeAlias = NDArray[np.object_]

ATTRIBUTES = ("priority", "service", "category", "request_type", "requester")
DETAILS = ("group_name", "line", "priority")


@dataclass(frozen=True, eq=False)
class TicketHistories:
    """Tickets, one row each, and their intervals flattened; instants are epoch seconds in UTC.

    Tickets stand in the order of their opening, then of their external id; the intervals of a ticket stand
    together, in the order of time.

    Attributes:
        external_ids: str, shape (tickets,).
        opened_at: shape (tickets,).
        attributes: str columns by name, one for each of `ATTRIBUTES`, shape (tickets,); "" where missing.
        interval_ticket: index of the ticket that each interval belongs to, ascending, shape (intervals,).
        interval_state: `TicketState` values as str.
        interval_start: when the state began.
        interval_end: the start of the ticket's next known interval; `as_of` for the last one.
        as_of: the instant whose knowledge this is.
        details: further str columns of the intervals by name, those of `DETAILS` that were asked for.
    """

    external_ids: Texts
    opened_at: Ints
    attributes: dict[str, Texts]
    interval_ticket: Ints
    interval_state: Texts
    interval_start: Ints
    interval_end: Ints
    as_of: int
    details: dict[str, Texts] = field(default_factory=dict)

    def __len__(self) -> int:
        """The number of tickets."""
        return len(self.external_ids)

    def select(self, population: Mapping[str, str]) -> "TicketHistories":
        """Return the tickets whose attributes are all as the population says; an empty one takes all.

        Raises:
            BadInputError: the population names an attribute that tickets do not have.
        """
        chosen = np.ones(len(self), dtype=np.bool_)
        for name, value in _known(population).items():
            chosen &= self.attributes[name] == value
        return self.where(chosen)

    def where(self, chosen: NDArray[np.bool_]) -> "TicketHistories":
        """Return the tickets marked in `chosen`, shape (tickets,), with their intervals."""
        if chosen.all():
            return self
        kept = chosen[self.interval_ticket]
        renumbered = np.cumsum(chosen, dtype=np.int64) - 1
        return TicketHistories(
            self.external_ids[chosen],
            self.opened_at[chosen],
            {name: column[chosen] for name, column in self.attributes.items()},
            renumbered[self.interval_ticket[kept]],
            self.interval_state[kept],
            self.interval_start[kept],
            self.interval_end[kept],
            self.as_of,
            {name: column[kept] for name, column in self.details.items()},
        )


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
    `DETAILS` that are wanted beside the states of the intervals.
    """
    asked = {"source": source, "customer": customer, "start": start, "end": end, "as_of": as_of}
    tickets = sorted(ticket_rows(session, ATTRIBUTES, asked), key=itemgetter(1, 2))
    wanted = tuple(name for name in DETAILS if name in details)
    intervals = interval_rows(session, wanted, asked)
    ids, opened_at = (_column(tickets, place, np.int64) for place in (0, 1))
    interval_id, started = (_column(intervals, place, np.int64) for place in (0, 1))
    ticket, order = _numbered(ids, interval_id)
    starts, seconds = started[order], int(as_utc(as_of).timestamp())
    return TicketHistories(
        _column(tickets, 2, np.object_),
        opened_at,
        {name: _column(tickets, place, np.object_) for place, name in enumerate(ATTRIBUTES, 3)},
        ticket,
        _column(intervals, 2, np.object_)[order],
        starts,
        _ends(ticket, starts, seconds),
        seconds,
        {name: _column(intervals, place, np.object_)[order] for place, name in enumerate(wanted, 3)},
    )


def tickets_by_customer(session: Session, source: str, start: datetime, end: datetime) -> dict[str, int]:
    """Count each customer's tickets opened from `start` to `end` (exclusive), the most frequent first."""
    customer, number = col(Ticket.customer), func.count()
    found = session.execute(
        select(customer, number)
        .where(col(Ticket.source) == source, col(Ticket.opened_at) >= start, col(Ticket.opened_at) < end)
        .group_by(customer)
        .order_by(number.desc(), customer)
    )
    return {customer: int(tickets) for customer, tickets in found}


def count_opened(
    session: Session,
    source: str,
    customer: str,
    start: datetime,
    end: datetime,
    as_of: datetime,
    population: Mapping[str, str],
) -> int:
    """Count a customer's tickets of a population opened from `start` to `end` and known at `as_of`.

    Tickets that were cancelled later count here: they were work that came in.

    Raises:
        BadInputError: the population names an attribute that tickets do not have.
    """
    alike = [col(getattr(Ticket, name)) == value for name, value in _known(population).items()]
    asked_for = opened(source, customer, start, end, as_of)
    found = session.execute(select(func.count()).select_from(Ticket).where(asked_for, *alike))
    return int(found.scalar_one())


def _known(population: Mapping[str, str]) -> Mapping[str, str]:
    for name in population:
        if name not in ATTRIBUTES:
            raise BadInputError(
                f"tickets have no attribute '{name}'; a population may name {', '.join(ATTRIBUTES)}"
            )
    return population


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
