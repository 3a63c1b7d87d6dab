"""The inbox: every letter that arrived, kept once, whatever becomes of it."""

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from mail.arrivals import Arrival
from mail.blotting import blot_out
from models.letters import InboxLetter, InboxOutcome

_WINDOW = timedelta(hours=1)
_MOST_UNKNOWN_OF_ONE, _MOST_UNKNOWN = 20, 500


def record(
    session: Session, arrival: Arrival, delivered_to: str, shown: str, at: datetime
) -> InboxLetter | None:
    """Add a letter to the inbox, as one that nothing is known of; None where it is there already.

    Args:
        session: the caller's; the letter is flushed, never committed.
        arrival: the letter.
        delivered_to: its recipient, with its secret; only a hash of it is kept.
        shown: the recipient without its secret.
        at: when it arrived.
    """
    key = arrival.delivery_key(delivered_to)
    if session.exec(select(InboxLetter.id).where(InboxLetter.delivery_key == key)).first() is not None:
        return None
    letter = InboxLetter(
        delivery_key=key,
        message_id=blot_out(arrival.message_id),
        recipient=shown,
        sender=blot_out(arrival.sender or arrival.sender_shown),
        subject=blot_out(arrival.subject),
        raw=arrival.kept,
        received_at=at,
        outcome=InboxOutcome.UNKNOWN,
    )
    try:
        with session.begin_nested():
            session.add(letter)
    except IntegrityError as error:
        if "delivery_key" in str(error.orig):
            return None  # another process took it in meanwhile
        raise
    return letter


def is_flooded(session: Session, sender: str, at: datetime) -> bool:
    """Return whether a sender, or all together, wrote to too many unknown addresses in the last hour."""
    recent = (
        select(func.count())
        .select_from(InboxLetter)
        .where(InboxLetter.outcome == InboxOutcome.UNKNOWN, col(InboxLetter.received_at) > at - _WINDOW)
    )
    if session.exec(recent).one() >= _MOST_UNKNOWN:
        return True
    return session.exec(recent.where(InboxLetter.sender == sender)).one() >= _MOST_UNKNOWN_OF_ONE
