"""The decision page: one question to one person, behind a secret link of a letter."""

from dataclasses import asdict, dataclass, replace
from typing import Annotated

from fastapi import Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.errors import NotFoundError
from models.approvals import Answer, ApprovalRequest, RequestState
from models.database import reading, transaction
from models.versions import AgreementVersion
from states.codes import WrongCodeError
from states.decisions import Answered, ask_for_code, decide
from states.handing_over import Delegation, hand_over
from states.open_requests import DecisionRefusedError, find_request
from states.questions import put_question
from states.version_text import document_of
from templates.render import render
from web.errors import sentence
from web.evidence_of_requests import browser_headers, client_evidence
from web.printed_texts import printed_text
from web.rates import client_address
from web.routing import DatabaseEngine, PageRouter, page, see_other
from web.sent_pages import page_sent_at, sent_page
from web.views.decision import question as question_view

router = PageRouter()
Line = Annotated[str, Form(max_length=300)]
Text = Annotated[str, Form(max_length=4000)]
_CODE, _ASK, _HAND_OVER = "code", "ask", "hand_over"


@dataclass(frozen=True)
class _Typed:
    """What stands in the form, kept when it is shown again; a one-time code is not.

    Attributes:
        sent: tells when the page was first sent, as `web.sent_pages` signs it.
    """

    answer: str = ""
    name: str = ""
    reason: str = ""
    question: str = ""
    delegate: str = ""
    email: str = ""
    why: str = ""
    sent: str = ""


@router.page("/d/{token}")
def decision_page(request: Request, engine: DatabaseEngine, token: str) -> Response:
    """Show the question, or the answer once there is one; nothing is changed."""
    with reading(engine) as session:
        return _page(request, session, _request_of(request, session, token))


@router.page("/d/{token}/pdf")
def text_as_pdf(request: Request, engine: DatabaseEngine, token: str) -> Response:
    """Print the text that the request is about, or under which something else is asked."""
    with reading(engine) as session:
        asked = _request_of(request, session, token)
        version = session.get_one(AgreementVersion, asked.version_id)
        html = render(
            "documents/offered.html.j2",
            shown=document_of(version),
            sha256=version.sha256,
            standing=version.status.value.capitalize(),
        )
    headers = {"Content-Disposition": 'inline; filename="agreement.pdf"'}
    return Response(printed_text(html), media_type="application/pdf", headers=headers)


@router.form("/d/{token}")
def record_answer(
    request: Request,
    engine: DatabaseEngine,
    token: str,
    do: Line = "",
    answer: Line = "",
    name: Line = "",
    reason: Text = "",
    question: Text = "",
    delegate: Line = "",
    email: Line = "",
    why: Text = "",
    code: Line = "",
    sent: Annotated[str, Form()] = "",
) -> Response:
    """Record what was answered and lead back to the same address, or show again what is missing."""
    typed = _Typed(answer, name, reason, question, delegate, email, why, sent)
    problem: DecisionRefusedError | None = None
    try:
        with transaction(engine) as session:
            asked = _request_of(request, session, token)
            try:
                _act(request, session, asked, typed, do, code)
            except WrongCodeError as wrong:
                problem = wrong  # the attempt counts, so the transaction is committed all the same
    except DecisionRefusedError as refusal:
        problem = refusal
    if isinstance(problem, WrongCodeError):
        request.app.state.wrong_codes.count(request)
    if problem is None and do != _CODE:
        return see_other(request, request.url.path)
    with reading(engine) as session:
        asked = _request_of(request, session, token)
        return _page(
            request, session, asked, typed, sentence(problem) if problem else "", _status(asked, problem)
        )


def _act(
    request: Request, session: Session, asked: ApprovalRequest, typed: _Typed, do: str, code: str
) -> None:
    at = now()
    sent_at = page_sent_at(typed.sent, asked, at)
    if code:
        request.app.state.wrong_codes.check(request)
    if do == _CODE:
        ask_for_code(session, asked, typed.name, at)
    elif typed.answer == _ASK:
        put_question(session, asked, typed.question, at, client_evidence(request, sent_at))
    elif typed.answer == _HAND_OVER:
        evidence = client_evidence(request, sent_at)
        hand_over(session, asked, Delegation(typed.delegate, typed.email, typed.why, code, evidence), at)
    elif typed.answer in list(Answer):
        answered = Answered(
            Answer(typed.answer),
            typed.name,
            reason=typed.reason,
            code=code,
            address=client_address(request),
            user_agent=request.headers.get("user-agent", "")[:500],
            headers=browser_headers(request),
            opened_at=sent_at,
        )
        decide(session, asked, answered, at)
    else:
        raise DecisionRefusedError("choose whether you approve or decline, ask, or hand it over")


def _status(asked: ApprovalRequest, problem: DecisionRefusedError | None) -> int:
    if problem is None:
        return 200
    return 422 if asked.state == RequestState.OPEN and now() < asked.due_at else 409


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
    problem: str = "",
    status: int = 200,
) -> Response:
    at = now()
    shown = question_view(session, asked, at)
    typed = typed or _Typed()
    if page_sent_at(typed.sent, asked, at) is None:
        typed = replace(typed, sent=sent_page(asked, at))
    return page(
        request,
        {"version": "decision"}.get(shown.subject.word, shown.subject.word),
        status,
        question=shown,
        typed=asdict(typed),
        problem=problem,
        zone=shown.zone,
        language=asked.person.language,
    )
