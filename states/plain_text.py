"""What strangers type, without the signs that make a text look like another one."""

import re

# C0 and C1 controls save tab and line feed; marks, embeddings, overrides and isolates of writing direction
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str) -> str:
    """Return `text` without control characters and marks of writing direction, its lines kept."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def plain_line(text: str) -> str:
    """Return the same on one line, with single spaces: fit for a name or the subject of a letter."""
    return " ".join(plain(text).split())
