"""Tickets that go through steps, and an OLA that carries one: what the scenes of support play with."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlmodel import Session

from models.agreements import Agreement
from models.evidence import Ticket, TicketInterval, TicketState
from states.agreement_document import AgreementDocument
from states.drafting import apply_document
from states.move import Trigger
from tests.states.builders import (
    CUSTOMER,
    MANAGER,
    MONDAY,
    OFFICE,
    P2,
    SOURCE,
    contents,
    office_hours,
    sign_all,
)
from tests.states.builders import move as moved

DESK, BACK, SUPPLIER = "first line", "back office", "supplier"
OPERATIONS = "Head of operations"
_numbers = count(1)


def step(name: str, budget: str, carried_by: str, objective: str = "95 %", **further: Any) -> dict[str, Any]:
    return {
        "target": "P2",
        "step": name,
        "budget": budget,
        "objective": objective,
        "carried_by": carried_by,
        **further,
    }


TEAMS = [step(DESK, "2 h", "Service desk"), step(BACK, "6 h", "Operations")]
ON_OLA = [step(DESK, "2 h", "Service desk"), step(BACK, "6 h", "OLA-1", supporting_target="P2")]


def worked(
    session: Session,
    opened: datetime,
    *parts: tuple[str, float],
    groups: bool = False,
    known: datetime | None = None,
) -> None:
    """Insert a resolved ticket that so many working hours were spent on in one line after the other.

    `known` is when all of it became known, as it happens by default.
    """
    ticket = Ticket(
        source=SOURCE,
        external_id=f"S{next(_numbers):06}",
        customer=CUSTOMER,
        priority="2",
        opened_at=opened,
        known_at=known or opened,
    )
    session.add(ticket)
    session.flush()
    at, states = opened, [(TicketState.IN_PROGRESS, opened, parts[0][0])]
    for place, (line, hours) in enumerate(parts):
        at = office_hours().due(at, round(hours * 3600))
        following = parts[place + 1][0] if place + 1 < len(parts) else line
        done = place + 1 == len(parts)
        states.append((TicketState.RESOLVED if done else TicketState.IN_PROGRESS, at, following))
    for state, started, line in states:
        session.add(
            TicketInterval(
                ticket_id=ticket.id,
                state=state,
                line="" if groups else line,
                group_name=line if groups else "",
                started_at=started,
                known_at=known or started,
            )
        )
    session.flush()


def working_days(start: datetime, number: int) -> list[datetime]:
    """So many instants, a working hour apart."""
    hours = office_hours()
    return [
        hours.due(start, place * 3600, at_close="next_open", zero_budget="next_open")
        for place in range(number)
    ]


def a_quiet_spring(session: Session, groups: bool = False) -> None:
    """Twenty tickets in the weeks before: an hour at the desk; half of them two more behind it; one slow."""
    for place, opened in enumerate(working_days(MONDAY - timedelta(weeks=6), 20)):
        behind = [(BACK, 30.0 if place == 1 else 2.0)] if place % 2 else []
        worked(session, opened, (DESK, 1.0), *behind, groups=groups)


def ola_document(**changes: Any) -> AgreementDocument:
    """An agreement between the service desk's organisation and its operations."""
    document = contents(
        reference="OLA-1",
        kind="OLA",
        title="Operations for the service desk",
        provider={
            "name": "Northwind Operations",
            "people": [{"name": OPERATIONS, "email": "head@operations.example", "role": "manager"}],
        },
        customer=contents()["provider"],
        owner="head@operations.example",
        targets=[P2 | {"threshold": "6 h", "objective": "96 %"}],
        calendars={"office": OFFICE},
        signatories=[
            {"email": "head@operations.example", "side": "provider"},
            {"email": "operations@northwind.example", "side": "customer"},
        ],
    )
    return AgreementDocument.model_validate(document | changes)


def ola(session: Session, at: datetime = MONDAY, **changes: Any) -> Agreement:
    """The OLA as it is written, not in force."""
    return apply_document(session, ola_document(**changes), MANAGER, at)


def ola_in_force(session: Session, at: datetime = MONDAY - timedelta(days=7), **changes: Any) -> Agreement:
    agreement = ola(session, at, **changes)
    moved(session, agreement, Trigger.SKIP_TRIAL, at, reason="as it has been for years")
    return sign_all(session, agreement, at + timedelta(hours=1))
