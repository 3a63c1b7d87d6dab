"""What a manager does about approval requests by page: remind, withdraw, ask anew, answer questions."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.errors import NotFoundError
from models.approvals import ApprovalRequest
from models.database import transaction
from states.approval_acts import ask_anew, find_numbered, remind_now, void_now
from states.drafting import find_agreement
from states.questions import answer_question
from web.routing import DatabaseEngine, PageRouter, see_other
from web.security import Actor

router = PageRouter()
Text = Annotated[str, Form(max_length=4000)]


@router.form("/agreements/{reference}/approvals/{number}/remind")
def remind(request: Request, engine: DatabaseEngine, actor: Actor, reference: str, number: int) -> Response:
    """Send a reminder now."""
    with transaction(engine) as session:
        asked = _find(session, reference, number)
        remind_now(session, asked, actor, now())
        line = f"{asked.person.name} gets a reminder."
    return _back(request, reference, line)


@router.form("/agreements/{reference}/approvals/{number}/void")
def void(
    request: Request, engine: DatabaseEngine, actor: Actor, reference: str, number: int, reason: Text = ""
) -> Response:
    """Withdraw a request; its person is told."""
    with transaction(engine) as session:
        asked = _find(session, reference, number)
        void_now(session, asked, reason, actor, now())
        line = f"The request to {asked.person.name} is withdrawn."
    return _back(request, reference, line)


@router.form("/agreements/{reference}/approvals/{number}/ask-anew")
def ask_again(
    request: Request, engine: DatabaseEngine, actor: Actor, reference: str, number: int, email: Text = ""
) -> Response:
    """Ask the same person with a new link, at the address that is given."""
    with transaction(engine) as session:
        asked = _find(session, reference, number)
        new = ask_anew(session, asked, actor, now(), email)
        line = f"{new.person.name} is asked anew at {new.person.email}."
    return _back(request, reference, line)


@router.form("/agreements/{reference}/approvals/{number}/answer")
def answer(
    request: Request,
    engine: DatabaseEngine,
    actor: Actor,
    reference: str,
    number: int,
    question: Annotated[int, Form()],
    text: Text = "",
) -> Response:
    """Answer a question that was asked before deciding."""
    with transaction(engine) as session:
        asked = _find(session, reference, number)
        answer_question(session, asked, question, text, actor, now())
        line = f"{asked.person.name} gets your answer by letter."
    return _back(request, reference, line)


def _find(session: Session, reference: str, number: int) -> ApprovalRequest:
    asked = find_numbered(session, number)
    if asked.agreement_id != find_agreement(session, reference).id:
        raise NotFoundError(f"{reference} has no approval request {number}")
    return asked


def _back(request: Request, reference: str, line: str) -> Response:
    return see_other(request, f"/agreements/{quote(reference)}#approvals", line)
