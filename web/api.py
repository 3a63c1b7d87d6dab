"""The JSON API: what the command line does, over HTTP, with the same accounts."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import JSONResponse

from config.clock import now
from config.errors import BadInputError
from models.agreements import Agreement
from models.database import reading, transaction
from states.agreement_document import parse_document
from states.drafting import apply_document, find_agreement
from states.lifecycle import advance, blockers
from states.move import BlockedMoveError
from states.overview import account, summary
from states.target_revisions import accept_risk, adopt_counter_offer
from web.errors import sentence
from web.routing import DatabaseEngine
from web.security import ProgramActor

router = APIRouter(prefix="/api")


class MoveAsked(BaseModel):
    """A move that a program asks for; with `dry_run` it is only looked at."""

    model_config = ConfigDict(extra="forbid")

    trigger: str
    reason: str | None = None
    until: AwareDatetime | None = None
    expected_version: int | None = None
    dry_run: bool = False


class RiskAccepted(BaseModel):
    """Why an unproven target is offered all the same."""

    model_config = ConfigDict(extra="forbid")

    reason: str


async def _body(request: Request) -> str:
    try:
        return (await request.body()).decode()
    except UnicodeDecodeError:
        raise BadInputError("the body: this is no text in UTF-8") from None


Body = Annotated[str, Depends(_body)]


@router.get("/health")
def health(engine: DatabaseEngine) -> dict[str, str]:
    """Say that the application answers and reaches its database."""
    with reading(engine) as session:
        session.exec(select(1)).one()
    return {"status": "ok"}


@router.get("/agreements")
def list_agreements(engine: DatabaseEngine, actor: ProgramActor) -> list[dict[str, Any]]:
    """List every agreement, by reference."""
    with reading(engine) as session:
        return [
            summary(row) for row in session.exec(select(Agreement).order_by(col(Agreement.reference))).all()
        ]


@router.get("/agreements/{reference}")
def show_agreement(engine: DatabaseEngine, actor: ProgramActor, reference: str) -> dict[str, Any]:
    """Tell one agreement's whole life."""
    with reading(engine) as session:
        return account(session, find_agreement(session, reference))


@router.put("/agreements")
def apply_agreement(
    engine: DatabaseEngine, actor: ProgramActor, body: Body, response: Response
) -> dict[str, Any]:
    """Create the agreement that the body describes (YAML or JSON), or replace the contents of its draft."""
    document = parse_document(body, "the body")
    with transaction(engine) as session:
        agreement = apply_document(session, document, actor, now())
        response.headers["Location"] = f"/api/agreements/{quote(agreement.reference)}"
        return account(session, agreement)


@router.post("/agreements/{reference}/advance", response_model=None)
def move_agreement(
    engine: DatabaseEngine, actor: ProgramActor, reference: str, asked: MoveAsked
) -> dict[str, Any] | Response:
    """Move an agreement, or answer 409 with everything that blocks."""
    try:
        if asked.dry_run:
            with reading(engine) as session:
                return _looked_at(session, find_agreement(session, reference), actor, asked)
        with transaction(engine) as session:
            agreement = advance(
                session,
                find_agreement(session, reference),
                asked.trigger,
                actor,
                now(),
                reason=asked.reason,
                expected_version=asked.expected_version,
                until=asked.until,
            )
            return account(session, agreement)
    except BlockedMoveError as refusal:
        blocked = {"error": sentence(refusal), "reasons": refusal.reasons, "blocked": refusal.reasons}
        return JSONResponse(blocked, 409)


def _looked_at(session: Session, agreement: Agreement, actor: str, asked: MoveAsked) -> dict[str, Any]:
    row, reasons = blockers(session, agreement, asked.trigger, actor, now(), asked.reason, asked.until)
    if reasons:
        raise BlockedMoveError(f"{agreement.reference}: {asked.trigger}", reasons)
    return {
        "trigger": row.trigger.value,
        "from": row.source.value,
        "to": row.target.value,
        "effect": row.effect_words,
        "blocked": [],
    }


@router.post("/agreements/{reference}/targets/{key}/adopt")
def adopt(engine: DatabaseEngine, actor: ProgramActor, reference: str, key: str) -> dict[str, Any]:
    """Put a target's counter-offer into the draft."""
    with transaction(engine) as session:
        agreement = find_agreement(session, reference)
        adopt_counter_offer(session, agreement, key, actor, now())
        return account(session, agreement)


@router.post("/agreements/{reference}/targets/{key}/accept-risk")
def accept(
    engine: DatabaseEngine, actor: ProgramActor, reference: str, key: str, risk: RiskAccepted
) -> dict[str, Any]:
    """Keep an unproven target in the draft, by name and with the reason."""
    with transaction(engine) as session:
        agreement = find_agreement(session, reference)
        accept_risk(session, agreement, key, actor, risk.reason, now())
        return account(session, agreement)
