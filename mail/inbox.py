"""The inbox: letters that reached the product's own address, held for a manager."""

from contextlib import suppress
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256

from sqlalchemy import Engine
from sqlmodel import select

from mail.envelope import sender_address
from mail.links import blot_out
from mail.outbox import one_line
from models.database import transaction
from models.letters import InboxLetter


def record(engine: Engine, content: bytes, sender: str, at: datetime) -> bool:
    """Keep a letter that arrived, once: false where it is one that was delivered before.

    A reply often quotes the letter it answers; the secrets of quoted links are blotted out, so that nobody
    who reads the inbox can sign in another's name.

    Args:
        engine: of the product's database.
        content: the message as it arrived.
        sender: the envelope sender; empty for a bounce.
        at: when it arrived.
    """
    message = message_from_bytes(content, policy=default)
    recipient = sender_address().addr_spec
    identity = one_line(str(message.get("Message-ID", ""))) or sha256(content).hexdigest()
    key = sha256(f"{identity} {recipient}".encode()).hexdigest()
    with transaction(engine) as session:
        known = select(InboxLetter.id).where(InboxLetter.delivery_key == key)
        if session.exec(known).first() is not None:
            return False
        session.add(
            InboxLetter(
                delivery_key=key,
                recipient=recipient,
                sender=one_line(str(message.get("From", sender))),
                subject=one_line(str(message.get("Subject", ""))),
                raw=_raw(message, content),
                received_at=at,
            )
        )
    return True


def text_of(part: EmailMessage) -> str:
    """Return a text part of a message; characters of a set that nobody knows are replaced."""
    try:
        return str(part.get_content())
    except LookupError:
        payload = part.get_payload(decode=True)
        return payload.decode("ascii", "replace") if isinstance(payload, bytes) else ""


def _raw(message: EmailMessage, content: bytes) -> str:
    """Return the message as text, its secrets blotted out also where an encoding hid them."""
    for part in message.walk():
        if part.get_content_maintype() == "text" and isinstance(part, EmailMessage):
            text = text_of(part)
            if blot_out(text) != text:
                part.set_content(blot_out(text), subtype=part.get_content_subtype())
    with suppress(ValueError, LookupError):  # malformed beyond writing it anew: kept as it arrived
        content = message.as_bytes()
    return blot_out(content.decode("utf-8", "replace").replace("\0", ""))
