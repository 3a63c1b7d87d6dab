"""The local mailbox: a mail server on this machine alone, that keeps every letter for people to look at."""

import mailbox
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.clock import now
from config.errors import BadInputError, NotFoundError, SlmError
from mail.arrivals import text_of
from mail.listening import MailServer
from mail.reply_addresses import is_to_us

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_ARRIVAL = re.compile(r"(\d+)\.M(\d+)P\d+Q(\d+)\.")
Receive = Callable[[bytes, str, str, datetime], object]
"""Takes in a letter to the product: content, envelope recipient and sender ("" for a bounce), and when."""

_ID = re.compile(r"\d+\.M\d+P\d+Q\d+\.[A-Za-z0-9_-][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class MailboxLetter:
    """A letter that arrived.

    Attributes:
        id: names the letter within its mailbox.
        recipient, sender: as the headers "To" and "From" say.
        at: the instant of the header "Date", in UTC; None where it has none.
        text, html: the two parts, empty where missing.
    """

    id: str
    recipient: str
    sender: str
    subject: str
    at: datetime | None
    text: str
    html: str


class LocalMailbox(MailServer):
    """A mail server on loopback that puts every letter into a Maildir.

    Letters to the product's own addresses are handed to `receive` as well.
    """

    def __init__(self, folder: Path, host: str, port: int, receive: Receive | None = None) -> None:
        """Prepare the mailbox; it listens from `start` on.

        Raises:
            BadInputError: if `host` is not an address of this machine alone.
        """
        if host not in _LOOPBACK:
            raise BadInputError(f"the local mailbox listens on 127.0.0.1 only, not on {host}")
        self.folder = folder
        controller = Controller(
            _Keeping(folder, receive), hostname=host, port=port, server_hostname="localhost", ident="slm"
        )
        super().__init__("the local mailbox", controller)

    def start(self) -> None:
        """Listen for letters, in a thread of its own.

        Raises:
            UnreachableError: if the port is in use.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        mailbox.Maildir(self.folder, create=True)
        super().start()


class _Keeping:
    """What the mail server does with a letter."""

    def __init__(self, folder: Path, receive: Receive | None) -> None:
        self._folder, self._receive = folder, receive

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        try:
            for recipient in envelope.rcpt_tos:
                if self._receive is not None and is_to_us(recipient):
                    sender = (envelope.mail_from or "").strip("<>")  # a bounce has none
                    self._receive(content, recipient, sender, now())
        except SlmError:
            return "451 4.3.0 the letter cannot be recorded now"
        mailbox.Maildir(self._folder).add(content)
        return "250 2.0.0 kept"


def read_mailbox(folder: Path, limit: int = 200) -> list[MailboxLetter]:
    """Return the letters that arrived last, newest first, at most `limit`."""
    if not folder.is_dir():
        return []
    kept = mailbox.Maildir(folder)
    newest = sorted(kept.keys(), key=_arrival, reverse=True)[:limit]
    return [_letter(letter_id, kept.get_bytes(letter_id)) for letter_id in newest]


def read_letter(folder: Path, letter_id: str) -> MailboxLetter:
    """Return one letter.

    Raises:
        NotFoundError: if there is none of this id.
    """
    if _ID.fullmatch(letter_id) and folder.is_dir():
        with suppress(KeyError):
            return _letter(letter_id, mailbox.Maildir(folder).get_bytes(letter_id))
    raise NotFoundError("there is no such letter in the mailbox")


def _arrival(letter_id: str) -> tuple[int, ...]:
    found = _ARRIVAL.match(letter_id)
    return tuple(int(part) for part in found.groups()) if found else ()


def _letter(letter_id: str, content: bytes) -> MailboxLetter:
    message = message_from_bytes(content, policy=default)
    return MailboxLetter(
        id=letter_id,
        recipient=str(message.get("To", "")),
        sender=str(message.get("From", "")),
        subject=str(message.get("Subject", "")).strip(),
        at=_dated(message),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _dated(message: EmailMessage) -> datetime | None:
    found: datetime | None = getattr(message.get("Date"), "datetime", None)
    if found is None:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return text_of(part) if isinstance(part, EmailMessage) else ""
