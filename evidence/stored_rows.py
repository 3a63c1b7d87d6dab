"""The rows of customers' tickets and of their intervals, as the database's driver gives them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias, cast

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.sql import ColumnElement
from sqlmodel import Session, col

from models.evidence import Ticket, TicketInterval, TicketUpdate

Rows: TypeAlias = Sequence[tuple[Any, ...]]
"""Instants are whole seconds, states are text."""

_TICKET = ("customer", "opened_at", "external_id", "id")
_INTERVAL = ("ticket_id", "started_at", "state")
_ORDER = ("ticket_id", "started_at", "known_at", "id")


def ticket_rows(session: Session, further: tuple[str, ...], asked: Mapping[str, object]) -> Rows:
    """Read customer, opened_at, external_id, id and `further` columns of tickets, in no order.

    Args:
        session: of the database.
        further: names of columns of `Ticket`.
        asked: what `opened` takes, by name, but for the `customers`, which are several.
    """
    return _fetched(session, _tickets(further), asked)


def interval_rows(session: Session, further: tuple[str, ...], asked: Mapping[str, object]) -> Rows:
    """Read ticket_id, started_at, state and `further` columns of the same tickets' intervals.

    Those of a ticket stand together, in the order of time; arguments are as for `ticket_rows`.
    """
    return _fetched(session, _intervals(further), asked)


def named_by_feed(session: Session, source: str, as_of: datetime, detail: str) -> bool:
    """Tell whether a feed names a detail of any interval, such as its line, as was known at `as_of`."""
    found = (
        select(col(TicketInterval.id))
        .join(Ticket, col(Ticket.id) == col(TicketInterval.ticket_id))
        .where(
            col(Ticket.source) == source,
            col(TicketInterval.known_at) <= as_of,
            col(getattr(TicketInterval, detail)) != "",
        )
        .limit(1)
    )
    return session.connection().execute(found).first() is not None


def update_rows(session: Session, asked: Mapping[str, object]) -> Rows:
    """Read ticket_id and at of the same tickets' updates that began no interval, in the order of time."""
    return _fetched(session, _UPDATES, asked)


def opened(
    source: str, customer: str, start: datetime, end: datetime, as_of: datetime
) -> ColumnElement[bool]:
    """Tell a customer's tickets that were opened from `start` to `end` (exclusive) and known at `as_of`."""
    return (col(Ticket.customer) == customer) & _opened(source, start, end, as_of)


def _opened(
    source: str | BindParameter[str],
    start: datetime | BindParameter[datetime],
    end: datetime | BindParameter[datetime],
    as_of: datetime | BindParameter[datetime],
) -> ColumnElement[bool]:
    return (
        (col(Ticket.source) == source)
        & (col(Ticket.opened_at) >= start)
        & (col(Ticket.opened_at) < end)
        & (col(Ticket.known_at) <= as_of)
    )


_ASKED_FOR = col(Ticket.customer).in_(bindparam("customers", expanding=True)) & _opened(
    *(bindparam(name) for name in ("source", "start", "end", "as_of"))
)


_UPDATES = (
    select(col(TicketUpdate.ticket_id), col(TicketUpdate.at))
    .join(Ticket, col(Ticket.id) == col(TicketUpdate.ticket_id))
    .where(_ASKED_FOR, col(TicketUpdate.known_at) <= bindparam("as_of"))
    .order_by(col(TicketUpdate.ticket_id), col(TicketUpdate.at))
)


# A statement is built once: for a customer with few tickets that takes longer than the database's answer.
@cache
def _tickets(further: tuple[str, ...]) -> Select[Any]:
    return select(*(col(getattr(Ticket, name)) for name in (*_TICKET, *further))).where(_ASKED_FOR)


@cache
def _intervals(further: tuple[str, ...]) -> Select[Any]:
    return (
        select(*(col(getattr(TicketInterval, name)) for name in (*_INTERVAL, *further)))
        .join(Ticket, col(Ticket.id) == col(TicketInterval.ticket_id))
        .where(_ASKED_FOR, col(TicketInterval.known_at) <= bindparam("as_of"))
        .order_by(*(col(getattr(TicketInterval, name)) for name in _ORDER))
    )


def _fetched(session: Session, statement: Select[Any], asked: Mapping[str, object]) -> Rows:
    """All rows past SQLAlchemy's own, which would take as long again to make."""
    result = session.connection().execute(statement, asked)
    rows = cast(Rows, result.cursor.fetchall())
    result.close()
    return rows
