"""The decision page: one question to one person, behind a secret link of a letter."""

from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.errors import NotFoundError
from models.approvals import Answer, ApprovalRequest, RequestState
from models.database import reading, transaction
from states.decisions import Answered, DecisionRefusedError, decide, find_request
from web.rates import client_address
from web.routing import DatabaseEngine, PageRouter, page, see_other
from web.views.decision import question

router = PageRouter()
_MOST_CHARACTERS = 4000


@dataclass(frozen=True)
class _Typed:
    """What stands in the form, kept when it is shown again."""

    answer: str = ""
    name: str = ""
    reason: str = ""


@router.page("/d/{token}")
def decision_page(request: Request, engine: DatabaseEngine, token: str) -> Response:
    """Show the question, or the answer once there is one; nothing is changed."""
    with reading(engine) as session:
        return _page(request, session, _request_of(request, session, token))


@router.form("/d/{token}")
def record_decision(
    request: Request,
    engine: DatabaseEngine,
    token: str,
    answer: Annotated[str, Form()] = "",
    name: Annotated[str, Form(max_length=_MOST_CHARACTERS)] = "",
    reason: Annotated[str, Form(max_length=_MOST_CHARACTERS)] = "",
) -> Response:
    """Record the answer and lead back to the same address, or show again what is missing."""
    typed = _Typed(answer, name, reason)
    try:
        with transaction(engine) as session:
            asked = _request_of(request, session, token)
            decide(session, asked, _answered(request, typed), now())
    except DecisionRefusedError as refusal:
        with reading(engine) as session:
            asked = _request_of(request, session, token)
            status = 422 if asked.state == RequestState.OPEN and now() < asked.due_at else 409
            return _page(request, session, asked, typed, str(refusal), status)
    return see_other(request, request.url.path)


def _answered(request: Request, typed: _Typed) -> Answered:
    if typed.answer not in list(Answer):
        raise DecisionRefusedError("choose whether you approve or decline")
    return Answered(
        Answer(typed.answer),
        typed.name,
        reason=typed.reason,
        address=client_address(request),
        user_agent=request.headers.get("user-agent", "")[:500],
    )


def _request_of(request: Request, session: Session, token: str) -> ApprovalRequest:
    try:
        return find_request(session, token)
    except NotFoundError:
        request.app.state.unknown_tokens.count(request)
        raise


def _page(
    request: Request,
    session: Session,
    asked: ApprovalRequest,
    typed: _Typed | None = None,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    shown = question(session, asked, now())
    return page(
        request,
        "exclusion" if shown.exclusion else "decision",
        status,
        question=shown,
        typed=asdict(typed or _Typed()),
        problem=problem,
        zone=shown.zone,
    )
