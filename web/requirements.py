"""The service level requirements documents of an agreement, as pages and as PDF."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from models.database import reading, transaction
from models.version_words import Settlement
from states import requirements_document
from states.drafting import find_agreement
from states.requirement_conversation import challenge, settle
from templates.printing import to_pdf
from web.routing import DatabaseEngine, PageRouter, see_other, standing_alone
from web.security import Actor
from web.views.requirements import requirements_page

router = PageRouter()


@router.page("/agreements/{reference}/requirements/{number}")
def requirements_document_page(
    request: Request, engine: DatabaseEngine, actor: Actor, reference: str, number: int
) -> Response:
    """Show an issued document."""
    with reading(engine) as session:
        return standing_alone(requirements_page(_issued(session, reference, number)))


@router.page("/agreements/{reference}/requirements/{number}/pdf")
def requirements_document_pdf(
    request: Request, engine: DatabaseEngine, actor: Actor, reference: str, number: int
) -> Response:
    """Print an issued document."""
    with reading(engine) as session:
        printed = to_pdf(requirements_page(_issued(session, reference, number)))
    name = f"{reference}-requirements-{number}.pdf"
    return Response(
        printed, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


@router.form("/agreements/{reference}/requirements/{number}/challenge")
def challenge_requirement(
    request: Request, engine: DatabaseEngine, actor: Actor, reference: str, number: int
) -> Response:
    """Hold a requirement against the evidence, and write that into its conversation."""
    with transaction(engine) as session:
        demand = challenge(session, find_agreement(session, reference), number, actor, now())
    return _back(request, reference, f"Requirement {number}: {demand.sentence()}")


@router.form("/agreements/{reference}/requirements/{number}/settle")
def settle_requirement(
    request: Request,
    engine: DatabaseEngine,
    actor: Actor,
    reference: str,
    number: int,
    settlement: Annotated[Settlement, Form()],
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Accept, reduce or drop a requirement, with the reason."""
    with transaction(engine) as session:
        settle(session, find_agreement(session, reference), number, settlement, reason, actor, now())
    return _back(request, reference, f"Requirement {number} is {settlement}.")


def _back(request: Request, reference: str, done: str) -> Response:
    return see_other(request, f"/agreements/{quote(reference)}#requirements", done)


def _issued(session: Session, reference: str, number: int) -> dict[str, Any]:
    agreement = find_agreement(session, reference)
    return requirements_document.as_data(requirements_document.find_document(session, agreement, number))
