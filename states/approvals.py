"""Approval requests: asking about a sealed version or an exclusion, reminding, voiding, expiring."""

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.policy import policy
from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import ApprovalRequest, RequestState
from models.exclusions import Exclusion
from models.versions import AgreementVersion
from states import audit
from states.approval_requests import decision_link, next_reminder, open_request, record, tell_of
from states.drafts import differences, version_in_force
from states.move import SWEEP
from states.promises import promise_of


def requests_for(session: Session, version: AgreementVersion) -> list[ApprovalRequest]:
    """Return every request to sign a version, in the order in which they were made.

    Requests about exclusions under it are none of them.
    """
    return list(
        session.exec(
            select(ApprovalRequest)
            .where(ApprovalRequest.version_id == version.id, col(ApprovalRequest.exclusion_id).is_(None))
            .order_by(col(ApprovalRequest.id))
        )
    )


def requests_about(session: Session, exclusion: Exclusion) -> list[ApprovalRequest]:
    """Return every request about an exclusion, in the order in which they were made."""
    return list(
        session.exec(
            select(ApprovalRequest)
            .where(ApprovalRequest.exclusion_id == exclusion.id)
            .order_by(col(ApprovalRequest.id))
        )
    )


def ask_signatories(session: Session, agreement: Agreement, version: AgreementVersion, at: datetime) -> None:
    """Ask every signatory of a sealed version, by a letter with a secret link of its own."""
    assert version.sha256 is not None, "only a sealed version is asked about"
    for signatory in version.signatories:
        request = open_request(session, agreement, version, signatory, version.sha256, at)
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
        link=decision_link(session, request, at),
        due_at=request.due_at,
        changes=differences(in_force, version) if in_force else [],
        targets=[{"key": target.key, "promise": promise_of(target)} for target in version.targets],
        waiver=version.waiver,
        risks=[f"{row.key}: {row.accepted_risk}" for row in version.targets if row.accepted_risk],
    )


def remind(session: Session, request: ApprovalRequest, at: datetime) -> None:
    """Remind a signatory by a letter with a fresh link; after the last reminder the owner is told."""
    agreement = session.get_one(Agreement, request.agreement_id)
    if request.reminders >= policy().approvals.most_reminders:
        request.next_reminder_at = None
        _escalate(session, agreement, request, at, keys.approval_escalation(request))
        record(session, agreement, request, "escalated", at)
        return
    request.reminders += 1
    request.next_reminder_at = next_reminder(at)
    tell_of(
        session,
        agreement,
        request,
        "reminder",
        request.person,
        keys.approval_reminder(request, request.reminders),
        at,
        link=decision_link(session, request, at),
        due_at=request.due_at,
        number=request.reminders,
    )
    record(session, agreement, request, "reminded", at, number=request.reminders)


def expire(session: Session, request: ApprovalRequest, at: datetime) -> None:
    """Close a request whose time has run out, and tell the owner, who may ask anew."""
    request.state, request.next_reminder_at = RequestState.EXPIRED, None
    agreement = session.get_one(Agreement, request.agreement_id)
    _escalate(session, agreement, request, at, keys.approval_expired(request))
    record(session, agreement, request, "expired", at)


def _escalate(
    session: Session, agreement: Agreement, request: ApprovalRequest, at: datetime, key: str
) -> None:
    alike = select(ApprovalRequest).where(
        ApprovalRequest.version_id == request.version_id,
        col(ApprovalRequest.exclusion_id).is_not_distinct_from(request.exclusion_id),
    )
    asked = session.exec(alike.order_by(col(ApprovalRequest.id)))
    undecided = [row.person.name for row in asked if row.decision is None]
    tell_of(
        session,
        agreement,
        request,
        "escalation",
        agreement.owner,
        key,
        at,
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
    """Void every open request to sign a version; with `tell`, each holder gets a letter that says so.

    Requests about exclusions stay open: another version changes nothing about them.
    """
    open_requests = session.exec(
        select(ApprovalRequest).where(
            ApprovalRequest.agreement_id == agreement.id,
            ApprovalRequest.state == RequestState.OPEN,
            col(ApprovalRequest.exclusion_id).is_(None),
        )
    ).all()
    for request in open_requests:
        void(session, agreement, request, at, reason, tell=tell)


def void(
    session: Session, agreement: Agreement, request: ApprovalRequest, at: datetime, reason: str, *, tell: bool
) -> None:
    """Void one open request; with `tell`, its holder gets a letter that says so."""
    request.state, request.void_reason, request.next_reminder_at = RequestState.VOID, reason, None
    record(session, agreement, request, "void", at, reason=reason)
    if tell:
        key = keys.approval_void(request)
        tell_of(session, agreement, request, "void", request.person, key, at, reason=reason)
