"""Proposals over the JSON API: what `slm proposals` does."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from config.clock import now
from models.database import reading, transaction
from models.proposals import Proposal
from models.reviews import ReviewDecision
from states import settling
from states.askers import find_asker
from states.document_values import Share, WorkingTime
from states.drafting import find_agreement
from states.proposal_accounts import proposal_told, proposals_of
from states.proposal_choice import Wanted
from states.proposal_choice import propose as put
from web.routing import DatabaseEngine
from web.security import ProgramActor

router = APIRouter(prefix="/api")


class ProposalMade(BaseModel):
    """What is put to the customer: a target's counter-offer, its other terms, or a review's outcome."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    counter_offer: str | None = None
    target: str | None = None
    threshold: WorkingTime | None = None
    objective: Share | None = None
    review: Literal["renew", "renegotiate"] | None = None


class ProposalWithdrawn(BaseModel):
    """Why a proposal is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: str


@router.get("/agreements/{reference}/proposals")
def list_proposals(engine: DatabaseEngine, actor: ProgramActor, reference: str) -> list[dict[str, Any]]:
    """List every proposal ever made under an agreement, the newest first."""
    with reading(engine) as session:
        agreement = find_agreement(session, reference)
        return [proposal_told(session, row) for row in proposals_of(session, agreement)]


@router.post("/agreements/{reference}/proposals")
def propose(
    engine: DatabaseEngine, actor: ProgramActor, reference: str, made: ProposalMade
) -> dict[str, Any]:
    """Put one thing to the customer; by the owner where the actor is no person of the agreement."""
    outcome = ReviewDecision(made.review) if made.review else None
    wanted = Wanted(made.counter_offer, made.target, made.threshold, made.objective, outcome)
    with transaction(engine) as session:
        agreement = find_agreement(session, reference)
        asker = find_asker(session, agreement, actor) or agreement.owner
        return proposal_told(session, put(session, agreement, wanted, asker, made.reason, now()))


@router.post("/agreements/{reference}/proposals/{number}/withdraw")
def take_back(
    engine: DatabaseEngine, actor: ProgramActor, reference: str, number: int, told: ProposalWithdrawn
) -> dict[str, Any]:
    """Withdraw a proposal that still waits for its approval."""
    with transaction(engine) as session:
        proposal = settling.find(session, Proposal, number, find_agreement(session, reference))
        settling.withdraw(session, proposal, actor, told.reason, now())
        return proposal_told(session, proposal)
