"""What the scenes of the cycle play with: an agreement document, tickets, and an agreement's life so far."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import count
from threading import Thread
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from levels.calendars import Calendar
from levels.working_hours import WorkingHours
from mail.links import token_in
from models.agreements import Agreement, Stage
from models.approvals import Answer, ApprovalRequest, Decision, LinkPurpose
from models.assessments import ServicePeriod
from models.audit import AuditEvent
from models.evidence import Ticket, TicketInterval, TicketState
from models.letters import OutboxLetter
from models.parties import Person
from models.trials import Trial
from models.versions import AgreementVersion
from states import closing, trial_conclusion, trial_run
from states.agreement_document import AgreementDocument
from states.decisions import Answered, decide
from states.drafting import apply_document
from states.drafts import draft_of, offered_version
from states.lifecycle import advance
from states.move import Trigger
from states.open_requests import find_request

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOURCE, CUSTOMER = "desk", "Harbour Logistics"
MANAGER, PROVIDER, CUSTOMER_OWNER, BOARD, DESK = (
    "Service manager",
    "Head of delivery",
    "Business owner",
    "Managing board",
    "Terminal desk",
)
OFFICE = {"zone": "UTC", "weekly": {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}}
P2: dict[str, Any] = {
    "id": "P2",
    "population": {"priority": "2"},
    "threshold": "8 h",
    "objective": "90 %",
    "calendar": "office",
}
_numbers = count(1)


def contents(**changes: Any) -> dict[str, Any]:
    """An agreement as it stands in its YAML: complete, settled, ready to be tried."""
    whole: dict[str, Any] = {
        "reference": "SLA-1",
        "title": "Service desk for the harbour",
        "provider": {
            "name": "Northwind IT",
            "people": [
                {"name": MANAGER, "email": "manager@northwind.example", "role": "manager"},
                {"name": PROVIDER, "email": "operations@northwind.example"},
            ],
        },
        "customer": {
            "name": CUSTOMER,
            "people": [
                {"name": CUSTOMER_OWNER, "email": "business@harbour.example", "zone": "Europe/Berlin"},
                {"name": BOARD, "email": "managing@harbour.example", "role": "senior management"},
                {"name": DESK, "email": "terminal@harbour.example", "role": "user"},
            ],
        },
        "owner": "manager@northwind.example",
        "services": ["E-mail"],
        "evidence_source": SOURCE,
        "trial_days": 21,
        "review_period": "month",
        "calendars": {"office": OFFICE},
        "targets": [P2],
        "requirements": [
            {"text": "Mail comes back the same day", "target": "P2", "settlement": "accepted"},
        ],
        "responsibilities": [
            {"side": "provider", "text": "Record every ticket"},
            {"side": "customer", "text": "Answer questions"},
        ],
        "signatories": [
            {"email": "operations@northwind.example", "side": "provider"},
            {"email": "business@harbour.example", "side": "customer"},
        ],
    }
    return whole | changes


def document(**changes: Any) -> AgreementDocument:
    return AgreementDocument.model_validate(contents(**changes))


@lru_cache
def office_hours() -> Calendar:
    return Calendar.compile(WorkingHours.model_validate(OFFICE), date(2025, 1, 1), date(2028, 12, 31))


def add_ticket(session: Session, opened_at: datetime, hours: float | None = 1, **options: Any) -> None:
    """Insert a ticket resolved after so many working hours, or open still."""
    _insert(session, [opened_at], hours, **options)


def add_tickets(
    session: Session, start: datetime, number: int, hours: float | None = 1, **options: Any
) -> None:
    """Insert tickets an hour of working time apart, from the first working time after `start`."""
    if number:
        steps = [step * 3600 for step in range(number)]
        opened = [
            office_hours().due(start, step, at_close="next_open", zero_budget="next_open") for step in steps
        ]
        _insert(session, opened, hours, **options)


def _insert(
    session: Session,
    opened: list[datetime],
    hours: float | None,
    *,
    priority: str = "2",
    source: str = SOURCE,
    customer: str = CUSTOMER,
    known_late: timedelta = timedelta(0),
    **told: str,
) -> None:
    """Insert tickets, each fact of which is known so much later than it happens; `told` is of each."""
    named = {"source": source, "customer": customer, "priority": priority}
    numbers = session.scalars(
        insert(Ticket).returning(col(Ticket.id), sort_by_parameter_order=True),
        [
            {
                **named,
                "external_id": f"T{next(_numbers):06}",
                "requester": "",
                "service": "E-mail",
                "request_type": "",
                "category": "",
                "parent": "",
                "opened_at": at,
                "known_at": at + known_late,
                **told,
            }
            for at in opened
        ],
    ).all()
    session.execute(
        insert(TicketInterval),
        [
            {
                "ticket_id": number,
                "state": state,
                "group_name": "",
                "line": "",
                "priority": priority,
                "started_at": started,
                "known_at": started + known_late,
            }
            for number, at in zip(numbers, opened, strict=True)
            for state, started in _life(at, hours)
        ],
    )


def _life(opened: datetime, hours: float | None) -> list[tuple[TicketState, datetime]]:
    new = [(TicketState.NEW, opened)]
    if hours is None:
        return new
    return [*new, (TicketState.RESOLVED, office_hours().due(opened, hours * 3600))]


def written(session: Session, at: datetime = MONDAY, **changes: Any) -> Agreement:
    """An agreement in requirements, complete and settled unless changed."""
    return apply_document(session, document(**changes), MANAGER, at)


def rewrite(session: Session, at: datetime = MONDAY, **changes: Any) -> Agreement:
    return apply_document(session, document(**changes), MANAGER, at)


def move(session: Session, agreement: Agreement, trigger: Trigger, at: datetime, **options: Any) -> Agreement:
    """Let the manager move the agreement."""
    return advance(session, agreement, trigger, MANAGER, at, **options)


def in_trial(session: Session, at: datetime = MONDAY, **changes: Any) -> Agreement:
    return move(session, written(session, at, **changes), Trigger.START_TRIAL, at)


def trial_of(session: Session, agreement: Agreement) -> Trial:
    trial = trial_run.latest_trial(session, agreement)
    assert trial is not None
    return trial


def conclude(session: Session, agreement: Agreement, at: datetime | None = None) -> Trial:
    trial = trial_of(session, agreement)
    trial_conclusion.conclude(session, agreement, trial, at or trial.closes_at)
    session.flush()
    return trial


def offered(session: Session, at: datetime = MONDAY, **changes: Any) -> Agreement:
    """An agreement in signing, without a trial."""
    agreement = written(session, at, **changes)
    return move(session, agreement, Trigger.SKIP_TRIAL, at, reason="the service is well known")


def draft(agreement: Agreement) -> AgreementVersion:
    found = draft_of(agreement)
    assert found is not None
    return found


def offer(agreement: Agreement) -> AgreementVersion:
    found = offered_version(agreement)
    assert found is not None
    return found


def letters(session: Session, kind: str | None = None) -> list[OutboxLetter]:
    """Every letter, or those of a kind, in the order of writing."""
    wanted = select(OutboxLetter).order_by(col(OutboxLetter.id))
    return list(session.exec(wanted.where(OutboxLetter.kind == kind) if kind else wanted))


def readers(session: Session, kind: str) -> list[str]:
    """The names of those who got a letter of this kind, in order of name."""
    return sorted(letter.to_name for letter in letters(session, kind))


def token_to(session: Session, name: str, purpose: LinkPurpose = LinkPurpose.DECISION) -> str:
    """The token in the newest letter to a person that carries one."""
    tokens = [token_in(letter.text, purpose) for letter in letters(session) if letter.to_name == name]
    found = [token for token in tokens if token]
    assert found, f"nobody asked {name}"
    return found[-1]


def request_to(session: Session, name: str) -> ApprovalRequest:
    return find_request(session, token_to(session, name))


def answer(
    session: Session, name: str, at: datetime, answered: Answer = Answer.APPROVE, reason: str = ""
) -> Decision:
    """Let a person answer the newest letter that asks for a decision."""
    return decide(session, request_to(session, name), Answered(answered, name, reason), at)


def sign_all(session: Session, agreement: Agreement, at: datetime) -> Agreement:
    """Let every signatory approve."""
    for signatory in list(offer(agreement).signatories):
        answer(session, signatory.person.name, at)
    assert agreement.stage == Stage.MONITORING
    return agreement


def monitored(session: Session, at: datetime = MONDAY, **changes: Any) -> Agreement:
    return sign_all(session, offered(session, at, **changes), at + timedelta(hours=1))


def open_period(session: Session, agreement: Agreement) -> ServicePeriod:
    return session.exec(
        select(ServicePeriod)
        .where(ServicePeriod.agreement_id == agreement.id, col(ServicePeriod.closed_at).is_(None))
        .order_by(col(ServicePeriod.starts_at))
    ).one()


def close_period(session: Session, agreement: Agreement, at: datetime | None = None) -> ServicePeriod:
    """Assess the agreement's open period, as soon as that is due."""
    period = open_period(session, agreement)
    closing.close_period(session, agreement, period, at or period.closes_at)
    session.flush()
    return period


def in_review(session: Session, hits: int = 10, misses: int = 30, **changes: Any) -> Agreement:
    """An agreement whose first period is under review; by default its target is not met."""
    agreement = monitored(session, **changes)
    start, source = open_period(session, agreement).starts_at, agreement.evidence_source
    add_tickets(session, start, hits, hours=1, source=source)
    add_tickets(session, start, misses, hours=11, source=source)
    period = close_period(session, agreement)
    return move(session, agreement, Trigger.BEGIN_REVIEW, period.closes_at)


def in_renegotiation(session: Session, hits: int = 10, misses: int = 30, **changes: Any) -> Agreement:
    agreement = in_review(session, hits, misses, **changes)
    return move(session, agreement, Trigger.RENEGOTIATE, agreement.stage_since, reason="asked for")


def loosened(session: Session, agreement: Agreement, hours: int = 12) -> Agreement:
    """Give the draft's target a threshold that everything keeps."""
    draft(agreement).targets[0].threshold_s = hours * 3600
    session.flush()
    return agreement


def figure(session: Session, agreement: Agreement) -> tuple[object, ...]:
    """All that a refused move must leave alone."""
    session.flush()
    session.refresh(agreement)
    number = func.count()
    return (
        agreement.stage,
        agreement.stage_since,
        agreement.row_version,
        [(row.number, row.status, row.sha256) for row in agreement.versions],
        session.exec(
            select(number).select_from(AuditEvent).where(AuditEvent.agreement_id == agreement.id)
        ).one(),
        session.exec(select(number).select_from(OutboxLetter)).one(),
    )


def person(session: Session, name: str) -> Person:
    return session.exec(select(Person).where(Person.name == name)).one()


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do each work in a thread of its own; what they return, or the exceptions they raise, in order."""
    results: list[object] = [None] * len(works)

    def run(place: int) -> None:
        try:
            results[place] = works[place]()
        except Exception as error:
            results[place] = error

    threads = [Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
