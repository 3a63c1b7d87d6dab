"""An agreement with a promise of every kind that is no ticket's, and a month of evidence for them."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from evidence.measured_values import ToldValue, add_values
from models.agreements import Agreement
from models.evidence import Ticket, TicketInterval, TicketState
from tests.states.builders import (
    CUSTOMER,
    P2,
    SOURCE,
    add_tickets,
    close_period,
    monitored,
    open_period,
)

TARGETS: list[dict[str, Any]] = [
    P2,
    {"id": "UP", "indicator": "availability", "population": {"service": "E-mail"}, "objective": "99.5 %"},
    {"id": "OK", "indicator": "ratio", "measure": "requests", "objective": "99.9 %"},
    {"id": "MS", "indicator": "value", "measure": "latency", "bound": 250, "objective": "50 %"},
    {"id": "COST", "indicator": "cost", "bound": 1200},
]


def outage(session: Session, begins: datetime, lasts: timedelta) -> None:
    ticket = Ticket(
        source=SOURCE,
        external_id=f"monitor {begins:%d %H:%M}",
        customer=CUSTOMER,
        service="E-mail",
        request_type="outage",
        opened_at=begins,
        known_at=begins,
    )
    session.add(ticket)
    session.flush()
    ends = begins + lasts
    for state, at in ((TicketState.NEW, begins), (TicketState.RESOLVED, ends)):
        session.add(TicketInterval(ticket_id=ticket.id, state=state, started_at=at, known_at=at))
    session.flush()


def value(name: str, day: datetime, number: float, total: float | None = None, unit: str = "") -> ToldValue:
    start = int(day.timestamp())
    return ToldValue(
        f"{name} {start}", CUSTOMER, name, "", start, start + 3600, number, total, unit, known_at=start + 3600
    )


def month_of_every_kind(session: Session) -> Agreement:
    """Monday, 2 March 2026: signed. The month has two hours of outage, good requests and a dear invoice."""
    agreement = monitored(session, targets=[{"calendar": "office", **target} for target in TARGETS])
    period = open_period(session, agreement)
    tuesday = datetime.fromisoformat("2026-03-03T09:00Z")
    add_tickets(session, period.starts_at, 40)
    outage(session, tuesday, timedelta(hours=2))
    days = [tuesday + timedelta(days=number) for number in range(20)]
    add_values(
        session,
        SOURCE,
        [
            *(value("requests", day, 9_999, 10_000) for day in days),
            *(value("latency", day, 240 + number) for number, day in enumerate(days)),
            value("cost", tuesday, 1_180, unit="EUR"),
            value("cost", days[9], 40.5, unit="EUR"),
        ],
        int(period.closes_at.timestamp()),
    )

    close_period(session, agreement)
    return agreement
