"""Letters: the outbox that every letter leaves through, and the inbox of what came back."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import refers_to, word


class LetterState(StrEnum):
    """A letter waits, is claimed by one sender, and is then sent or given up."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    SIMULATED = "simulated"


class OutboxLetter(SQLModel, table=True):
    """A letter to one person, written in the transaction of what it tells.

    Attributes:
        deduplication_key: built from ids and dates; the same letter cannot be written twice.
        message_id: derived from the key, so that a letter sent twice is recognised.
        text, html: the two parts; once sent, the secrets of their links are blotted out.
        state: SIMULATED marks letters of a replay, which nobody is sent.
        claimed_until: a sender that died leaves the letter to others after this instant.
    """

    __tablename__ = "outbox"

    id: int = Field(default=None, primary_key=True)
    deduplication_key: str = Field(unique=True)
    agreement_id: int | None = Field(default=None, foreign_key="agreements.id", index=True)
    person_id: int = refers_to("people.id")
    kind: str
    to_address: str
    to_name: str
    subject: str
    text: str
    html: str
    message_id: str
    state: LetterState = word(LetterState, LetterState.QUEUED, index=True)
    created_at: datetime
    next_attempt_at: datetime = Field(index=True)
    claimed_until: datetime | None = None
    attempts: int = 0
    last_error: str = ""
    sent_at: datetime | None = None


class InboxLetter(SQLModel, table=True):
    """A letter that reached the product's own address; held until a manager reads it.

    Attributes:
        message_id: unique together with the recipient, so that one delivered twice counts once.
        raw: the message as it arrived.
    """

    __tablename__ = "inbox"

    id: int = Field(default=None, primary_key=True)
    delivery_key: str = Field(unique=True)
    recipient: str
    sender: str
    subject: str
    raw: str
    received_at: datetime
