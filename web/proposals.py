"""Putting something to the customer by page, and taking back what still waits."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.errors import BadInputError
from models.agreements import Agreement
from models.database import transaction
from models.parties import Person
from models.proposals import Proposal
from models.reviews import ReviewDecision
from states import settling
from states.askers import find_asker
from states.document_values import Share, WorkingTime, read_value
from states.drafting import find_agreement
from states.proposal_texts import title_of
from states.proposals import propose_counter_offer, propose_outcome, propose_terms
from web.routing import DatabaseEngine, PageRouter, see_other
from web.security import Actor

router = PageRouter()
Text = Annotated[str, Form(max_length=4000)]


@router.form("/agreements/{reference}/targets/{key}/propose-offer")
def propose_offer(
    request: Request, engine: DatabaseEngine, actor: Actor, reference: str, key: str, reason: Text = ""
) -> Response:
    """Put a target's counter-offer to the customer."""
    with transaction(engine) as session:
        agreement, asker = _found(session, reference, actor)
        line = _line(propose_counter_offer(session, agreement, key, asker, reason, now()))
    return see_other(request, _address(reference), line)


@router.form("/agreements/{reference}/targets/{key}/propose")
def propose_others(
    request: Request,
    engine: DatabaseEngine,
    actor: Actor,
    reference: str,
    key: str,
    threshold: Text = "",
    objective: Text = "",
    reason: Text = "",
) -> Response:
    """Put other terms for a target of the draft to the customer."""
    with transaction(engine) as session:
        agreement, asker = _found(session, reference, actor)
        proposal = propose_terms(
            session,
            agreement,
            key,
            asker,
            reason,
            now(),
            threshold_s=read_value(WorkingTime, threshold, "the time"),
            objective=read_value(Share, objective, "the objective"),
        )
        line = _line(proposal)
    return see_other(request, _address(reference), line)


@router.form("/agreements/{reference}/review/propose")
def propose_review(
    request: Request,
    engine: DatabaseEngine,
    actor: Actor,
    reference: str,
    outcome: Text = "",
    reason: Text = "",
) -> Response:
    """Put to the customer what the review shall end in."""
    if outcome not in (ReviewDecision.RENEW, ReviewDecision.RENEGOTIATE):
        raise BadInputError("choose what the review shall end in: renew or renegotiate")
    with transaction(engine) as session:
        agreement, asker = _found(session, reference, actor)
        proposal = propose_outcome(session, agreement, ReviewDecision(outcome), asker, reason, now())
        line = _line(proposal)
    return see_other(request, _address(reference), line)


@router.form("/agreements/{reference}/proposals/{number}/withdraw")
def take_back(
    request: Request, engine: DatabaseEngine, actor: Actor, reference: str, number: int, reason: Text = ""
) -> Response:
    """Withdraw a proposal that still waits for its approval."""
    with transaction(engine) as session:
        proposal = settling.find(session, Proposal, number, find_agreement(session, reference))
        settling.withdraw(session, proposal, actor, reason, now())
    return see_other(request, _address(reference), f"Proposal {number} is withdrawn.")


def _found(session: Session, reference: str, actor: str) -> tuple[Agreement, Person]:
    """Return the agreement, and who asks: its owner where the actor is no person of it."""
    agreement = find_agreement(session, reference)
    return agreement, find_asker(session, agreement, actor) or agreement.owner


def _line(proposal: Proposal) -> str:
    return f"Proposal {proposal.id}, {title_of(proposal)}: the customer is asked."


def _address(reference: str) -> str:
    return f"/agreements/{quote(reference)}#proposals"
