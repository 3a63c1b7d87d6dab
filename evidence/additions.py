"""Adding to the evidence store: a log's tickets and intervals in sets of rows, on SQLite and PostgreSQL."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import BigInteger, bindparam, func, insert, select, type_coerce
from sqlmodel import Session, col

from evidence.logs import AuditLog
from evidence.timelines import Interval, TicketLog, intervals_of
from models.evidence import Ticket, TicketInterval

_AT_ONCE = 5_000
_Item = TypeVar("_Item")


def add_log(session: Session, source: str, log: AuditLog) -> tuple[int, int]:
    """Add a log's new tickets, and the new intervals of all its tickets; what is there is never changed.

    Two imports of one source at once wait for each other.

    Returns:
        The numbers of tickets and of intervals that the store did not have.
    """
    if session.get_bind().dialect.name == "postgresql":  # on SQLite the transaction is a lock already
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"evidence of {source}"))))
    counts = [_add_tickets(session, source, logs) for logs in _chunks(list(log.tickets.values()))]
    return sum(tickets for tickets, _ in counts), sum(intervals for _, intervals in counts)


def _add_tickets(session: Session, source: str, logs: Sequence[TicketLog]) -> tuple[int, int]:
    external_ids = [log.external_id for log in logs]
    before = _stored(session, source, external_ids)
    new = [_ticket_row(source, log) for log in logs if log.external_id not in before]
    _insert(session, Ticket, new)
    after = _stored(session, source, external_ids) if new else before
    known = _intervals(session, [ticket_id for ticket_id, _ in before.values()])
    rows = []
    for log in logs:
        ticket_id, known_at = after[log.external_id]
        stored = known[ticket_id]
        earlier = [old for old in stored if old.known_at < log.known_at] if known_at < log.known_at else []
        keys = {old.key for old in stored}
        rows += [
            _interval_row(ticket_id, interval)
            for interval in intervals_of(log, earlier)
            if interval.key not in keys
        ]
    for chunk in _chunks(rows):
        _insert(session, TicketInterval, chunk)
    return len(new), len(rows)


def _stored(session: Session, source: str, external_ids: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The id and the instant of first knowledge of each ticket that is there, by external id."""
    found = session.connection().execute(
        select(col(Ticket.external_id), col(Ticket.id), type_coerce(col(Ticket.known_at), BigInteger)).where(
            col(Ticket.source) == source, col(Ticket.external_id).in_(external_ids)
        )
    )
    return {external_id: (ticket_id, known_at) for external_id, ticket_id, known_at in found}


def _intervals(session: Session, ticket_ids: Iterable[int]) -> dict[int, list[Interval]]:
    """The intervals that are there, by ticket id, in the order of time."""
    instants = col(TicketInterval.started_at), col(TicketInterval.known_at)
    found = session.connection().execute(
        select(
            col(TicketInterval.ticket_id),
            *(type_coerce(instant, BigInteger) for instant in instants),
            col(TicketInterval.state),
            col(TicketInterval.group_name),
            col(TicketInterval.line),
            col(TicketInterval.priority),
        )
        .where(col(TicketInterval.ticket_id).in_(ticket_ids))
        .order_by(*instants, col(TicketInterval.id))
    )
    intervals = defaultdict(list)
    for ticket_id, *said in found:
        intervals[ticket_id].append(Interval(*said))
    return intervals


def _ticket_row(source: str, log: TicketLog) -> dict[str, Any]:
    return {
        "source": source,
        "external_id": log.external_id,
        "opened": log.opened_at,
        "known": log.known_at,
        **log.attributes,
    }


def _interval_row(ticket_id: int, interval: Interval) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "state": interval.state,
        "group_name": interval.group,
        "line": interval.line,
        "priority": interval.priority,
        "started": interval.started_at,
        "known": interval.known_at,
    }


def _insert(
    session: Session, table: type[Ticket] | type[TicketInterval], rows: Sequence[dict[str, Any]]
) -> None:
    """Insert rows whose instants are epoch seconds, which no datetime has to be made of."""
    if rows:
        happened = "opened" if table is Ticket else "started"
        instants = {f"{name}_at": bindparam(name, type_=BigInteger) for name in (happened, "known")}
        session.connection().execute(insert(table).values(instants), rows)


def _chunks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for first in range(0, len(items), _AT_ONCE):
        yield items[first : first + _AT_ONCE]
