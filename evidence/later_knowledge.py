"""Knowledge that came later: what became known of a stretch of time after its figures were frozen."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from models.evidence import Ticket, TicketInterval, TicketUpdate
from models.measured_values import MeasuredValue


def tickets_known_later(
    session: Session,
    source: str,
    customer: str,
    start: datetime,
    end: datetime,
    after: datetime,
    until: datetime,
    most: int | None = None,
    updates: bool = False,
) -> set[str]:
    """Return which of a customer's tickets opened in [start, end) had news between two instants.

    News is a fact that became known after `after` and no later than `until`; with `updates` also one that
    said what was known already. `most` bounds how many are looked for.
    """
    found = session.exec(
        select(Ticket.external_id)
        .join(TicketInterval, col(TicketInterval.ticket_id) == Ticket.id)
        .where(
            Ticket.source == source,
            Ticket.customer == customer,
            Ticket.opened_at >= start,
            Ticket.opened_at < end,
            Ticket.known_at <= until,
            TicketInterval.known_at <= until,
            or_(col(Ticket.known_at) > after, col(TicketInterval.known_at) > after),
        )
        .distinct()
        .limit(most)
    )
    named = set(found)
    if updates and (most is None or len(named) < most):
        named.update(
            session.exec(
                select(Ticket.external_id)
                .join(TicketUpdate, col(TicketUpdate.ticket_id) == Ticket.id)
                .where(
                    Ticket.source == source,
                    Ticket.customer == customer,
                    Ticket.opened_at >= start,
                    Ticket.opened_at < end,
                    TicketUpdate.known_at > after,
                    TicketUpdate.known_at <= until,
                )
                .distinct()
                .limit(most)
            )
        )
    return named


def values_known_later(
    session: Session,
    source: str,
    customer: str,
    start: datetime,
    end: datetime,
    after: datetime,
    until: datetime,
) -> bool:
    """Return whether a measured value of [start, end) became known between two instants, or was corrected."""
    found = session.exec(
        select(MeasuredValue.id)
        .where(
            MeasuredValue.source == source,
            MeasuredValue.customer == customer,
            MeasuredValue.starts_at < end,
            MeasuredValue.ends_at > start,
            MeasuredValue.known_at > after,
            MeasuredValue.known_at <= until,
        )
        .limit(1)
    )
    return found.first() is not None
