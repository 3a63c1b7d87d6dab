"""Letters that are held: a manager reads them, and accepts or dismisses each. Neither decides anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from config.errors import NotFoundError, SlmError
from config.plain_text import plain
from mail import keys
from models.agreements import Agreement
from models.approvals import Answer, ApprovalRequest
from models.letters import InboxLetter, InboxOutcome, InboxState
from states import audit, confirmations
from states.approval_requests import about
from states.open_requests import DecisionRefusedError, lock_open_request

_MOST_COMMENTS = 50
_TEXTS = (InboxOutcome.DECISION, InboxOutcome.INTENT, InboxOutcome.COMMENT)


class HeldLetterError(SlmError):
    """The letter cannot be settled so; the message says why."""


def held_letters(session: Session) -> Sequence[InboxLetter]:
    """Return the letters that wait for a manager, oldest first."""
    waiting = select(InboxLetter).where(InboxLetter.state == InboxState.WAITING)
    return session.exec(waiting.order_by(col(InboxLetter.id))).all()


@dataclass(frozen=True)
class MailedComment:
    """What somebody wrote by mail about a request.

    Attributes:
        about: "version 2", "exclusion 7".
        sender: the address it came from; where a manager accepted it, not always that of the person asked.
        accepted_by: the manager who accepted it, "" where it was not held.
    """

    about: str
    person: str
    sender: str
    text: str
    received_at: datetime
    accepted_by: str


def comments_on(session: Session, agreement: Agreement) -> list[MailedComment]:
    """Return what people wrote by mail on an agreement's requests, newest first; held ones once accepted."""
    shown = or_(col(InboxLetter.outcome).in_(_TEXTS), col(InboxLetter.state) == InboxState.ACCEPTED)
    written = (
        select(InboxLetter, ApprovalRequest)
        .join(ApprovalRequest, col(ApprovalRequest.id) == InboxLetter.request_id)
        .where(InboxLetter.agreement_id == agreement.id, shown, InboxLetter.text != "")
        .order_by(col(InboxLetter.id).desc())
        .limit(_MOST_COMMENTS)
    )
    return [
        MailedComment(
            about=about(session, request),
            person=request.person.name,
            sender=letter.sender,
            text=letter.text,
            received_at=letter.received_at,
            accepted_by=letter.settled_by,
        )
        for letter, request in session.exec(written)
    ]


def accept(session: Session, letter_id: int, by: str, at: datetime) -> str:
    """Accept a held letter, and return what that did.

    An answer that can still be given is sent back to the person asked, to be confirmed: it is never taken
    for the decision. What was written becomes a comment on the request. A letter about nothing is done with.

    Raises:
        NotFoundError: if there is no such letter.
        HeldLetterError: if it is not held.
    """
    letter = _waiting(session, letter_id)
    done = "it is done with"
    if letter.request_id is not None and letter.agreement_id is not None:
        request = session.get_one(ApprovalRequest, letter.request_id)
        agreement = _locked(session, letter.agreement_id)
        done = "what it says is a comment on the request" if letter.text else done
        if letter.answer and _is_open(session, request, at):
            key = keys.approval_confirm_accepted(letter)
            answer = Answer(letter.answer)
            confirmations.ask_to_confirm(session, agreement, request, answer, key, at)
            done = f"{request.person.name} was sent the link to confirm it"
    _settle(session, letter, InboxState.ACCEPTED, by, done, at)
    return done


def dismiss(session: Session, letter_id: int, by: str, reason: str, at: datetime) -> None:
    """Dismiss a held letter; it stays in the inbox and is shown no more.

    Raises:
        NotFoundError: if there is no such letter.
        HeldLetterError: if it is not held, or no reason is given.
    """
    reason = plain(reason)
    if not reason:
        raise HeldLetterError("to dismiss a letter, say why")
    letter = _waiting(session, letter_id)
    if letter.agreement_id is not None:
        _locked(session, letter.agreement_id)
    _settle(session, letter, InboxState.DISMISSED, by, reason, at)


def _waiting(session: Session, letter_id: int) -> InboxLetter:
    letter = session.exec(
        select(InboxLetter).where(InboxLetter.id == letter_id).with_for_update()
    ).one_or_none()
    if letter is None:
        raise NotFoundError(f"there is no letter {letter_id} in the inbox")
    if letter.state != InboxState.WAITING:
        raise HeldLetterError(f"letter {letter_id} is not held: it is {letter.state.value}")
    return letter


def _is_open(session: Session, request: ApprovalRequest, at: datetime) -> bool:
    session.flush()  # what is open is read anew
    try:
        lock_open_request(session, request, at)
    except DecisionRefusedError:
        return False
    return True


def _locked(session: Session, agreement_id: int) -> Agreement:
    return session.exec(select(Agreement).where(Agreement.id == agreement_id).with_for_update()).one()


def _settle(
    session: Session, letter: InboxLetter, state: InboxState, by: str, reason: str, at: datetime
) -> None:
    letter.state, letter.settled_by, letter.settled_at, letter.settled_reason = state, by, at, reason
    session.flush()
    if letter.agreement_id is None:
        return
    agreement = session.get_one(Agreement, letter.agreement_id)
    details = {"letter": letter.id, "request": letter.request_id, "reason": reason}
    audit.append(session, agreement, f"mail {state.value}", by, at, **details)
