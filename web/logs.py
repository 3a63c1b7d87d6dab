"""Logs without secrets: the tokens of letters and the sign-in key are blotted out of every line."""

import logging
import re
from typing import Any

from mail.blotting import blot_out
from web.routing import TOKEN_PATHS

_SECRETS = re.compile(
    rf"((?:{'|'.join(re.escape(path) for path in TOKEN_PATHS)})|[?&]key=)[^\s/?&\"']+", re.IGNORECASE
)
_FORMAT = logging.Formatter()


class WithoutSecrets(logging.Filter):
    """A filter for a log's handlers that lets every line pass, its secrets blotted out."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the tokens and keys in the record's message, arguments and traceback by "…"."""
        record.msg = scrub(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(scrub(argument) for argument in record.args)
        if record.exc_info:
            # a traceback says what the errors in it say
            record.exc_text = scrub(_FORMAT.formatException(record.exc_info))
            record.exc_info = None
        return True


def scrub(value: Any) -> Any:
    """Return a text, or what an error says, without the tokens and keys in it; other values as they are."""
    if isinstance(value, BaseException):
        value = str(value)
    return blot_out(_SECRETS.sub(r"\1…", value)) if isinstance(value, str) else value
