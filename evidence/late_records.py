"""Facts recorded long after they are said to have happened."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, func, type_coerce
from sqlmodel import Session, col, select

from models.evidence import Ticket, TicketInterval, TicketState

LATE_AFTER_S = 86_400


@dataclass(frozen=True)
class LateRecords:
    """Resolutions known at an instant, and how many were recorded over a day after the stated time."""

    resolutions: int
    late: int


def late_resolutions(
    session: Session, source: str, customer: str, start: datetime, end: datetime, as_of: datetime
) -> LateRecords:
    """Count the resolutions of a customer's tickets opened from `start` to `end` that were recorded late."""
    known, began = (
        type_coerce(col(at), BigInteger) for at in (TicketInterval.known_at, TicketInterval.started_at)
    )
    late = (known - began) > LATE_AFTER_S
    found = session.execute(
        select(func.count(), func.count().filter(late))
        .select_from(TicketInterval)
        .join(Ticket, col(Ticket.id) == col(TicketInterval.ticket_id))
        .where(
            col(Ticket.source) == source,
            col(Ticket.customer) == customer,
            col(Ticket.opened_at) >= start,
            col(Ticket.opened_at) < end,
            col(Ticket.known_at) <= as_of,
            col(TicketInterval.known_at) <= as_of,
            col(TicketInterval.state) == TicketState.RESOLVED,
        )
    ).one()
    return LateRecords(int(found[0]), int(found[1]))
