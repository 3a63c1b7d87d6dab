"""What an approved proposal does, unless something blocks it by then."""

from datetime import datetime

from sqlmodel import Session

from config.errors import SlmError
from models.agreements import Agreement
from models.approvals import ApprovalRequest, Decision
from models.proposals import Proposal, ProposalKind, ProposalState
from models.reviews import ReviewDecision
from states import settling
from states.lifecycle import advance
from states.proposals import TRIGGERS
from states.revised_targets import revise_target
from states.target_revisions import adopt_counter_offer


def settle(session: Session, request: ApprovalRequest, decision: Decision, at: datetime) -> None:
    """Let a decision have its effect: a decline ends the proposal, the last approval does what it says."""
    proposal = session.get_one(Proposal, request.proposal_id)

    def done(agreement: Agreement, approvers: str) -> settling.Ending:
        proposal.state = ProposalState.APPROVED  # what is done now does not overtake it
        blocked = _blocked_when_done(session, agreement, proposal, approvers, at)
        return ("blocked" if blocked else "approved"), blocked

    settling.settle(session, request, decision, at, done)


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
