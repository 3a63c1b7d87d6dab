"""A letter as it arrives: its head is read first, its body only once its kind is known."""

import re
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.policy import compat32, default
from email.utils import getaddresses
from hashlib import sha256
from html.parser import HTMLParser

from config.plain_text import plain_line
from config.settings import settings

_MOST_OF_A_HEAD = 256_000
_MOST_RECIPIENTS = 100
_MOST_PARTS = 100
_RECIPIENT_FIELDS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_SPACES = re.compile(r"\s+")
_UNSHOWN = {"script", "style", "head", "blockquote"}


@dataclass(frozen=True)
class Arrival:
    """A letter that arrived, as far as its head tells.

    Attributes:
        kept: the message exactly as it arrived; of one that is too large, its head.
        size: of the message, in bytes.
        too_large: it is larger than this installation reads.
        head: its header fields.
        recipients: from the envelope where that is known, else from the header; at most 100.
        sender: the address in "From", in lower case; "" where there is none or more than one.
        envelope_sender: who it was handed in by, "" for nobody (a bounce), None where that is not known.
        message_id: "" where it has none.
    """

    kept: bytes
    size: int
    too_large: bool
    head: Message
    recipients: list[str]
    sender: str
    sender_shown: str
    subject: str
    envelope_sender: str | None
    message_id: str

    def values(self, name: str) -> list[str]:
        """Return the values of a header field, from the top down."""
        return [str(value) for value in self.head.get_all(name, [])]

    def delivery_key(self, recipient: str) -> str:
        """Return what tells this delivery from others: Message-ID, or else the text, and recipient."""
        identity = self.message_id or sha256(self.kept).hexdigest()
        return sha256(f"{identity} {recipient.lower()}".encode("utf-8", "replace")).hexdigest()


def read_arrival(raw: bytes, recipient: str | None = None, envelope_sender: str | None = None) -> Arrival:
    """Return what the head of a message tells; whatever it holds, this raises nothing.

    Args:
        raw: the message as it arrived.
        recipient: of the envelope; None where only the header tells.
        envelope_sender: "" for a bounce; None where it is not known.
    """
    top = _top(raw)
    head = BytesHeaderParser(policy=compat32).parsebytes(top)
    froms = [address for _, address in _addresses(head, "From") if "@" in address]
    too_large = len(raw) > settings().mail_most_mb * 1_000_000
    return Arrival(
        kept=top if too_large else raw,
        size=len(raw),
        too_large=too_large,
        head=head,
        recipients=[plain_line(recipient)] if recipient else _recipients(head),
        sender=plain_line(froms[0]).lower() if len(froms) == 1 else "",
        sender_shown=_decoded(head, "From"),
        subject=_decoded(head, "Subject"),
        envelope_sender=envelope_sender,
        message_id=plain_line(str(head.get("Message-ID", "")))[:1000],
    )


def body_of(arrival: Arrival) -> str | None:
    """Return the text of a letter, from its plain part or else its HTML; None where it cannot be read.

    Characters of a set that nobody knows are replaced.
    """
    if arrival.too_large or arrival.kept.lower().count(b"boundary=") > _MOST_PARTS:
        return None
    try:
        message = message_from_bytes(arrival.kept, policy=default)
        part = message.get_body(("plain", "html")) if isinstance(message, EmailMessage) else None
        if not isinstance(part, EmailMessage):
            return ""
        text = text_of(part)
        return _without_markup(text) if part.get_content_subtype() == "html" else text
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError, HeaderParseError):
        # the standard library's parser fails in many ways on a message that was made to break it
        return None


def text_of(part: EmailMessage) -> str:
    """Return a text part of a message; characters of a set that nobody knows are replaced."""
    try:
        return str(part.get_content())
    except LookupError:
        payload = part.get_payload(decode=True)
        return payload.decode("ascii", "replace") if isinstance(payload, bytes) else ""


def _top(raw: bytes) -> bytes:
    ends = [place + len(gap) for gap in (b"\r\n\r\n", b"\n\n") if (place := raw.find(gap)) >= 0]
    return raw[: min([*ends, _MOST_OF_A_HEAD])]


def _addresses(head: Message, name: str) -> list[tuple[str, str]]:
    return getaddresses([str(value) for value in head.get_all(name, [])])


def _recipients(head: Message) -> list[str]:
    found = (plain_line(address) for name in _RECIPIENT_FIELDS for _, address in _addresses(head, name))
    return list(dict.fromkeys(address for address in found if "@" in address))[:_MOST_RECIPIENTS]


def _decoded(head: Message, name: str) -> str:
    value = str(head.get(name, ""))[:2000]
    with suppress(HeaderParseError, LookupError, ValueError):  # shown as it stands
        value = str(make_header(decode_header(value)))
    return plain_line(value)[:500]


class _Text(HTMLParser):
    """Collects what a reader of HTML sees, without quotes."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._unshown = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unshown += tag in _UNSHOWN
        if tag in ("br", "p", "div", "tr", "li"):
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unshown -= tag in _UNSHOWN and self._unshown > 0

    def handle_data(self, data: str) -> None:
        if not self._unshown:
            self.pieces.append(_SPACES.sub(" ", data))


def _without_markup(html: str) -> str:
    reader = _Text()
    reader.feed(html[:_MOST_OF_A_HEAD])
    return "".join(reader.pieces)
