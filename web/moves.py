"""Moving an agreement by page: a confirmation first, then the one door; and settling failing targets."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.errors import BadInputError, SlmError
from models.agreements import Agreement
from models.database import reading, transaction
from states.drafting import find_agreement
from states.lifecycle import advance
from states.move import BlockedMoveError
from states.target_revisions import accept_risk, adopt_counter_offer
from web.errors import sentence, status_of
from web.routing import DatabaseEngine, PageRouter, page, see_other
from web.security import Actor
from web.views.confirmation import confirmation
from web.views.words import trigger_title

router = PageRouter()
Text = Annotated[str, Form(max_length=4000)]


@router.page("/agreements/{reference}/advance/{trigger}")
def confirmation_page(
    request: Request, engine: DatabaseEngine, actor: Actor, reference: str, trigger: str
) -> Response:
    """Show what a move would do, who gets letters, and what blocks it."""
    with reading(engine) as session:
        agreement = find_agreement(session, reference)
        return _confirm(request, session, agreement, trigger, actor)


@router.form("/agreements/{reference}/advance/{trigger}")
def make_move(
    request: Request,
    engine: DatabaseEngine,
    actor: Actor,
    reference: str,
    trigger: str,
    expected_version: Annotated[int, Form()],
    reason: Text = "",
    until: Text = "",
) -> Response:
    """Make the move and lead back to the agreement, or show what blocks it."""
    try:
        with transaction(engine) as session:
            agreement = advance(
                session,
                find_agreement(session, reference),
                trigger,
                actor,
                now(),
                reason=reason.strip() or None,
                expected_version=expected_version,
                until=_midnight(until, request.session.get("zone", "UTC")),
            )
            stage = agreement.stage.title.lower()
    except SlmError as refusal:
        with reading(engine) as session:
            agreement = find_agreement(session, reference)
            return _confirm(request, session, agreement, trigger, actor, refusal, reason, until)
    done = f"{trigger_title(trigger)}: done. {reference} is in {stage} now."
    return see_other(request, _address(reference), done)


@router.form("/agreements/{reference}/targets/{key}/adopt")
def adopt(request: Request, engine: DatabaseEngine, actor: Actor, reference: str, key: str) -> Response:
    """Put a target's counter-offer into the draft."""
    with transaction(engine) as session:
        adopt_counter_offer(session, find_agreement(session, reference), key, actor, now())
    return see_other(request, f"{_address(reference)}#targets", f"{key}: the counter-offer is in the draft.")


@router.form("/agreements/{reference}/targets/{key}/accept-risk")
def accept(
    request: Request, engine: DatabaseEngine, actor: Actor, reference: str, key: str, reason: Text = ""
) -> Response:
    """Keep an unproven target in the draft, by name and with the reason."""
    with transaction(engine) as session:
        accept_risk(session, find_agreement(session, reference), key, actor, reason, now())
    return see_other(request, f"{_address(reference)}#targets", f"{key}: the risk is accepted by {actor}.")


def _confirm(
    request: Request,
    session: Session,
    agreement: Agreement,
    trigger: str,
    actor: str,
    refusal: SlmError | None = None,
    reason: str = "",
    until: str = "",
) -> Response:
    shown = confirmation(session, agreement, trigger, actor, now())
    return page(
        request,
        "advance",
        status_of(refusal) if refusal else 200,
        agreement=agreement,
        move=shown,
        problem=sentence(refusal) if refusal else None,
        reasons=refusal.reasons if isinstance(refusal, BlockedMoveError) else [],
        reason=reason,
        until=until,
    )


def _midnight(text: str, zone: str) -> datetime | None:
    """Return the instant at which a day, given as a date in a form, begins; None where none is given."""
    if not text:
        return None
    try:
        local = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise BadInputError(f"'{text}' is not a date such as 2026-03-31") from None
    return local.astimezone(UTC)


def _address(reference: str) -> str:
    return f"/agreements/{quote(reference)}"
