"""Decisions: what a signatory answers, recorded once, and what follows from it at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from config.errors import NotFoundError, SlmError
from mail.links import find_link
from models.agreements import Agreement, Stage
from models.approvals import Answer, ApprovalRequest, Decision, LinkPurpose, RequestState
from models.exclusions import Exclusion, ExclusionState
from models.versions import AgreementVersion
from states import audit, exclusion_outcomes, restatements
from states.exclusion_texts import sha256_of_exclusion
from states.lifecycle import advance
from states.move import Trigger
from states.signing import sign_blockers_of


class DecisionRefusedError(SlmError):
    """The answer cannot be recorded; the message says why."""


@dataclass(frozen=True)
class Answered:
    """What a signatory sends.

    Attributes:
        typed: the full name, typed to sign or to decline.
        via: "page", or "simulated" in a replay.
        address, user_agent: where it came from, kept as evidence.
    """

    answer: Answer
    typed: str
    reason: str = ""
    via: str = "page"
    address: str = ""
    user_agent: str = ""


def find_request(session: Session, token: str) -> ApprovalRequest:
    """Return the approval request that a secret link opens.

    Raises:
        NotFoundError: if the token is none of ours.
    """
    link = find_link(session, LinkPurpose.DECISION, token)
    if link is None:
        raise NotFoundError("this address leads nowhere: use the whole link of the newest letter")
    return session.get_one(ApprovalRequest, link.subject_id)


def decide(session: Session, request: ApprovalRequest, answered: Answered, at: datetime) -> Decision:
    """Record a signatory's answer; the last required approval signs, a decline stops the round.

    Of an exclusion, the last approval makes it count from now on, and restates the assessed periods whose
    figures it changes.

    Raises:
        DecisionRefusedError: if the request is answered, void or run out, the version is superseded,
            the name is not the person's, or a decline has no reason.
    """
    agreement = session.exec(
        select(Agreement)
        .where(Agreement.id == request.agreement_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    session.expire_all()  # what was read before the lock, other answers above all, may be old by now
    _refuse_if_closed(request, _sha256_of_subject(session, agreement, request), at)
    _refuse_if_unclear(request, answered)
    decision = Decision(
        request=request,
        answer=answered.answer,
        typed=answered.typed.strip(),
        reason=answered.reason.strip(),
        sha256=request.sha256,
        decided_at=at,
        via=answered.via,
        address=answered.address,
        user_agent=answered.user_agent,
    )
    request.state, request.next_reminder_at = RequestState.DECIDED, None
    session.add(decision)
    session.flush()
    audit.append(
        session,
        agreement,
        "decision",
        request.person.name,
        at,
        request=request.id,
        answer=answered.answer.value,
        reason=decision.reason,
        sha256=request.sha256,
        assurance="typed full name",
        via=answered.via,
        address=answered.address,
        user_agent=answered.user_agent,
        **({} if request.exclusion_id is None else {"exclusion": request.exclusion_id}),
    )
    _follow_up(session, agreement, request, decision, at)
    return decision


def _sha256_of_subject(session: Session, agreement: Agreement, request: ApprovalRequest) -> str | None:
    """Return the hash of the text that the request is about, as that text stands now."""
    if request.exclusion_id is not None:
        return sha256_of_exclusion(agreement, session.get_one(Exclusion, request.exclusion_id))
    return session.get_one(AgreementVersion, request.version_id).sha256


def _refuse_if_closed(request: ApprovalRequest, sha256: str | None, at: datetime) -> None:
    if request.state == RequestState.DECIDED:
        raise DecisionRefusedError("this request is answered already; the recorded decision stands")
    if request.state == RequestState.VOID:
        raise DecisionRefusedError(f"this request is void: {request.void_reason}")
    if request.state == RequestState.EXPIRED or at >= request.due_at:
        raise DecisionRefusedError(f"this request ran out on {request.due_at:%Y-%m-%d %H:%M} UTC")
    if sha256 != request.sha256:
        raise DecisionRefusedError("this request is about another text than the one that is offered")


def _refuse_if_unclear(request: ApprovalRequest, answered: Answered) -> None:
    if " ".join(answered.typed.split()).casefold() != " ".join(request.person.name.split()).casefold():
        raise DecisionRefusedError(f"type the full name as it stands in the agreement: {request.person.name}")
    if answered.answer == Answer.DECLINE and not answered.reason.strip():
        raise DecisionRefusedError("to decline, give a reason: everyone who was asked will read it")


def _follow_up(
    session: Session, agreement: Agreement, request: ApprovalRequest, decision: Decision, at: datetime
) -> None:
    if request.exclusion_id is not None:
        exclusion = exclusion_outcomes.settle(session, request, decision, at)
        if exclusion.state == ExclusionState.APPROVED and exclusion.decided_at is not None:
            restatements.restate(session, agreement, exclusion.decided_at)
        return
    if agreement.stage != Stage.SIGNING:
        return
    if decision.answer == Answer.DECLINE:
        advance(session, agreement, Trigger.DECLINE, request.person.name, at, reason=decision.reason)
    elif not sign_blockers_of(session, agreement):
        advance(session, agreement, Trigger.SIGN, request.person.name, at)
