"""How a proposal ends: approved and done, approved and blocked, declined, or not answered in time."""

from datetime import datetime

from sqlmodel import Session

from config.errors import SlmError
from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import Answer, ApprovalRequest, Decision
from models.parties import Person
from models.proposals import Proposal, ProposalKind, ProposalState
from models.reviews import ReviewDecision
from states import approvals, rounds
from states.lifecycle import advance
from states.move import SWEEP
from states.proposal_closing import close
from states.proposals import TRIGGERS
from states.revised_targets import revise_target
from states.subjects import of_proposal
from states.target_revisions import adopt_counter_offer
from templates.languages.telling import told


def settle(session: Session, request: ApprovalRequest, decision: Decision, at: datetime) -> None:
    """Let a decision have its effect: a decline ends the proposal, the last approval does what it says."""
    proposal = session.get_one(Proposal, request.proposal_id)
    agreement = session.get_one(Agreement, request.agreement_id)
    asked = approvals.requests_about(session, proposal)
    name, involved = request.person.name, [proposal.asked_by, agreement.owner]
    if decision.answer == Answer.DECLINE:
        close(session, agreement, proposal, ProposalState.DECLINED, name, at, decision.reason, tell=False)
        _tell(session, agreement, proposal, [*involved, *(row.person for row in asked)], name, at)
    elif rounds.all_approve(asked, proposal.sha256):
        actor = ", ".join(row.person.name for row in approvals.standing(asked))
        proposal.state = ProposalState.APPROVED  # what is done now does not overtake it
        blocked = _blocked_when_done(session, agreement, proposal, actor, at)
        state = ProposalState.BLOCKED if blocked else ProposalState.APPROVED
        close(session, agreement, proposal, state, actor, at, blocked, tell=False)
        _tell(session, agreement, proposal, involved, actor, at)


def _blocked_when_done(
    session: Session, agreement: Agreement, proposal: Proposal, actor: str, at: datetime
) -> str:
    """Do what is proposed, in the approvers' names; return why it cannot be done, "" where it is."""
    try:
        with session.begin_nested():
            _do(session, agreement, proposal, actor, at)
    except SlmError as refusal:
        return str(refusal)
    return ""


def _do(session: Session, agreement: Agreement, proposal: Proposal, actor: str, at: datetime) -> None:
    key, terms = proposal.target_key, proposal.terms
    match proposal.kind:
        case ProposalKind.COUNTER_OFFER:
            adopt_counter_offer(session, agreement, key, actor, at)
        case ProposalKind.REVISED_TARGET:
            then = terms["then"]["threshold_s"], terms["then"]["objective"]
            revise_target(session, agreement, key, then, actor, proposal.reason, at)
        case ProposalKind.REVIEW_OUTCOME:
            advance(
                session,
                agreement,
                TRIGGERS[ReviewDecision(terms["decision"])],
                actor,
                at,
                reason=proposal.reason,
            )


def expire(session: Session, request: ApprovalRequest, at: datetime) -> None:
    """Close a request that ran out: without all approvals the proposal is withdrawn, its owner told."""
    approvals.expire(session, request, at)
    proposal = session.get_one(Proposal, request.proposal_id)
    if proposal.state != ProposalState.ASKED:
        return
    agreement = session.get_one(Agreement, request.agreement_id)
    reason = told("%(name)s did not answer in time", name=request.person.name)
    close(session, agreement, proposal, ProposalState.WITHDRAWN, SWEEP, at, reason, tell=True)
    if proposal.asked_by_id != agreement.owner_id:
        _tell(session, agreement, proposal, [proposal.asked_by], "", at)


def _tell(
    session: Session, agreement: Agreement, proposal: Proposal, people: list[Person], by: str, at: datetime
) -> None:
    for person in people:  # one letter each, however often somebody is named: the key is the person's
        post(
            session,
            "proposal_settled",
            person,
            key=keys.proposal_settled(proposal, person),
            at=at,
            agreement=agreement,
            by=by,
            **of_proposal(agreement, proposal).shown,
        )
