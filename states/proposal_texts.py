"""The text of a proposal: what its approval is about, the hash of it, and its name in words."""

from models.agreements import Agreement
from models.proposals import Proposal, ProposalKind
from models.sealing import canonical_json, sha256_of
from states.promises import promise_in
from templates.languages.telling import told


def sha256_of_proposal(agreement: Agreement, proposal: Proposal) -> str:
    """Return the SHA-256 of the proposal's canonical text: agreement, kind, target, terms, reason."""
    text = {
        "agreement": agreement.reference,
        "kind": proposal.kind.value,
        "target": proposal.target_key,
        "terms": proposal.terms,
        "reason": proposal.reason,
    }
    return sha256_of(canonical_json(text))


def title_of(proposal: Proposal) -> str:
    """Return what is proposed: "counter-offer for P2", "other terms for P2", "renewal after the review"."""
    match proposal.kind:
        case ProposalKind.COUNTER_OFFER:
            return told("counter-offer for %(key)s", key=proposal.target_key)
        case ProposalKind.REVISED_TARGET:
            return told("other terms for %(key)s", key=proposal.target_key)
        case ProposalKind.REVIEW_OUTCOME if proposal.terms["decision"] == "renew":
            return told("renewal after the review")
        case ProposalKind.REVIEW_OUTCOME:
            return told("renegotiation after the review")


def promises_of(proposal: Proposal) -> tuple[str, str] | None:
    """Return what the target says now and what it would say; None for the outcome of a review."""
    if proposal.kind == ProposalKind.REVIEW_OUTCOME:
        return None
    return promise_in(proposal.terms["now"]), promise_in(proposal.terms["then"])
