"""What somebody wrote in reply, without the quote. For comments only, never to decide."""

import re

from mailparser_reply import EmailReplyParser  # type: ignore[import-untyped]

_LANGUAGES = ["en", "de", "cs", "da", "es", "fr", "it", "ja", "ko", "nl", "pl", "sv", "zh"]
# the library's patterns take time that grows with the square of such a text, so it gets no more of it
_MOST_CHARACTERS = 3000
_MOST_REPEATED = re.compile(r"([^\w\n])\1{79,}")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_QUOTED = re.compile(r"\s*[>|]")
# "-----Original Message-----" in any language, and what other programs draw in its place
_RULE = re.compile(r"^\s*(?:[-_*=~#+]{2,}.{1,60}[-_*=~#+]{4,}|[-_*=~#+]{5,})\s*$", re.MULTILINE)
_SIGNATURE = re.compile(r"(?<=\n)--[ \t]*(?:\n|$)")
_LONGEST_ATTRIBUTION = 4


def reply_in(text: str) -> str:
    """Return what was written anew in a reply, without quote and signature, at most 3,000 characters.

    Args:
        text: the text part of the reply.
    """
    shown = _MOST_REPEATED.sub(lambda run: run[1] * 79, text.replace("\r\n", "\n"))
    shown = _SIGNATURE.split(_BLANK_LINES.sub("\n\n", shown)[:_MOST_CHARACTERS])[0]
    written = EmailReplyParser(languages=list(_LANGUAGES)).parse_reply(_above_the_quote(shown)) or ""
    return _above_rule(written).strip()


def _above_the_quote(text: str) -> str:
    """Return the text without the quote at its end and the line, in whatever language, that announces it."""
    lines = text.rstrip().splitlines()
    kept = len(lines)
    while kept and (_QUOTED.match(lines[kept - 1]) or not lines[kept - 1].strip()):
        kept -= 1
    if kept and any(_QUOTED.match(line) for line in lines[kept:]) and _announces(lines[kept - 1]):
        above = kept - 1
        while above and kept - above < _LONGEST_ATTRIBUTION and lines[above - 1].strip():
            above -= 1
        kept = above if above and not lines[above - 1].strip() else kept - 1
    return "\n".join(lines[:kept])


def _announces(line: str) -> bool:
    return line.rstrip().endswith((":", "\N{FULLWIDTH COLON}"))


def _above_rule(text: str) -> str:
    found = _RULE.search(text)
    return text[: found.start()] if found else text
