"""Proposals told as plain data, for pages, programs and the command line."""

from typing import Any

from sqlmodel import Session, col, select

from models.agreements import Agreement
from models.approvals import Answer
from models.proposals import Proposal
from states.approvals import answers_told, requests_about
from states.proposal_texts import promises_of, title_of


def proposals_of(session: Session, agreement: Agreement) -> list[Proposal]:
    """Return every proposal ever made under an agreement, the newest first."""
    wanted = select(Proposal).where(Proposal.agreement_id == agreement.id)
    return list(session.exec(wanted.order_by(col(Proposal.id).desc())))


def proposal_told(session: Session, proposal: Proposal) -> dict[str, Any]:
    """Return one proposal as plain data, with everybody who was asked and what they answered."""
    asked = requests_about(session, proposal)
    promises = promises_of(proposal)
    return {
        "number": proposal.id,
        "kind": proposal.kind.value,
        "title": title_of(proposal),
        "target": proposal.target_key or None,
        "now": promises[0] if promises else None,
        "then": promises[1] if promises else proposal.terms["decision"],
        "terms": proposal.terms,
        "reason": proposal.reason,
        "state": proposal.state.value,
        "outcome": proposal.outcome,
        "asked_by": proposal.asked_by.name,
        "asked_at": proposal.asked_at.isoformat(),
        "decided_at": proposal.decided_at.isoformat() if proposal.decided_at else None,
        "sha256": proposal.sha256,
        "approved_by": [
            row.person.name for row in asked if row.decision and row.decision.answer == Answer.APPROVE
        ],
        "requests": answers_told(asked),
    }
