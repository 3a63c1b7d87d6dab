"""What a manager does about one approval request: remind, void, ask anew at another address."""

from datetime import datetime

from pydantic import ValidationError
from sqlmodel import Session, select

from config.errors import NotFoundError, SlmError
from config.plain_text import plain
from config.policy import policy
from models.agreements import Agreement
from models.approvals import ApprovalRequest, RequestState
from models.parties import Person
from states import approvals
from states.approval_requests import answer_by, open_in_place_of, record
from states.asking import ask
from states.document_parts import PersonPart
from states.subjects import subject_of


class ApprovalActError(SlmError):
    """What was asked for cannot be done about this request; the message says why."""


def find_numbered(session: Session, number: int) -> ApprovalRequest:
    """Return the approval request of this number.

    Raises:
        NotFoundError: if there is none.
    """
    found = session.get(ApprovalRequest, number)
    if found is None:
        raise NotFoundError(f"there is no approval request {number}: `slm approvals` lists them")
    return found


def remind_now(session: Session, request: ApprovalRequest, actor: str, at: datetime) -> None:
    """Send a reminder before its time; it counts among those that policy allows.

    Raises:
        ApprovalActError: if the request is not open, was reminded of as often as policy allows, or a letter
            about it came back.
    """
    _lock(session, request)
    _refuse_unless_open(request, at)
    if approvals.letter_that_came_back(session, request) is not None:
        raise ApprovalActError(f"request {request.id}: the letter came back: ask anew at the right address")
    most = policy().approvals.most_reminders
    if request.reminders >= most:
        raise ApprovalActError(f"request {request.id}: {most} reminders were sent, and policy allows no more")
    approvals.remind(session, request, at, actor)


def void_now(session: Session, request: ApprovalRequest, reason: str, actor: str, at: datetime) -> None:
    """Withdraw a request; its person is told. A required approval is then still missing: ask anew.

    Raises:
        ApprovalActError: if there is no reason, the request is not open, or it is about an exclusion or a
            proposal, which is withdrawn as a whole.
    """
    agreement = _lock(session, request)
    _refuse_unless_open(request, at)
    reason = plain(reason)
    if not reason:
        raise ApprovalActError(f"request {request.id}: to void it, give a reason")
    subject = subject_of(session, request)
    if subject.columns:
        raise ApprovalActError(f"request {request.id}: withdraw {subject.name} instead")
    approvals.void(session, agreement, request, at, reason, tell=True, actor=actor)


def ask_anew(
    session: Session, request: ApprovalRequest, actor: str, at: datetime, email: str = ""
) -> ApprovalRequest:
    """Ask the same person with a new link and a new date, at another address where one is given.

    Args:
        session: the caller's; nothing is committed.
        request: open, void or run out; its link leads nowhere any more.
        actor: who does it.
        at: when.
        email: the person's right address, after a bounce.

    Returns:
        The new request.

    Raises:
        ApprovalActError: if the request is decided or replaced already, what it is about is not offered any
            more, or the address is none, or somebody else's.
    """
    agreement = _lock(session, request)
    replaced = select(ApprovalRequest.id).where(ApprovalRequest.replaces_id == request.id)
    if request.state == RequestState.DECIDED:
        raise ApprovalActError(f"request {request.id} is decided: nobody is asked twice")
    if (newer := session.exec(replaced).first()) is not None:
        raise ApprovalActError(f"request {request.id}: request {newer} took its place")
    subject = subject_of(session, request)
    if not subject.waits or subject.sha256 != request.sha256:
        raise ApprovalActError(f"request {request.id}: what it is about is not asked any more")
    if email:
        _correct(session, agreement, request, email, actor, at)
    if request.state == RequestState.OPEN:
        approvals.void(session, agreement, request, at, "asked anew", tell=False, actor=actor)
    new = open_in_place_of(session, request, request.person, at, answer_by(at))
    ask(session, agreement, new, at)
    return new


def _lock(session: Session, request: ApprovalRequest) -> Agreement:
    wanted = select(Agreement).where(Agreement.id == request.agreement_id).with_for_update()
    agreement = session.exec(wanted.execution_options(populate_existing=True)).one()
    session.refresh(request)
    return agreement


def _refuse_unless_open(request: ApprovalRequest, at: datetime) -> None:
    if request.state != RequestState.OPEN or at >= request.due_at:
        word = request.state.value if request.state != RequestState.OPEN else "run out"
        raise ApprovalActError(f"request {request.id} is {word}: nobody waits for an answer to it")


def _correct(
    session: Session, agreement: Agreement, request: ApprovalRequest, email: str, actor: str, at: datetime
) -> None:
    person, address = request.person, email.strip().lower()
    try:
        PersonPart(name=person.name, email=address)
    except ValidationError:
        raise ApprovalActError(f"'{email}' is no e-mail address") from None
    holder = session.exec(select(Person).where(Person.email == address)).one_or_none()
    if holder is not None and holder.id != person.id:
        raise ApprovalActError(f"{address} is the address of {holder.name}")
    former, person.email = person.email, address
    session.flush()
    record(session, agreement, request, "address", at, actor=actor, former=former, now=address)
