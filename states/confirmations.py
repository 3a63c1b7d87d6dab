"""What people are told who answer by mail: the link to confirm an answer at, or that it comes too late."""

from datetime import datetime

from sqlmodel import Session

from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import Answer, ApprovalRequest
from states.approval_requests import about, decision_link


def ask_to_confirm(
    session: Session, agreement: Agreement, request: ApprovalRequest, answer: Answer, key: str, at: datetime
) -> bool:
    """Send the person asked, and nobody else, a fresh link to confirm a mailed answer.

    Returns:
        False where a letter of this key was sent already.
    """
    letter = post(
        session,
        "approval_confirm",
        request.person,
        key=key,
        at=at,
        agreement=agreement,
        about=about(session, request),
        answer=answer.value,
        link=decision_link(session, request, at),
        due_at=request.due_at,
    )
    return letter is not None


def tell_closed(
    session: Session, agreement: Agreement, request: ApprovalRequest, why: str, at: datetime
) -> None:
    """Tell the person asked, once, that a mailed answer came to a request that takes none any more."""
    post(
        session,
        "approval_closed",
        request.person,
        key=keys.approval_closed(request),
        at=at,
        agreement=agreement,
        about=about(session, request),
        why=why,
    )
