"""Blotting out secrets: what is kept of a letter once it is sent, and shown of any, holds none of them.

A secret is found by its looks, too: mail programs rewrite links ("https://links.example/?url=...%2Fd%2F..."),
break them over two lines, and people copy the end of one.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from string import ascii_lowercase, ascii_uppercase, digits

from mail.links import PATHS, SECRET_WORDS
from models.letters import OutboxLetter

CODE_LETTER = "approval_code"
_COLUMNS = ("text", "html", "unsubscribe", "reply_to", "return_path")
_CODE = re.compile(r"(?<![\w#])\d{6}(?!\w)")
_TOLD_CODE = re.compile(r"(?<=One-time code: )[0-9]{6}")  # as the letter `approval_code` says it

_BREAK = r"(?:=?[ \t]*\r?\n[ \t>|]*)?"  # in the midst of a secret, perhaps in a quote
_URL_SIGN, _ADDRESS_SIGN = "[A-Za-z0-9_-]", "[A-Za-z2-7]"
_URL_TOKEN = rf"{_URL_SIGN}(?:{_BREAK}{_URL_SIGN}){{42}}"  # 32 bytes in URL-safe base64
_ADDRESS_TOKEN = rf"{_ADDRESS_SIGN}(?:{_BREAK}{_ADDRESS_SIGN}){{25}}"  # 16 bytes in base32
_SLASH = "(?i:/|%(?:25)*2F|_)"  # as it is, quoted once or more, and as some programs write it
_PAGE = f"[{''.join(path.strip('/') for path in PATHS.values())}]"
_LINK = re.compile(rf"({_SLASH}{_PAGE}{_SLASH}{_BREAK})({_URL_TOKEN}{_URL_SIGN}*)")
_OUR_LINK = re.compile(rf"/{_PAGE}/{_URL_SIGN}{{43}}")
_BARE = re.compile(rf"((?<!{_URL_SIGN})|(?<=%[0-9A-Fa-f]{{2}}))({_URL_TOKEN})(?!{_URL_SIGN})")
_ADDRESS = re.compile(
    rf"((?:{'|'.join(SECRET_WORDS)})\.{_BREAK})({_ADDRESS_TOKEN})(?!{_ADDRESS_SIGN})", re.IGNORECASE
)
_BARE_ADDRESS = re.compile(rf"((?<![A-Za-z0-9]))({_ADDRESS_TOKEN})(?![A-Za-z0-9])")
# the last sign of a token stands for four bits, or for three
_LAST_OF_URL, _LAST_OF_ADDRESS = "AEIMQUYcgkosw048", "aeimquy4"
_KINDS = str.maketrans(ascii_lowercase + ascii_uppercase + digits + "_", "a" * 26 + "A" * 26 + "0" * 10 + "-")
_FEWEST_CHANGES = 10  # of 43 random signs, two in a million change less often between A-Z, a-z and 0-9
_MOST_VOWELS = 8  # a word of that length has more


def blot_out(text: str) -> str:
    """Return `text` with every secret in it replaced by "…": tokens of pages and of mail, one-time codes."""
    for pattern, is_secret in (
        (_LINK, _is_link),
        (_ADDRESS, _is_address),
        (_BARE, lambda _, token: token[-1] in _LAST_OF_URL and _is_random(token)),
        (_BARE_ADDRESS, lambda _, token: _is_random_address(token)),
    ):
        text = pattern.sub(_blotting(is_secret), text)
    return _TOLD_CODE.sub("…", text)


def without_secrets(letter: OutboxLetter, text: str) -> str:
    """Return a text of the letter, its secret addresses and its one-time code replaced by "…"."""
    text = blot_out(text)
    return _CODE.sub("…", text) if letter.kind == CODE_LETTER else text


def blotted(letter: OutboxLetter) -> dict[str, str]:
    """Return every column of the letter that holds secrets, by its name, without them."""
    return {column: without_secrets(letter, getattr(letter, column)) for column in _COLUMNS}


def _blotting(is_secret: Callable[[str, str], bool]) -> Callable[[re.Match[str]], str]:
    """Return what takes the place of a match: what stands before the secret, and "…" if it is one."""

    def replaced(found: re.Match[str]) -> str:
        token = "".join(re.findall(_URL_SIGN, re.sub("=?[ \t]*\r?\n", "", found[2])))
        return f"{found[1]}…" if is_secret(found[0], token) else found[0]

    return replaced


def _is_link(whole: str, token: str) -> bool:
    return bool(_OUR_LINK.fullmatch(whole)) or _is_random(token[:43])


def _is_address(whole: str, token: str) -> bool:
    return "\n" not in whole or _is_random_address(token)


def _is_random(token: str) -> bool:
    """Tell chance from words and from hexadecimal digits, which are of one case."""
    kinds = token.translate(_KINDS)
    changes = sum(one != two for one, two in pairwise(kinds) if "-" not in (one, two))
    return "a" in kinds and "A" in kinds and changes >= _FEWEST_CHANGES


def _is_random_address(token: str) -> bool:
    """Tell the same of 26 signs of base32, which are all capitals, or none is."""
    if token not in (token.lower(), token.upper()) or token[-1].lower() not in _LAST_OF_ADDRESS:
        return False
    return (
        any(sign.isdigit() for sign in token) or sum(sign in "aeiouAEIOU" for sign in token) <= _MOST_VOWELS
    )
