"""Exclusions over the JSON API: what `slm exclusions` does."""

from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from config.clock import now
from models.database import reading, transaction
from models.exclusions import Exclusion
from states import settling
from states.askers import find_asker
from states.drafting import find_agreement
from states.exclusion_accounts import exclusion_told, exclusions_of
from states.exclusions import ask_exclusion
from web.routing import DatabaseEngine
from web.security import ProgramActor

router = APIRouter(prefix="/api")


class ExclusionAsked(BaseModel):
    """A stretch of time that shall not count; `ticket` or `population` narrow down for what."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    reason: str
    starts_at: AwareDatetime = Field(alias="from")
    ends_at: AwareDatetime = Field(alias="to")
    ticket: str = ""
    population: dict[str, str] = {}


class ExclusionWithdrawn(BaseModel):
    """Why an exclusion is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: str


@router.get("/agreements/{reference}/exclusions")
def list_exclusions(engine: DatabaseEngine, actor: ProgramActor, reference: str) -> list[dict[str, Any]]:
    """List every exclusion ever asked for under an agreement, the newest first."""
    with reading(engine) as session:
        agreement = find_agreement(session, reference)
        return [exclusion_told(session, row) for row in exclusions_of(session, agreement)]


@router.post("/agreements/{reference}/exclusions")
def ask(engine: DatabaseEngine, actor: ProgramActor, reference: str, asked: ExclusionAsked) -> dict[str, Any]:
    """Ask the customer that a stretch of time shall not count; by the owner where the actor is no person."""
    with transaction(engine) as session:
        agreement = find_agreement(session, reference)
        exclusion = ask_exclusion(
            session,
            agreement,
            find_asker(session, agreement, actor) or agreement.owner,
            asked.reason,
            asked.starts_at,
            asked.ends_at,
            now(),
            ticket=asked.ticket,
            population=asked.population,
        )
        return exclusion_told(session, exclusion)


@router.post("/agreements/{reference}/exclusions/{number}/withdraw")
def take_back(
    engine: DatabaseEngine, actor: ProgramActor, reference: str, number: int, told: ExclusionWithdrawn
) -> dict[str, Any]:
    """Withdraw an exclusion that still waits for its approval."""
    with transaction(engine) as session:
        exclusion = settling.find(session, Exclusion, number, find_agreement(session, reference))
        settling.withdraw(session, exclusion, actor, told.reason, now())
        return exclusion_told(session, exclusion)
