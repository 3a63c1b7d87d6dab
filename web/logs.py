"""Logs without secrets: the tokens of letters and the sign-in key are blotted out of every line."""

import logging
import re
from typing import Any

from web.routing import TOKEN_PATHS

_SECRETS = re.compile(
    rf"((?:{'|'.join(re.escape(path) for path in TOKEN_PATHS)})|[?&]key=)[^\s/?&\"']+", re.IGNORECASE
)


class WithoutSecrets(logging.Filter):
    """A filter for a log's handlers that lets every line pass, its secrets blotted out."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the tokens and keys in the record's message and arguments by "…"."""
        record.msg = scrub(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(scrub(argument) for argument in record.args)
        return True


def scrub(value: Any) -> Any:
    """Return a text without the tokens and keys of addresses in it; other values as they are."""
    return _SECRETS.sub(r"\1…", value) if isinstance(value, str) else value
