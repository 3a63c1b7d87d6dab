"""Asking for an exclusion by page, and taking one back that still waits."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.errors import BadInputError
from models.database import transaction
from models.exclusions import Exclusion
from states import settling
from states.askers import find_asker
from states.drafting import find_agreement
from states.exclusion_texts import scope_of
from states.exclusions import ask_exclusion
from web.routing import DatabaseEngine, PageRouter, see_other
from web.security import Actor

router = PageRouter()
Text = Annotated[str, Form(max_length=4000)]


@router.form("/agreements/{reference}/exclusions")
def ask(
    request: Request,
    engine: DatabaseEngine,
    actor: Actor,
    reference: str,
    starts: Text = "",
    ends: Text = "",
    reason: Text = "",
    ticket: Text = "",
    attribute: Text = "",
    value: Text = "",
) -> Response:
    """Ask the customer that a stretch of time shall not count; by the owner where the actor is no person."""
    zone = request.session.get("zone", "UTC")
    if bool(attribute.strip()) != bool(value.strip()):
        raise BadInputError("a population wants both: an attribute and its value")
    with transaction(engine) as session:
        agreement = find_agreement(session, reference)
        exclusion = ask_exclusion(
            session,
            agreement,
            find_asker(session, agreement, actor) or agreement.owner,
            reason,
            _instant(starts, zone),
            _instant(ends, zone),
            now(),
            ticket=ticket,
            population={attribute.strip(): value.strip()} if attribute.strip() else {},
        )
        line = f"Exclusion {exclusion.id}, for {scope_of(exclusion)}: the customer is asked."
    return see_other(request, _address(reference), line)


@router.form("/agreements/{reference}/exclusions/{number}/withdraw")
def take_back(
    request: Request, engine: DatabaseEngine, actor: Actor, reference: str, number: int, reason: Text = ""
) -> Response:
    """Withdraw an exclusion that still waits for its approval."""
    with transaction(engine) as session:
        exclusion = settling.find(session, Exclusion, number, find_agreement(session, reference))
        settling.withdraw(session, exclusion, actor, reason, now())
    return see_other(request, _address(reference), f"Exclusion {number} is withdrawn.")


def _instant(text: str, zone: str) -> datetime:
    """Return the instant that a form's local date and time mean in a time zone."""
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInputError(f"'{text}' is not a date and time such as 2026-03-31T18:00") from None


def _address(reference: str) -> str:
    return f"/agreements/{quote(reference)}#exclusions"
