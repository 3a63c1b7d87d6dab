"""What is kept of a letter once it is sent, and shown of any: its words, without its receiver's secrets."""

import re

from mail.links import blot_out
from models.letters import OutboxLetter

CODE_LETTER = "approval_code"
_COLUMNS = ("text", "html", "unsubscribe", "reply_to", "return_path")
_CODE = re.compile(r"(?<![\w#])\d{6}(?!\w)")


def without_secrets(letter: OutboxLetter, text: str) -> str:
    """Return a text of the letter, its secret addresses and its one-time code replaced by "…"."""
    text = blot_out(text)
    return _CODE.sub("…", text) if letter.kind == CODE_LETTER else text


def blotted(letter: OutboxLetter) -> dict[str, str]:
    """Return every column of the letter that holds secrets, by its name, without them."""
    return {column: without_secrets(letter, getattr(letter, column)) for column in _COLUMNS}
