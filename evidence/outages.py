"""Outages read from the evidence: tickets of the type `outage`, and when each of them stood."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, true
from sqlmodel import Session, col, exists, or_, select

from config.errors import BadInputError
from evidence.histories import ATTRIBUTES
from models.evidence import Ticket, TicketInterval, TicketState
from models.measured_values import MeasuredValue

OUTAGE = "outage"
_OVER = (TicketState.RESOLVED, TicketState.CLOSED, TicketState.CANCELLED)


@dataclass(frozen=True)
class Outage:
    """An outage as it was known.

    Attributes:
        external_id: the number of its ticket.
        attributes: of its ticket, one for each of `evidence.store.ATTRIBUTES`.
        stretches: when it stood, as (start, end) in epoch seconds, the end exclusive; several where it was
            reopened. One that still stands ends with what was asked for.
    """

    external_id: str
    attributes: Mapping[str, str]
    stretches: tuple[tuple[int, int], ...]


def hits_everybody(ticket: Ticket) -> bool:
    """Whether a ticket is an outage that names no customer."""
    return ticket.request_type == OUTAGE and not ticket.customer


def concerns(customer: str) -> ColumnElement[bool]:
    """Tell a customer's tickets: its own, and the outages that hit everybody."""
    of_everybody = (col(Ticket.request_type) == OUTAGE) & (col(Ticket.customer) == "")
    return (col(Ticket.customer) == customer) | of_everybody


def read_outages(
    session: Session,
    source: str,
    customer: str,
    population: Mapping[str, str],
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> list[Outage]:
    """Read the outages that stood at some time from `start` to `end` (exclusive), as known at `as_of`.

    Those of a customer are its own and those that name no customer, which hit everybody. One that began
    before `start` and was not over by then is among them. One that stands cancelled was none.

    Returns:
        The outages in the order of their opening, then of their external id. Stretches are cut at the earlier
        of `end` and `as_of`, not at `start`.

    Raises:
        BadInputError: the population names an attribute that tickets do not have.
    """
    chosen = _chosen(source, customer, population, start, end, as_of)
    tickets = session.exec(select(Ticket).where(chosen)).all()
    changes: dict[int, list[tuple[int, TicketState]]] = defaultdict(list)
    for ticket_id, at, state in session.exec(
        select(TicketInterval.ticket_id, TicketInterval.started_at, TicketInterval.state)
        .join(Ticket, col(Ticket.id) == col(TicketInterval.ticket_id))
        .where(chosen, col(TicketInterval.known_at) <= as_of)
        .order_by(col(TicketInterval.started_at), col(TicketInterval.known_at), col(TicketInterval.id))
    ):
        changes[ticket_id].append((int(at.timestamp()), TicketState(state)))
    until = int(min(end, as_of).timestamp())
    found = [_outage(ticket, changes[ticket.id], until) for ticket in tickets]
    return sorted(
        (outage for outage in found if outage.stretches),
        key=lambda outage: (outage.stretches[0], outage.external_id),
    )


def watched_since(session: Session, source: str, customer: str, as_of: datetime) -> datetime | None:
    """Return since when a source would have told of a customer's outages, as known at `as_of`.

    That is the first instant of which it told anything, of the customer or of everybody. A source that never
    recorded an outage of anybody, nor measured a value, does not watch: None.
    """
    known = (
        select(col(table.id)).where(col(table.source) == source, col(table.known_at) <= as_of, watches)
        for table, watches in (
            (Ticket, col(Ticket.request_type) == literal(OUTAGE, literal_execute=True)),
            (MeasuredValue, true()),
        )
    )
    if all(session.exec(found.limit(1)).first() is None for found in known):
        return None
    firsts = (
        select(func.min(begins)).where(
            col(table.source) == source, col(table.customer) == name, col(table.known_at) <= as_of
        )
        for table, begins in ((Ticket, Ticket.opened_at), (MeasuredValue, MeasuredValue.starts_at))
        for name in (customer, "")
    )
    return min((first for found in firsts if (first := session.exec(found).one()) is not None), default=None)


def _chosen(
    source: str,
    customer: str,
    population: Mapping[str, str],
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> ColumnElement[bool]:
    unknown = [name for name in population if name not in ATTRIBUTES]
    if unknown:
        raise BadInputError(
            f"outages have no attribute '{unknown[0]}'; a population may name {', '.join(ATTRIBUTES)}"
        )
    wanted = col(Ticket.source) == source
    # written out in the statement, so that an index of outages alone can be used
    wanted &= col(Ticket.request_type) == literal(OUTAGE, literal_execute=True)
    for name, value in population.items():
        wanted &= col(getattr(Ticket, name)) == value
    wanted &= col(Ticket.customer).in_({customer, ""})
    wanted &= (col(Ticket.opened_at) < end) & (col(Ticket.known_at) <= as_of)
    return wanted & or_(col(Ticket.opened_at) >= start, _stood_at(start, as_of), _stood_after(start, as_of))


def _stood_at(start: datetime, as_of: datetime) -> ColumnElement[bool]:
    """Whether a ticket's state at `start` was none that ends an outage."""
    state = (
        select(TicketInterval.state)
        .where(
            TicketInterval.ticket_id == Ticket.id,
            col(TicketInterval.started_at) <= start,
            col(TicketInterval.known_at) <= as_of,
        )
        .order_by(
            col(TicketInterval.started_at).desc(),
            col(TicketInterval.known_at).desc(),
            col(TicketInterval.id).desc(),
        )
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )
    return func.coalesce(state, TicketState.NEW.value).not_in([over.value for over in _OVER])


def _stood_after(start: datetime, as_of: datetime) -> ColumnElement[bool]:
    """Whether a ticket was reopened after `start`."""
    return exists(
        select(TicketInterval.id)
        .where(
            TicketInterval.ticket_id == Ticket.id,
            col(TicketInterval.started_at) > start,
            col(TicketInterval.known_at) <= as_of,
            col(TicketInterval.state).not_in(_OVER),
        )
        .correlate(Ticket)
    )


def _outage(ticket: Ticket, changes: list[tuple[int, TicketState]], until: int) -> Outage:
    opened = int(ticket.opened_at.timestamp())
    begins = [(opened, TicketState.NEW), *changes]
    ends = [at for at, _ in begins[1:]] + [until]
    stretches: list[tuple[int, int]] = []
    for (begin, state), over in zip(begins, ends, strict=True):
        over = min(over, until)
        if state in _OVER or over <= begin:
            continue
        if stretches and stretches[-1][1] == begin:
            stretches[-1] = (stretches[-1][0], over)
        else:
            stretches.append((begin, over))
    if begins[-1][1] is TicketState.CANCELLED:
        stretches = []
    return Outage(ticket.external_id, {name: getattr(ticket, name) for name in ATTRIBUTES}, tuple(stretches))
