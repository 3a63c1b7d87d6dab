"""Approval requests: asking each signatory about one sealed version, reminding, voiding, expiring."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.policy import policy
from levels.calendars import Calendar
from levels.working_hours import WorkingHours
from mail import keys, links
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import ApprovalRequest, LinkPurpose, RequestState
from models.versions import AgreementVersion
from states import audit
from states.drafts import differences, version_in_force
from states.move import SWEEP
from states.promises import promise_of


def requests_for(session: Session, version: AgreementVersion) -> list[ApprovalRequest]:
    """Return every request about a version, in the order in which they were made."""
    return list(
        session.exec(
            select(ApprovalRequest)
            .where(ApprovalRequest.version_id == version.id)
            .order_by(col(ApprovalRequest.id))
        )
    )


def ask_signatories(session: Session, agreement: Agreement, version: AgreementVersion, at: datetime) -> None:
    """Ask every signatory of a sealed version, by a letter with a secret link of its own."""
    assert version.sha256 is not None, "only a sealed version is asked about"
    for signatory in version.signatories:
        request = ApprovalRequest(
            agreement_id=agreement.id,
            version_id=version.id,
            person=signatory.person,
            sha256=version.sha256,
            required=signatory.required,
            asked_at=at,
            due_at=at + timedelta(days=policy().approvals.days_to_answer),
            next_reminder_at=next_reminder(at),
        )
        session.add(request)
        session.flush()
        _ask(session, agreement, version, request, at)
        audit.append(
            session,
            agreement,
            "approval asked",
            SWEEP,
            at,
            request=request.id,
            person=signatory.person.name,
            sha256=version.sha256,
        )


def _ask(
    session: Session, agreement: Agreement, version: AgreementVersion, request: ApprovalRequest, at: datetime
) -> None:
    in_force = version_in_force(agreement)
    post(
        session,
        "approval_request",
        request.person,
        key=keys.approval_request(request),
        at=at,
        agreement=agreement,
        version=version,
        link=_link(session, request, at),
        due_at=request.due_at,
        changes=differences(in_force, version) if in_force else [],
        targets=[{"key": target.key, "promise": promise_of(target)} for target in version.targets],
        waiver=version.waiver,
        risks=[f"{row.key}: {row.accepted_risk}" for row in version.targets if row.accepted_risk],
    )


def _link(session: Session, request: ApprovalRequest, at: datetime) -> str:
    return links.issue_link(session, LinkPurpose.DECISION, request.id, request.person, at)


def next_reminder(at: datetime) -> datetime:
    """Return when to remind after `at`: so many working days (Monday to Friday) later, same time."""
    workdays = WorkingHours(
        zone="UTC", weekly={day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    )
    days = policy().approvals.reminder_after_days
    calendar = Calendar.compile(workdays, at.date(), at.date() + timedelta(days=2 * days + 7))
    return calendar.due(at, days * 86_400, at_close="next_open")


def remind(session: Session, request: ApprovalRequest, at: datetime) -> None:
    """Remind a signatory by a letter with a fresh link; after the last reminder the owner is told."""
    agreement = session.get_one(Agreement, request.agreement_id)
    version = session.get_one(AgreementVersion, request.version_id)
    if request.reminders >= policy().approvals.most_reminders:
        request.next_reminder_at = None
        _escalate(session, agreement, version, request, at, keys.approval_escalation(request))
        audit.append(session, agreement, "approval escalated", SWEEP, at, request=request.id)
        return
    request.reminders += 1
    request.next_reminder_at = next_reminder(at)
    post(
        session,
        "approval_reminder",
        request.person,
        key=keys.approval_reminder(request, request.reminders),
        at=at,
        agreement=agreement,
        version=version,
        link=_link(session, request, at),
        due_at=request.due_at,
        number=request.reminders,
    )
    audit.append(
        session, agreement, "approval reminded", SWEEP, at, request=request.id, number=request.reminders
    )


def expire(session: Session, request: ApprovalRequest, at: datetime) -> None:
    """Close a request whose time has run out, and tell the owner, who may rework and ask anew."""
    request.state, request.next_reminder_at = RequestState.EXPIRED, None
    agreement = session.get_one(Agreement, request.agreement_id)
    version = session.get_one(AgreementVersion, request.version_id)
    _escalate(session, agreement, version, request, at, keys.approval_expired(request))
    audit.append(session, agreement, "approval expired", SWEEP, at, request=request.id)


def _escalate(
    session: Session,
    agreement: Agreement,
    version: AgreementVersion,
    request: ApprovalRequest,
    at: datetime,
    key: str,
) -> None:
    undecided = [asked.person.name for asked in requests_for(session, version) if asked.decision is None]
    post(
        session,
        "approval_escalation",
        agreement.owner,
        key=key,
        at=at,
        agreement=agreement,
        version=version,
        waiting=undecided,
        due_at=request.due_at,
    )


def reminders_due(at: datetime) -> SelectOfScalar[ApprovalRequest]:
    """Select the open requests whose next reminder is due."""
    return (
        select(ApprovalRequest)
        .where(
            ApprovalRequest.state == RequestState.OPEN,
            col(ApprovalRequest.next_reminder_at) <= at,
            ApprovalRequest.due_at > at,
        )
        .order_by(col(ApprovalRequest.id))
    )


def requests_run_out(at: datetime) -> SelectOfScalar[ApprovalRequest]:
    """Select the open requests whose time to answer is over."""
    return (
        select(ApprovalRequest)
        .where(ApprovalRequest.state == RequestState.OPEN, ApprovalRequest.due_at <= at)
        .order_by(col(ApprovalRequest.id))
    )


def void_open(session: Session, agreement: Agreement, at: datetime, reason: str, *, tell: bool) -> None:
    """Void every open request of an agreement; with `tell`, each holder gets a letter that says so."""
    open_requests = session.exec(
        select(ApprovalRequest).where(
            ApprovalRequest.agreement_id == agreement.id, ApprovalRequest.state == RequestState.OPEN
        )
    ).all()
    for request in open_requests:
        request.state, request.void_reason, request.next_reminder_at = RequestState.VOID, reason, None
        audit.append(session, agreement, "approval void", SWEEP, at, request=request.id, reason=reason)
        if tell:
            post(
                session,
                "approval_void",
                request.person,
                key=keys.approval_void(request),
                at=at,
                agreement=agreement,
                version=session.get_one(AgreementVersion, request.version_id),
                reason=reason,
            )
