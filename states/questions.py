"""Questions before a decision: put to the agreement's owner, answered by letter; the request stays open."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from config.errors import NotFoundError
from config.plain_text import plain
from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import ApprovalQuestion, ApprovalRequest, RequestState
from states.approval_requests import about, decision_link, record
from states.open_requests import DecisionRefusedError, lock_open_request
from templates.languages.telling import told

MOST_OPEN = 5


def put_question(
    session: Session,
    request: ApprovalRequest,
    text: str,
    at: datetime,
    evidence: Mapping[str, str] | None = None,
) -> ApprovalQuestion:
    """Keep a question of the request's person, and write it to the agreement's owner.

    Raises:
        DecisionRefusedError: if the request is closed, the question empty, or five wait for an answer.
    """
    agreement = lock_open_request(session, request, at)
    if not plain(text):
        raise DecisionRefusedError(told("write what you would like to know"))
    if sum(row.answered_at is None for row in request.questions) >= MOST_OPEN:
        raise DecisionRefusedError(told("%(number)s questions wait for an answer already", number=MOST_OPEN))
    question = ApprovalQuestion(request_id=request.id, text=plain(text), asked_at=at)
    session.add(question)
    session.flush()
    session.expire(request, ["questions"])
    post(
        session,
        "approval_question",
        agreement.owner,
        key=keys.approval_question(question),
        at=at,
        agreement=agreement,
        about=about(session, request),
        question=question,
        asker=request.person,
        due_at=request.due_at,
    )
    data = {"question": question.id, "text": question.text, **(evidence or {})}
    record(session, agreement, request, "question", at, actor=request.person.name, **data)
    return question


def answer_question(
    session: Session, request: ApprovalRequest, number: int | None, text: str, by: str, at: datetime
) -> ApprovalQuestion:
    """Answer a question of a request by letter, with a fresh link to decide.

    Args:
        session: the caller's; nothing is committed.
        request: what the question is about.
        number: of the question; None for the oldest one without an answer.
        text: the answer.
        by: who answers.
        at: when.

    Raises:
        NotFoundError: if there is no such question, or none without an answer.
        DecisionRefusedError: if it is answered already, or the answer is empty.
    """
    agreement = session.get_one(Agreement, request.agreement_id)
    wanted = select(ApprovalQuestion).where(ApprovalQuestion.request_id == request.id)
    if number is None:
        wanted = wanted.where(col(ApprovalQuestion.answered_at).is_(None))
    else:
        wanted = wanted.where(ApprovalQuestion.id == number)
    question = session.exec(wanted.order_by(col(ApprovalQuestion.id)).with_for_update()).first()
    if question is None:
        raise NotFoundError(f"request {request.id}: no question waits for an answer")
    if question.answered_at is not None:
        raise DecisionRefusedError(f"request {request.id}: question {question.id} is answered already")
    if not plain(text):
        raise DecisionRefusedError(f"request {request.id}: write an answer")
    question.answer, question.answered_by, question.answered_at = plain(text), by, at
    post(
        session,
        "approval_answer",
        request.person,
        key=keys.approval_answer(question),
        at=at,
        agreement=agreement,
        about=about(session, request),
        question=question,
        link=decision_link(session, request, at),
        due_at=request.due_at,
        is_open=request.state == RequestState.OPEN and at < request.due_at,
    )
    record(session, agreement, request, "answer", at, actor=by, question=question.id, text=question.answer)
    return question
