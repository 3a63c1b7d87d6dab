"""From an outbox row to the message that goes over the wire."""

import re
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import SMTP, Policy
from email.utils import parseaddr

from config.errors import BadInputError
from config.settings import settings
from mail.address_header import OneAddressHeader
from mail.subject_header import SubjectHeader
from models.letters import OutboxLetter

_FORBIDDEN = ' <>",;:\\()[]'  # they would need quoting, and end the address where that is forgotten


class _WholeHeader(UnstructuredHeader, BaseHeader):
    """A header that is written as it is: long addresses in it would be encoded, and then read by nobody."""

    max_count = 1

    def fold(self, *, policy: "Policy[Message[str, str]]") -> str:
        """Return the header in one line."""
        return f"{self.name}: {self}{policy.linesep}"


_HTML_LANGUAGE = re.compile(r'<html lang="([\w-]+)"')
_registry = HeaderRegistry()
_registry.map_to_type("list-unsubscribe", _WholeHeader)
_registry.map_to_type("subject", SubjectHeader)
for _name in ("from", "to", "reply-to"):
    _registry.map_to_type(_name, OneAddressHeader)
_POLICY = SMTP.clone(header_factory=_registry)


def sender_address() -> Address:
    """Return the product's own address, from the settings.

    Raises:
        BadInputError: if SLM_MAIL_FROM is no address.
    """
    name, address = parseaddr(settings().mail_from)
    try:
        return _address(name, address)
    except ValueError:
        raise BadInputError(f"SLM_MAIL_FROM: '{settings().mail_from}' is not an address") from None


def return_path(letter: OutboxLetter) -> str:
    """Return the envelope sender of a letter: where its bounces go."""
    return letter.return_path or sender_address().addr_spec


def message_of(letter: OutboxLetter, at: datetime) -> EmailMessage:
    """Return the message, text and HTML, dated `at`.

    The headers ask automatic responders to keep still (RFC 3834; Microsoft's X-Auto-Response-Suppress).
    A letter that may have been sent before, by a sender that died or to a server that did not answer, says
    so in `X-SLM-Resent`; its Message-ID is the same. A survey can be unsubscribed from (RFC 2369), with one
    click (RFC 8058) where the pages are encrypted, as that standard demands.

    Raises:
        ValueError: if the letter's address cannot stand in a header.
        BadInputError: if SLM_MAIL_FROM is no address.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender_address()
    message["To"] = _address(letter.to_name, letter.to_address)
    if letter.reply_to:
        message["Reply-To"] = _address("", letter.reply_to)
    message["Subject"] = letter.subject
    message["Date"] = at
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.perhaps_sent:
        message["X-SLM-Resent"] = "1"
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        if letter.unsubscribe.startswith("https://"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    # last: with a second part, headers that begin so move into the first
    message["Content-Language"] = _language_of(letter)
    return message


def _language_of(letter: OutboxLetter) -> str:
    """The language that the letter was written in, as its own HTML says."""
    said = _HTML_LANGUAGE.search(letter.html)
    return said[1] if said else "en"


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    if not (local and domain) or any(not sign.isprintable() or sign in _FORBIDDEN for sign in address):
        raise ValueError(f"'{address}' is not an address")
    return Address(name, local, domain.encode("idna").decode())
