"""The request behind a secret link, and whether it can still be answered."""

from datetime import datetime

from sqlmodel import Session, select

from config.errors import NotFoundError, SlmError
from mail.links import find_link
from models.agreements import Agreement
from models.approvals import ApprovalRequest, LinkPurpose, RequestState
from models.exclusions import Exclusion
from models.versions import AgreementVersion
from states.exclusion_texts import sha256_of_exclusion


class DecisionRefusedError(SlmError):
    """The answer cannot be recorded; the message says why."""


def find_request(session: Session, token: str) -> ApprovalRequest:
    """Return the approval request that a secret link opens.

    Raises:
        NotFoundError: if the token is none of ours.
    """
    link = find_link(session, LinkPurpose.DECISION, token)
    if link is None:
        raise NotFoundError("this address leads nowhere: use the whole link of the newest letter")
    return session.get_one(ApprovalRequest, link.subject_id)


def lock_open_request(session: Session, request: ApprovalRequest, at: datetime) -> Agreement:
    """Lock the request's agreement, read everything anew, and return it if the request is still open.

    Raises:
        DecisionRefusedError: if the request is answered, void or run out, or its text is superseded.
    """
    agreement = session.exec(
        select(Agreement)
        .where(Agreement.id == request.agreement_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    session.expire_all()  # what was read before the lock, other answers above all, may be old by now
    _refuse_if_closed(request, _sha256_of_subject(session, agreement, request), at)
    return agreement


def _sha256_of_subject(session: Session, agreement: Agreement, request: ApprovalRequest) -> str | None:
    """Return the hash of the text that the request is about, as that text stands now."""
    if request.exclusion_id is not None:
        return sha256_of_exclusion(agreement, session.get_one(Exclusion, request.exclusion_id))
    return session.get_one(AgreementVersion, request.version_id).sha256


def _refuse_if_closed(request: ApprovalRequest, sha256: str | None, at: datetime) -> None:
    if request.state == RequestState.DECIDED:
        raise DecisionRefusedError("this request is answered already; the recorded decision stands")
    if request.state == RequestState.VOID:
        raise DecisionRefusedError(f"this request is void: {request.void_reason}")
    if request.state == RequestState.EXPIRED or at >= request.due_at:
        raise DecisionRefusedError(f"this request ran out on {request.due_at:%Y-%m-%d %H:%M} UTC")
    if sha256 != request.sha256:
        raise DecisionRefusedError("this request is about another text than the one that is offered")
