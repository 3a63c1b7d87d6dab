"""What a mail server's answer means for the letter, and for the letters after it."""

import ssl
from enum import Enum

from aiosmtplib.errors import (
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from config.plain_text import plain_line
from mail.blotting import blot_out

_SERVICE_CLOSING = 421
_TOO_LARGE = 552


class Trouble(Enum):
    """Whose trouble it is that a letter was not sent.

    Attributes:
        REFUSED: the letter's, for good: refused with 5yz (RFC 5321), or not fit to be sent.
        PUT_OFF: the letter's, for now: refused with 4yz.
        BROKEN: the connection's: closed, or too slow.
        OURS: everybody's: the server takes no letter of this sender, which is a setting to be corrected.
    """

    REFUSED = "refused"
    PUT_OFF = "put off"
    BROKEN = "broken"
    OURS = "ours"


def trouble(error: Exception) -> Trouble:
    """Return whose trouble an error is that sending a letter raised."""
    code = _code(error)
    if code is None:
        unfit = isinstance(error, SMTPNotSupported | ValueError)
        return Trouble.REFUSED if unfit else Trouble.BROKEN
    if code == _SERVICE_CLOSING or code < 400:
        return Trouble.BROKEN
    if isinstance(error, SMTPSenderRefused) and code != _TOO_LARGE:
        return Trouble.OURS
    return Trouble.REFUSED if code >= 500 else Trouble.PUT_OFF


def answer(error: Exception) -> str:
    """Return the server's own words in one line; empty where it said nothing."""
    return "" if _code(error) is None else reason(error)


def reason(error: Exception) -> str:
    """Return the trouble in one line: the server's own words where it answered."""
    if isinstance(error, SMTPRecipientsRefused):
        return reason(error.recipients[0])
    if isinstance(error, SMTPResponseException):
        return said(error.code, error.message)
    certificate = _certificate_trouble(error)
    if certificate is not None:
        return f"its certificate does not verify: {certificate.verify_message} (see SLM_SMTP_CA_FILE)"
    return plain_line(blot_out(str(error))) or "no answer in time"


def said(code: int, message: str) -> str:
    """Return a server's reply in one line, without the secret address of ours that it may repeat."""
    return plain_line(blot_out(f"{code} {message}"))


def _certificate_trouble(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return the verification error that an error is or comes from, if it does."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def _code(error: Exception) -> int | None:
    """Return the server's reply code, or None where there was no reply."""
    if isinstance(error, SMTPRecipientsRefused):
        return error.recipients[0].code
    return error.code if isinstance(error, SMTPResponseException) else None
