"""Tickets whose lives are told step by step, as scenes about stopwatches need them."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from models.evidence import Ticket, TicketInterval, TicketState
from tests.states.builders import CUSTOMER, SOURCE


class Happened(NamedTuple):
    """A ticket's state from an instant on, known at once."""

    state: TicketState
    at: datetime
    line: str = ""
    priority: str = ""
    group: str = ""


def ticket_with(
    session: Session,
    name: str,
    *states: tuple[TicketState, datetime] | Happened,
    priority: str = "2",
    service: str = "",
    request_type: str = "",
) -> None:
    """Insert a ticket that went through these states; it keeps its priority where no other is told."""
    told = [Happened(*state) for state in states]
    opened = told[0].at
    ticket = Ticket(
        source=SOURCE,
        external_id=name,
        customer=CUSTOMER,
        priority=priority,
        service=service,
        request_type=request_type,
        opened_at=opened,
        known_at=opened,
    )
    session.add(ticket)
    session.flush()
    for state, at, line, changed, group in told:
        session.add(
            TicketInterval(
                ticket_id=ticket.id,
                state=state,
                line=line,
                group_name=group,
                priority=changed or priority,
                started_at=at,
                known_at=at,
            )
        )
    session.flush()
