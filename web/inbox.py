"""Letters that are held: read, accepted or dismissed by a manager."""

from typing import Annotated

from fastapi import Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from models.agreements import Agreement
from models.database import reading, transaction
from models.letters import InboxLetter
from states.held_letters import accept, dismiss, held_letters
from web.routing import DatabaseEngine, PageRouter, page, see_other
from web.security import Actor

router = PageRouter()
_INBOX = "/inbox"


@router.page(_INBOX)
def inbox_page(request: Request, engine: DatabaseEngine, actor: Actor) -> Response:
    """List the letters that wait for a manager, oldest first."""
    with reading(engine) as session:
        rows = [(letter, _reference(session, letter)) for letter in held_letters(session)]
        return page(request, "inbox", rows=rows)


@router.form("/inbox/{number}/accept")
def accept_held(request: Request, engine: DatabaseEngine, actor: Actor, number: int) -> Response:
    """Accept a held letter; nothing is decided by that."""
    with transaction(engine) as session:
        done = accept(session, number, actor, now())
    return see_other(request, _INBOX, f"Letter {number} is accepted: {done}.")


@router.form("/inbox/{number}/dismiss")
def dismiss_held(
    request: Request,
    engine: DatabaseEngine,
    actor: Actor,
    number: int,
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Dismiss a held letter, with a reason."""
    with transaction(engine) as session:
        dismiss(session, number, actor, reason, now())
    return see_other(request, _INBOX, f"Letter {number} is dismissed.")


def _reference(session: Session, letter: InboxLetter) -> str:
    if letter.agreement_id is None:
        return ""
    return session.get_one(Agreement, letter.agreement_id).reference
