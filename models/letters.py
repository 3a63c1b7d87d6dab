"""Letters: the outbox that every letter leaves through, and the inbox of what came back."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import refers_to, word


class LetterState(StrEnum):
    """A letter waits, is claimed by one sender, and is then sent or given up; a sent one may come back.

    One whose question is over before it left is withdrawn.
    """

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    BOUNCED = "bounced"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    SIMULATED = "simulated"


class OutboxLetter(SQLModel, table=True):
    """A letter to one person, written in the transaction of what it tells.

    Attributes:
        deduplication_key: built from ids and dates; the same letter cannot be written twice.
        message_id: derived from the key, so that a letter sent twice is recognised.
        text, html: the two parts; once sent, the secrets of their links are blotted out.
        domain: of the address, in lower case; mail servers limit what one domain is sent at a time.
        unsubscribe: the address behind the header List-Unsubscribe; empty for letters that are no survey.
        reply_to: the secret address that a reply goes to; empty for the address that letters come from.
        return_path: where bounces of this letter go; empty for the address that letters come from.
        state: SIMULATED marks letters of a replay, which nobody is sent.
        claimed_until: a sender that died leaves the letter to others after this instant.
        begun_at: when it was last offered to the mail server, whatever came of it.
        perhaps_sent: an earlier attempt ended without an answer of the mail server, so that the letter may
            have arrived; when it is sent again it says so.
        refused_since: when it was first put off; it is given up some days later.
        smtp_reply: what the mail server answered last; empty where it answered nothing.
        last_error: why it is not sent, or why it came back; empty once it is sent.
    """

    __tablename__ = "outbox"

    id: int = Field(default=None, primary_key=True)
    deduplication_key: str = Field(unique=True)
    agreement_id: int | None = Field(default=None, foreign_key="agreements.id", index=True)
    person_id: int = refers_to("people.id")
    kind: str
    to_address: str
    to_name: str
    domain: str = ""
    subject: str
    text: str
    html: str
    message_id: str
    unsubscribe: str = ""
    reply_to: str = ""
    return_path: str = ""
    state: LetterState = word(LetterState, LetterState.QUEUED, index=True)
    created_at: datetime
    next_attempt_at: datetime = Field(index=True)
    claimed_until: datetime | None = None
    attempts: int = 0
    begun_at: datetime | None = Field(default=None, index=True)
    perhaps_sent: bool = False
    refused_since: datetime | None = None
    smtp_reply: str = ""
    last_error: str = ""
    sent_at: datetime | None = None


class InboxOutcome(StrEnum):
    """What became of a letter that arrived; one that arrives twice is a duplicate and not kept again."""

    DECISION = "decision"
    INTENT = "intent"
    COMMENT = "comment"
    HELD = "held"
    BOUNCE = "bounce"
    AUTOMATIC = "automatic"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"


class InboxState(StrEnum):
    """A held letter waits until a manager accepts or dismisses it; the rest is done when it has arrived."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    DONE = "done"


class InboxLetter(SQLModel, table=True):
    """A letter that arrived, and what became of it.

    Attributes:
        delivery_key: of Message-ID and recipient, so that one delivered twice counts once.
        recipient: without its secret.
        raw: the message exactly as it arrived, whatever secrets it quotes; of one that is too large, its
            head alone. It is evidence, and shown nowhere.
        text: what was written in reply, without the quote and without secrets.
        answer: "approve" or "decline", where it came to an address that says so.
        authentication: what our own mail server found out about the sender.
        reason: why it became what it became, in words.
        outbox_id: the letter of ours that it brings back.
        settled_by, settled_at, settled_reason: who accepted or dismissed it, when and why.
    """

    __tablename__ = "inbox"

    id: int = Field(default=None, primary_key=True)
    delivery_key: str = Field(unique=True)
    message_id: str
    recipient: str
    sender: str = Field(index=True)
    subject: str
    raw: bytes
    text: str = ""
    received_at: datetime
    outcome: InboxOutcome = word(InboxOutcome, index=True)
    reason: str = ""
    answer: str = ""
    authentication: str = ""
    state: InboxState = word(InboxState, InboxState.DONE, index=True)
    agreement_id: int | None = Field(default=None, foreign_key="agreements.id", index=True)
    request_id: int | None = Field(default=None, foreign_key="approval_requests.id", index=True)
    outbox_id: int | None = Field(default=None, foreign_key="outbox.id")
    settled_by: str = ""
    settled_at: datetime | None = None
    settled_reason: str = ""
