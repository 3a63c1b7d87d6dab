"""Decisions: what a signatory answers, recorded once, and what follows from it at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from config.plain_text import plain
from mail import keys
from mail.outbox import post
from models.agreements import Agreement, Stage
from models.approvals import Answer, ApprovalRequest, Decision, RequestState
from models.exclusions import Exclusion, ExclusionState
from models.proposals import Proposal
from models.version_words import Assurance
from states import audit, codes, proposal_outcomes, restatements, rounds, settling
from states.approval_requests import about
from states.drafts import offered_version
from states.lifecycle import advance
from states.move import Trigger
from states.open_requests import DecisionRefusedError, lock_open_request, refuse_own_proposal
from states.signing import sign_blockers_of
from states.subjects import subject_of
from states.term_blockers import term_blockers
from states.typed_names import are_initials, initials_of, is_full_name
from templates.languages.telling import told

BY_MAIL, BY_PAGE = "mail", "page"


@dataclass(frozen=True)
class Answered:
    """What a signatory sends.

    Attributes:
        typed: the full name or the initials, as the request's assurance demands; of a mailed answer, the
            sender's address.
        via: "page", `BY_MAIL`, or "simulated" in a replay.
        address, user_agent: where it came from, kept as evidence.
        assurance: how it is known that the person answered; "" for what the page demands.
        code: the one-time code, where one is demanded.
        headers: what the browser said about the request, kept as evidence.
        opened_at: when the page had been sent that it was answered on; None where it is not known.
    """

    answer: Answer
    typed: str
    reason: str = ""
    via: str = BY_PAGE
    address: str = ""
    user_agent: str = ""
    assurance: str = ""
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    opened_at: datetime | None = None


def decide(session: Session, request: ApprovalRequest, answered: Answered, at: datetime) -> Decision:
    """Record a signatory's answer; the last required approval signs, a decline stops the round.

    Of an exclusion, the last approval makes it count from now on, and restates the assessed periods whose
    figures it changes; of a proposal, the last approval does what is proposed.

    Raises:
        DecisionRefusedError: if the request is answered, void or run out, its text is superseded,
            the name is not the person's, a decline has no reason, or it is the person's own proposal.
        WrongCodeError: if the one-time code is not the one that was mailed; the attempt counts only if the
            caller commits all the same.
    """
    agreement = lock_open_request(session, request, at)
    refuse_if_not_named(request, answered)
    if answered.answer == Answer.DECLINE and not answered.reason.strip():
        raise DecisionRefusedError(told("to decline, give a reason: everyone who was asked will read it"))
    if answered.answer == Answer.APPROVE:
        refuse_own_proposal(session, request, request.person.name, request.person.email)
    if request.assurance == Assurance.L3 and answered.via == BY_PAGE:
        codes.spend(session, request, answered.code, at)
    decision = Decision(
        request=request,
        answer=answered.answer,
        typed=plain(answered.typed),
        reason=plain(answered.reason),
        sha256=request.sha256,
        decided_at=at,
        via=answered.via,
        assurance=assurance_used(request, answered),
        address=answered.address,
        user_agent=answered.user_agent,
        headers=dict(answered.headers),
        opened_at=answered.opened_at,
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
        assurance=decision.assurance,
        via=answered.via,
        address=answered.address,
        user_agent=answered.user_agent,
        headers=decision.headers,
        **({} if decision.opened_at is None else {"page_sent_at": decision.opened_at.isoformat()}),
        **({} if request.in_place_of is None else {"in_place_of": request.in_place_of.name}),
        **subject_of(session, request).in_audit,
    )
    _send_receipt(session, agreement, request, decision, at)
    _follow_up(session, agreement, request, decision, at)
    return decision


def ask_for_code(session: Session, request: ApprovalRequest, typed: str, at: datetime) -> None:
    """Mail a one-time code to the request's person, whose full name must be typed: machines type nothing.

    Raises:
        DecisionRefusedError: if the request is closed or takes no code, the name is another, or too many
            codes were mailed.
    """
    agreement = lock_open_request(session, request, at)
    if request.assurance != Assurance.L3:
        raise DecisionRefusedError(told("no one-time code is needed here"))
    refuse_if_not_named(request, Answered(Answer.APPROVE, typed))
    codes.mail_code(session, agreement, request, at)


def refuse_if_not_named(request: ApprovalRequest, answered: Answered) -> None:
    """Refuse an answer under which the request's person has not put what the assurance demands.

    Raises:
        DecisionRefusedError: if it is not their full name, or not their initials where those suffice.
    """
    name = request.person.name
    if answered.via == BY_MAIL:
        if request.assurance == Assurance.L3:
            raise DecisionRefusedError(told("this is decided on the page alone, with a mailed one-time code"))
    elif request.assurance == Assurance.L1:
        if not are_initials(answered.typed, name):
            wanted = told(
                "type your initials, %(initials)s, or your full name: %(name)s",
                initials=initials_of(name),
                name=name,
            )
            raise DecisionRefusedError(wanted)
    elif not is_full_name(answered.typed, name):
        raise DecisionRefusedError(
            told("type the full name as it stands in the agreement: %(name)s", name=name)
        )


def assurance_used(request: ApprovalRequest, answered: Answered) -> str:
    """Return what was really done to make sure of the person, in words."""
    if answered.assurance:
        return answered.assurance
    if answered.via != BY_PAGE:
        return answered.via
    if request.assurance == Assurance.L1 and is_full_name(answered.typed, request.person.name):
        return Assurance.L2.in_words
    return request.assurance.in_words


def _send_receipt(
    session: Session, agreement: Agreement, request: ApprovalRequest, decision: Decision, at: datetime
) -> None:
    post(
        session,
        "approval_receipt",
        request.person,
        key=keys.approval_receipt(request),
        at=at,
        agreement=agreement,
        about=about(session, request),
        in_place_of=request.in_place_of,
        decision=decision,
    )


def _follow_up(
    session: Session, agreement: Agreement, request: ApprovalRequest, decision: Decision, at: datetime
) -> None:
    match subject_of(session, request).row:
        case Exclusion() as exclusion:
            settling.settle(session, request, decision, at, lambda *_: ("approved", exclusion.reason))
            if exclusion.state == ExclusionState.APPROVED and exclusion.decided_at is not None:
                restatements.restate(session, agreement, exclusion.decided_at)
        case Proposal():
            proposal_outcomes.settle(session, request, decision, at)
        case _:
            _go_on_signing(session, agreement, request, decision, at)


def _go_on_signing(
    session: Session, agreement: Agreement, request: ApprovalRequest, decision: Decision, at: datetime
) -> None:
    if agreement.stage != Stage.SIGNING:
        return
    if decision.answer == Answer.DECLINE:
        advance(session, agreement, Trigger.DECLINE, request.person.name, at, reason=decision.reason)
    elif (version := offered_version(agreement)) is None:
        return
    elif not sign_blockers_of(session, agreement) and not term_blockers(version, at):
        advance(session, agreement, Trigger.SIGN, request.person.name, at)
    else:
        rounds.ask_next(session, agreement, version, at)
