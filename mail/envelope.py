"""From an outbox row to the message that goes over the wire."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from config.errors import BadInputError
from config.settings import settings
from models.letters import OutboxLetter

_FORBIDDEN = ' <>",;:\\()[]'  # they would need quoting, and end the address where that is forgotten


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


def message_of(letter: OutboxLetter, at: datetime) -> EmailMessage:
    """Return the message, text and HTML, dated `at`.

    The headers ask automatic responders to keep still (RFC 3834; Microsoft's X-Auto-Response-Suppress).
    A letter that was tried before, by a sender that perhaps died after sending it, says so in
    `X-SLM-Attempt`.

    Raises:
        ValueError: if the letter's address cannot stand in a header.
        BadInputError: if SLM_MAIL_FROM is no address.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender_address()
    message["To"] = _address(letter.to_name, letter.to_address)
    message["Subject"] = letter.subject
    message["Date"] = at
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.attempts > 1:
        message["X-SLM-Attempt"] = str(letter.attempts)
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    if not (local and domain) or any(not sign.isprintable() or sign in _FORBIDDEN for sign in address):
        raise ValueError(f"'{address}' is not an address")
    return Address(name, local, domain.encode("idna").decode())
