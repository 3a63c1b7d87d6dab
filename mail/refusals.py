"""What a mail server's answer means for the letter, and for the letters after it."""

from aiosmtplib.errors import (
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from mail.outbox import one_line

_SERVICE_CLOSING = 421


def concerns_every_letter(error: Exception) -> bool:
    """Tell whether the trouble is the server's, or ours with it, and would meet every other letter too.

    A refused sender address is of this kind: it is a setting to be corrected, and no letter's fault.
    """
    code = _code(error)
    if code is None:
        return not isinstance(error, SMTPNotSupported | ValueError)
    return code == _SERVICE_CLOSING or isinstance(error, SMTPSenderRefused)


def is_final(error: Exception) -> bool:
    """Tell whether this letter can never be sent: refused for good (RFC 5321, 5yz), or not fit to be sent."""
    code = _code(error)
    return not concerns_every_letter(error) and (code is None or code >= 500)


def reason(error: Exception) -> str:
    """Return the trouble in one line: the server's own words where it answered."""
    if isinstance(error, SMTPRecipientsRefused):
        return reason(error.recipients[0])
    if isinstance(error, SMTPResponseException):
        return one_line(f"{error.code} {error.message}")
    return one_line(str(error)) or "no answer in time"


def _code(error: Exception) -> int | None:
    """Return the server's reply code, or None where there was no reply."""
    if isinstance(error, SMTPRecipientsRefused):
        return error.recipients[0].code
    return error.code if isinstance(error, SMTPResponseException) else None
