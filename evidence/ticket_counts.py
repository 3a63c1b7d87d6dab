"""How many tickets were opened: of every customer, of some, of a population."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from evidence.histories import known_attributes
from evidence.stored_rows import opened
from models.evidence import Ticket


def tickets_by_customer(
    session: Session, source: str, start: datetime, end: datetime, among: Collection[str] | None = None
) -> dict[str, int]:
    """Count each customer's tickets opened from `start` to `end` (exclusive), the most frequent first.

    `among` are the customers that are asked about; None: all of them.
    """
    customer, number = col(Ticket.customer), func.count()
    asked_about = [] if among is None else [customer.in_(among)]
    found = session.execute(
        select(customer, number)
        .where(
            col(Ticket.source) == source,
            *asked_about,
            col(Ticket.opened_at) >= start,
            col(Ticket.opened_at) < end,
        )
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
    alike = [col(getattr(Ticket, name)) == value for name, value in known_attributes(population).items()]
    asked_for = opened(source, customer, start, end, as_of)
    found = session.execute(select(func.count()).select_from(Ticket).where(asked_for, *alike))
    return int(found.scalar_one())
