"""How a proposal is closed: withdrawn by a manager, or overtaken by what is decided directly."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from config.errors import SlmError
from config.plain_text import plain
from models.agreements import Agreement
from models.proposals import Proposal, ProposalState
from states import approvals, audit
from states.exclusions import lock_agreement
from states.move import SWEEP
from states.proposal_standing import overtaken_by


class ProposalRefusedError(SlmError):
    """The proposal cannot be made or taken back; the message says why."""


def withdraw(session: Session, proposal: Proposal, actor: str, reason: str, at: datetime) -> None:
    """Take back a proposal that still waits for its approval; whoever was asked is told.

    Raises:
        ProposalRefusedError: there is no reason, or it is settled already.
    """
    agreement = session.get_one(Agreement, proposal.agreement_id)
    lock_agreement(session, agreement)
    session.refresh(proposal)
    reason = plain(reason)
    if not reason:
        raise ProposalRefusedError(f"proposal {proposal.id}: to withdraw it, give a reason")
    if proposal.state != ProposalState.ASKED:
        raise ProposalRefusedError(
            f"proposal {proposal.id} is {proposal.state} already; only what still waits is withdrawn"
        )
    close(session, agreement, proposal, ProposalState.WITHDRAWN, actor, at, reason, tell=True)


def proposals_waiting(session: Session, agreement: Agreement) -> Sequence[Proposal]:
    """Return the proposals of an agreement that wait for their approval, the oldest first."""
    waiting = select(Proposal).where(
        Proposal.agreement_id == agreement.id, Proposal.state == ProposalState.ASKED
    )
    return session.exec(waiting.order_by(col(Proposal.id))).all()


def withdraw_overtaken(session: Session, agreement: Agreement, at: datetime) -> None:
    """Withdraw every proposal that what just happened has overtaken; whoever was asked is told.

    Called after all that moves an agreement or changes its draft.
    """
    for proposal in proposals_waiting(session, agreement):
        if why := overtaken_by(session, agreement, proposal):
            close(session, agreement, proposal, ProposalState.WITHDRAWN, SWEEP, at, why, tell=True)


def close(
    session: Session,
    agreement: Agreement,
    proposal: Proposal,
    state: ProposalState,
    actor: str,
    at: datetime,
    reason: str,
    *,
    tell: bool,
) -> None:
    """Write down how a proposal ended, and void what is still open of it; with `tell`, by letter.

    Args:
        session: the caller's; nothing is committed.
        agreement: the proposal's, locked.
        proposal: what ends.
        state: in what.
        actor: who ended it.
        at: when.
        reason: why, "" where it was done.
        tell: whether those who need not answer any more get a letter.
    """
    proposal.state, proposal.decided_at, proposal.outcome = state, at, reason
    words = f"{actor} declined" if state == ProposalState.DECLINED else reason
    approvals.void_all(session, agreement, approvals.requests_about(session, proposal), at, words, tell=tell)
    audit.append(
        session,
        agreement,
        f"proposal {state}",
        actor,
        at,
        proposal=proposal.id,
        reason=reason,
        sha256=proposal.sha256,
    )
