"""What strangers type, without the signs that make a text look like another one."""

import re

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# C0 and C1 controls save tab and line feed; marks, embeddings, overrides and isolates of writing direction
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """Return `text` without control characters and marks of writing direction, all else as it stands."""
    return _CONTROLS.sub("", text)


def plain(text: str) -> str:
    """Return the same with every end of a line as a line feed, and no space around it all."""
    return printable(_LINE_ENDS.sub("\n", text)).strip()


def plain_line(text: str) -> str:
    """Return the same on one line, with single spaces: fit for a name or a letter's subject."""
    return " ".join(plain(text).split())
