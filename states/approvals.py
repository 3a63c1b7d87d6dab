"""Approval requests: which there are about what, reminding, voiding, expiring."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.policy import policy
from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import ApprovalRequest, RequestState
from models.exclusions import Exclusion
from models.letters import LetterState, OutboxLetter
from models.proposals import Proposal
from models.versions import AgreementVersion
from states.approval_requests import record, tell_of, ways_to_answer
from states.move import SWEEP
from states.reminders import next_reminder, put_off_until
from states.subjects import about_the_same, to_sign


def requests_for(session: Session, version: AgreementVersion) -> list[ApprovalRequest]:
    """Return every request to sign a version, in the order in which they were made.

    Requests about exclusions and proposals under it are none of them.
    """
    wanted = select(ApprovalRequest).where(ApprovalRequest.version_id == version.id, to_sign())
    return list(session.exec(wanted.order_by(col(ApprovalRequest.id))))


def requests_about(session: Session, row: Exclusion | Proposal) -> list[ApprovalRequest]:
    """Return every request about an exclusion or a proposal, in the order in which they were made."""
    named = ApprovalRequest.exclusion_id if isinstance(row, Exclusion) else ApprovalRequest.proposal_id
    wanted = select(ApprovalRequest).where(col(named) == row.id)
    return list(session.exec(wanted.order_by(col(ApprovalRequest.id))))


def answers_told(requests: Sequence[ApprovalRequest]) -> list[dict[str, Any]]:
    """Return who was asked and what they answered, as plain data."""
    return [
        {
            "person": row.person.name,
            "state": row.state.value,
            "answer": row.decision.answer.value if row.decision else None,
            "reason": row.decision.reason if row.decision else row.void_reason,
            "due": row.due_at.isoformat(),
        }
        for row in requests
    ]


def standing(requests: Sequence[ApprovalRequest]) -> list[ApprovalRequest]:
    """Return the requests that no other one took the place of."""
    replaced = {row.replaces_id for row in requests}
    return [row for row in requests if row.id not in replaced]


def remind(session: Session, request: ApprovalRequest, at: datetime, actor: str = SWEEP) -> None:
    """Remind a signatory by a letter with a fresh link; after the last reminder the owner is told.

    Where a letter came back, the owner is told of that instead, and may ask anew at the right address.
    """
    agreement = session.get_one(Agreement, request.agreement_id)
    if (returned := letter_that_came_back(session, request)) is not None:
        request.next_reminder_at = None
        key = keys.letter_failed(returned, at)
        post(session, "letter_failed", agreement.owner, key=key, at=at, agreement=agreement, letter=returned)
        record(session, agreement, request, "not reminded", at, actor=actor, reason="the letter came back")
        return
    if request.reminders >= policy().approvals.most_reminders:
        request.next_reminder_at = None
        _escalate(session, agreement, request, at, keys.approval_escalation(request))
        record(session, agreement, request, "escalated", at)
        return
    request.reminders += 1
    version = session.get_one(AgreementVersion, request.version_id)
    request.next_reminder_at = next_reminder(version, request.person, at)
    tell_of(
        session,
        agreement,
        request,
        "reminder",
        request.person,
        keys.approval_reminder(request, request.reminders),
        at,
        **ways_to_answer(session, request, at),
        due_at=request.due_at,
        number=request.reminders,
    )
    record(session, agreement, request, "reminded", at, actor=actor, number=request.reminders)


def remind_on_a_working_day(session: Session, request: ApprovalRequest, at: datetime) -> bool:
    """Do as `remind`, or put it off where the person does not work today; return whether it was done."""
    version = session.get_one(AgreementVersion, request.version_id)
    later = put_off_until(version, request.person, at)
    if later is not None:
        request.next_reminder_at = later
        return False
    remind(session, request, at)
    return True


def letter_that_came_back(session: Session, request: ApprovalRequest) -> OutboxLetter | None:
    """Return the newest letter about a request that could not be delivered, None where all arrived."""
    sent = [keys.approval_reminder(request, number + 1) for number in range(request.reminders)]
    returned = select(OutboxLetter).where(
        col(OutboxLetter.deduplication_key).in_([keys.approval_request(request), *sent]),
        OutboxLetter.state == LetterState.BOUNCED,
    )
    return session.exec(returned.order_by(col(OutboxLetter.id).desc())).first()


def expire(session: Session, request: ApprovalRequest, at: datetime) -> None:
    """Close a request whose time has run out, and tell the owner, who may ask anew."""
    request.state, request.next_reminder_at = RequestState.EXPIRED, None
    agreement = session.get_one(Agreement, request.agreement_id)
    _escalate(session, agreement, request, at, keys.approval_expired(request))
    record(session, agreement, request, "expired", at)


def _escalate(
    session: Session, agreement: Agreement, request: ApprovalRequest, at: datetime, key: str
) -> None:
    alike = select(ApprovalRequest).where(about_the_same(request))
    asked = session.exec(alike.order_by(col(ApprovalRequest.id))).all()
    undecided = [
        row.person.name for row in standing(asked) if row.state in (RequestState.OPEN, RequestState.EXPIRED)
    ]
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

    Requests about exclusions stay open: another version changes nothing about them. Proposals are told by
    themselves what overtook them.
    """
    asked = select(ApprovalRequest).where(ApprovalRequest.agreement_id == agreement.id, to_sign())
    void_all(session, agreement, session.exec(asked).all(), at, reason, tell=tell)


def void_all(
    session: Session,
    agreement: Agreement,
    requests: Sequence[ApprovalRequest],
    at: datetime,
    reason: str,
    *,
    tell: bool,
) -> None:
    """Void those of some requests that are open; with `tell`, each holder gets a letter that says so."""
    for request in requests:
        if request.state == RequestState.OPEN:
            void(session, agreement, request, at, reason, tell=tell)


def void(
    session: Session,
    agreement: Agreement,
    request: ApprovalRequest,
    at: datetime,
    reason: str,
    *,
    tell: bool,
    actor: str = SWEEP,
) -> None:
    """Void one open request; with `tell`, its holder gets a letter that says so."""
    request.state, request.void_reason, request.next_reminder_at = RequestState.VOID, reason, None
    record(session, agreement, request, "void", at, actor=actor, reason=reason)
    if tell:
        tell_of_void(session, agreement, request, at, reason)


def tell_of_void(
    session: Session, agreement: Agreement, request: ApprovalRequest, at: datetime, reason: str
) -> None:
    """Write to a request's person that their decision, given or not, is no longer needed."""
    key = keys.approval_void(request)
    tell_of(session, agreement, request, "void", request.person, key, at, reason=reason)
