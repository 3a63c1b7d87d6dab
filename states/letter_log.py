"""The mail log: which letters wait, went out, came back, were answered or failed; never their secrets."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, literal, not_, or_
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from config.plain_text import plain_line
from mail.blotting import without_secrets
from models.agreements import Agreement
from models.approvals import Decision
from models.letters import LetterState, OutboxLetter
from models.surveys import SurveyInvitation

MOST = 200


class Standing(StrEnum):
    """How a letter stands, as people ask for it."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    ANSWERED = "answered"
    BOUNCED = "bounced"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    SIMULATED = "simulated"


def find_letters(
    session: Session,
    *,
    standing: Standing | None = None,
    agreement: Agreement | None = None,
    to: str = "",
    limit: int = MOST,
) -> tuple[list[dict[str, Any]], int]:
    """Return the newest letters as `letter_told` tells them, and how many there are in all.

    Args:
        session: to read with.
        standing: only those that stand so.
        agreement: only those about it.
        to: only those whose address contains this, in any case.
        limit: the most letters to return.
    """
    wanted: SelectOfScalar[OutboxLetter] = select(OutboxLetter)
    if standing is not None:
        wanted = wanted.where(_stands(standing))
    if agreement is not None:
        wanted = wanted.where(OutboxLetter.agreement_id == agreement.id)
    if to := plain_line(to):
        wanted = wanted.where(func.lower(OutboxLetter.to_address).contains(to.lower(), autoescape=True))
    total = session.exec(select(func.count()).select_from(wanted.subquery())).one()
    newest = session.exec(wanted.order_by(col(OutboxLetter.id).desc()).limit(limit)).all()
    return _told(session, list(newest)), total


def count_by_standing(session: Session) -> dict[Standing, int]:
    """Return how many letters stand how."""
    return {
        standing: session.exec(select(func.count()).select_from(OutboxLetter).where(_stands(standing))).one()
        for standing in Standing
    }


def letter_told(session: Session, letter: OutboxLetter) -> dict[str, Any]:
    """Return a letter as plain data, without its text."""
    return _told(session, [letter])[0]


def text_of(letter: OutboxLetter) -> str:
    """Return the text part of a letter, its secrets blotted out."""
    return without_secrets(letter, letter.text)


def _told(session: Session, letters: list[OutboxLetter]) -> list[dict[str, Any]]:
    ids = [letter.id for letter in letters]
    answered = set(session.exec(select(OutboxLetter.id).where(col(OutboxLetter.id).in_(ids), _answered())))
    abouts = {letter.agreement_id for letter in letters} - {None}
    references = {
        agreement.id: agreement.reference
        for agreement in session.exec(select(Agreement).where(col(Agreement.id).in_(abouts)))
    }
    return [
        {
            "number": letter.id,
            "kind": letter.kind,
            "agreement": references.get(letter.agreement_id or 0),
            "to": letter.to_address,
            "name": letter.to_name,
            "subject": letter.subject,
            "state": _standing(letter, letter.id in answered).value,
            "written": letter.created_at.isoformat(),
            "sent": letter.sent_at.isoformat() if letter.sent_at else None,
            "attempts": letter.attempts,
            "next_attempt": letter.next_attempt_at.isoformat() if _waits(letter) else None,
            "smtp_reply": letter.smtp_reply,
            "reason": letter.last_error,
            "perhaps_sent_before": letter.perhaps_sent,
            "message_id": letter.message_id,
        }
        for letter in letters
    ]


def _waits(letter: OutboxLetter) -> bool:
    return letter.state in (LetterState.QUEUED, LetterState.CLAIMED)


def _standing(letter: OutboxLetter, answered: bool) -> Standing:
    if letter.state == LetterState.CLAIMED:
        return Standing.SENDING
    return Standing.ANSWERED if answered else Standing(letter.state.value)


def _stands(standing: Standing) -> ColumnElement[bool]:
    if standing is Standing.ANSWERED:
        return _answered()
    if standing is Standing.SENDING:
        return col(OutboxLetter.state) == LetterState.CLAIMED
    return and_(col(OutboxLetter.state) == LetterState(standing.value), not_(_answered()))


def _answered() -> ColumnElement[bool]:
    """Letters that were sent with a question which has its answer; `mail.keys` names what each asks."""
    decided = select(literal("approval-request:") + cast(col(Decision.request_id), String))
    rated = select(literal("survey-invitation:") + cast(col(SurveyInvitation.id), String)).where(
        col(SurveyInvitation.answered_at).is_not(None)
    )
    key = col(OutboxLetter.deduplication_key)
    return and_(col(OutboxLetter.state) == LetterState.SENT, or_(key.in_(decided), key.in_(rated)))
