"""The request behind a secret link, and whether it can still be answered."""

from datetime import datetime

from sqlmodel import Session, select

from config.errors import NotFoundError, SlmError
from mail.links import find_link
from models.agreements import Agreement
from models.approvals import ApprovalRequest, LinkPurpose, RequestState
from models.proposals import Proposal
from states.own_proposals import goes_by_a_name_of
from states.proposal_standing import overtaken_by
from states.subjects import subject_of
from templates.languages.kept import stored
from templates.languages.telling import told


class DecisionRefusedError(SlmError):
    """The answer cannot be recorded; the message says why."""


def find_request(session: Session, token: str) -> ApprovalRequest:
    """Return the approval request that a secret link opens.

    Raises:
        NotFoundError: if the token is none of ours.
    """
    link = find_link(session, LinkPurpose.DECISION, token)
    if link is None:
        raise NotFoundError(told("this address leads nowhere: use the whole link of the newest letter"))
    return session.get_one(ApprovalRequest, link.subject_id)


def refuse_own_proposal(session: Session, request: ApprovalRequest, name: str, email: str) -> None:
    """Refuse whoever goes by a name or an address of the one who proposed what a request is about.

    Raises:
        DecisionRefusedError: if policy lets nobody approve their own proposal, and this is the proposer.
    """
    if goes_by_a_name_of(session, subject_of(session, request).proposer, name, email):
        raise DecisionRefusedError(
            told("%(name)s proposed it, and policy lets nobody approve their own proposal", name=name)
        )


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
    _refuse_if_closed(session, agreement, request, at)
    return agreement


def _refuse_if_closed(session: Session, agreement: Agreement, request: ApprovalRequest, at: datetime) -> None:
    if request.state == RequestState.DECIDED:
        raise DecisionRefusedError(told("this request is answered already; the recorded decision stands"))
    if request.state == RequestState.VOID:
        raise DecisionRefusedError(
            told("this request is void: %(reason)s", reason=stored(request.void_reason))
        )
    if request.state == RequestState.EXPIRED or at >= request.due_at:
        when = f"{request.due_at:%Y-%m-%d %H:%M} UTC"
        raise DecisionRefusedError(told("this request ran out on %(when)s", when=when))
    subject = subject_of(session, request)
    if subject.sha256 != request.sha256:
        raise DecisionRefusedError(told("this request is about another text than the one that is offered"))
    if isinstance(subject.row, Proposal) and (why := overtaken_by(session, agreement, subject.row)):
        raise DecisionRefusedError(told("this request is superseded: %(why)s", why=why))
