"""One approval request: opened with its dates, told of by letter, recorded, whatever it is about."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from config.policy import policy
from levels.calendars import Calendar
from levels.working_hours import WorkingHours
from mail import links
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import ApprovalRequest, LinkPurpose
from models.exclusions import Exclusion
from models.parties import Person
from models.versions import AgreementVersion, Signatory
from states import audit
from states.exclusion_texts import scope_of
from states.move import SWEEP


def open_request(
    session: Session,
    agreement: Agreement,
    version: AgreementVersion,
    signatory: Signatory,
    sha256: str,
    at: datetime,
    exclusion_id: int | None = None,
) -> ApprovalRequest:
    """Add an open request to one signatory about the text with this hash, its dates set by policy."""
    request = ApprovalRequest(
        agreement_id=agreement.id,
        version_id=version.id,
        exclusion_id=exclusion_id,
        person=signatory.person,
        sha256=sha256,
        required=signatory.required,
        asked_at=at,
        due_at=at + timedelta(days=policy().approvals.days_to_answer),
        next_reminder_at=next_reminder(at),
    )
    session.add(request)
    session.flush()
    return request


def next_reminder(at: datetime) -> datetime:
    """Return when to remind after `at`: so many working days (Monday to Friday) later, same time."""
    workdays = WorkingHours(
        zone="UTC", weekly={day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    )
    days = policy().approvals.reminder_after_days
    calendar = Calendar.compile(workdays, at.date(), at.date() + timedelta(days=2 * days + 7))
    return calendar.due(at, days * 86_400, at_close="next_open")


def decision_link(session: Session, request: ApprovalRequest, at: datetime) -> str:
    """Return a new secret address at which the request's person decides."""
    return links.issue_link(session, LinkPurpose.DECISION, request.id, request.person, at)


def tell_of(
    session: Session,
    agreement: Agreement,
    request: ApprovalRequest,
    what: str,
    person: Person,
    key: str,
    at: datetime,
    **context: Any,
) -> None:
    """Write a letter about a request, such as its "reminder", in the words of what the request is about."""
    context["version"] = session.get_one(AgreementVersion, request.version_id)
    if request.exclusion_id is not None:
        exclusion = session.get_one(Exclusion, request.exclusion_id)
        context |= {"exclusion": exclusion, "scope": scope_of(exclusion)}
    post(session, f"{_subject(request)}_{what}", person, key=key, at=at, agreement=agreement, **context)


def record(
    session: Session, agreement: Agreement, request: ApprovalRequest, what: str, at: datetime, **data: Any
) -> None:
    """Append to the audit trail what happened to a request, such as that it "expired"."""
    if request.exclusion_id is not None:
        data["exclusion"] = request.exclusion_id
    audit.append(session, agreement, f"{_subject(request)} {what}", SWEEP, at, request=request.id, **data)


def _subject(request: ApprovalRequest) -> str:
    return "approval" if request.exclusion_id is None else "exclusion"
