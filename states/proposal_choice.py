"""What somebody wants to put to the customer, named in one order: the same for commands and programs."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.agreements import Agreement
from models.parties import Person
from models.proposals import Proposal
from models.reviews import ReviewDecision
from states.proposal_asking import ProposalRefusedError
from states.proposals import propose_counter_offer, propose_outcome, propose_terms


@dataclass(frozen=True)
class Wanted:
    """What is to be put to the customer: one of the three.

    Attributes:
        counter_offer: the key of the target whose counter-offer it is.
        target: the key of the target that shall have other terms.
        threshold_s: of the target: seconds of working time, None to leave it.
        objective: of the target: the share, None to leave it.
        outcome: what the review shall end in.
    """

    counter_offer: str | None = None
    target: str | None = None
    threshold_s: int | None = None
    objective: float | None = None
    outcome: ReviewDecision | None = None


def propose(
    session: Session, agreement: Agreement, wanted: Wanted, asked_by: Person, reason: str, at: datetime
) -> Proposal:
    """Put one thing to the customer's people.

    Raises:
        ProposalRefusedError: not exactly one thing is named, or terms without a target; or as those of
            `states.proposals`.
        NotFoundError, SlmError: as those.
    """
    named = (wanted.counter_offer, wanted.target, wanted.outcome)
    if sum(what is not None for what in named) != 1:
        raise ProposalRefusedError(
            f"{agreement.reference}: name one thing: a counter-offer, a target with its terms, or an outcome"
        )
    if wanted.target is not None:
        return propose_terms(
            session,
            agreement,
            wanted.target,
            asked_by,
            reason,
            at,
            threshold_s=wanted.threshold_s,
            objective=wanted.objective,
        )
    if (wanted.threshold_s, wanted.objective) != (None, None):
        raise ProposalRefusedError(
            f"{agreement.reference}: a threshold or an objective is of a target: name it"
        )
    if wanted.counter_offer is not None:
        return propose_counter_offer(session, agreement, wanted.counter_offer, asked_by, reason, at)
    assert wanted.outcome is not None, "one of the three is named"
    return propose_outcome(session, agreement, wanted.outcome, asked_by, reason, at)
