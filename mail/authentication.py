"""Who vouches for a letter's sender: `Authentication-Results` (RFC 8601), of our own mail server alone.

The reader is strict: what it does not understand counts for nothing, and what counts for nothing is held.
"""

import re
from dataclasses import dataclass, field

from config.settings import settings
from mail.arrivals import Arrival

_FIELD = "authentication-results"
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
_PAIR = re.compile(r"([a-z0-9._/-]+)\s*=\s*([^\s;=]+)", re.IGNORECASE)
_MOST_CHARACTERS = 8000
_UNDECIDED = ("temperror", "permerror")


@dataclass(frozen=True)
class Authentication:
    """Whether the sender is who the header says, and how that is known, in words.

    Attributes:
        asked: a server is named whose word is trusted.
    """

    passed: bool
    told: str
    asked: bool = True


@dataclass(frozen=True)
class _Result:
    """One method's result, with the properties it was found for."""

    method: str
    result: str
    properties: dict[str, str] = field(default_factory=dict)


def authentication_of(arrival: Arrival) -> Authentication:
    """Return whether our own mail server found the sender to be genuine.

    DMARC decides where it was tried; else a pass of DKIM or SPF for the sender's own domain is enough.
    """
    if not settings().authserv_id:
        nobody = "no server is named that authenticates senders (SLM_AUTHSERV_ID)"
        return Authentication(False, nobody, asked=False)
    results = _results(arrival)
    if not results:
        return Authentication(False, "our mail server has not authenticated the sender")
    dmarc = [row for row in results if row.method == "dmarc" and row.result != "none"]
    told = ", ".join(f"{row.method}={row.result}" for row in results)[:300]
    if any(row.result in _UNDECIDED for row in dmarc or results):
        return Authentication(False, f"the sender could not be authenticated for now ({told})")
    domain = arrival.sender.rpartition("@")[2]
    deciding = dmarc or [row for row in results if row.method in ("dkim", "spf")]
    passed = [row for row in deciding if row.result == "pass" and _is_about(row, domain)]
    if len(passed) < len(dmarc) or not passed:
        return Authentication(False, f"the sender is not authenticated ({told})")
    return Authentication(True, ", ".join(f"{row.method}=pass" for row in passed))


def _results(arrival: Arrival) -> list[_Result]:
    """Return what our server found: the topmost of its fields and those right below; others may be forged."""
    found: list[_Result] = []
    for name, value in arrival.head.items():
        if name.lower() != _FIELD:
            if found:
                break
            continue
        own = _read(str(value))
        if own is None and found:
            break
        found += own or []
    return found


def _read(value: str) -> list[_Result] | None:
    """Return the results of a field's value, None where it is not of our server."""
    if len(value) > _MOST_CHARACTERS:
        return None
    value = _QUOTED.sub(lambda quoted: re.sub(r"[\s;=()\\]", "_", quoted[1]) or "_", value)
    while (shorter := _COMMENT.sub(" ", value)) != value:
        value = shorter
    server, *statements = value.split(";")
    words = server.split()
    if not words or words[0].lower() != settings().authserv_id.lower() or len(words) > 2:
        return None
    results = []
    for statement in statements:
        pairs = [(name.lower(), word.lower()) for name, word in _PAIR.findall(statement)]
        if pairs:
            method = pairs[0][0].split("/")[0]
            results.append(_Result(method, pairs[0][1], dict(pairs[1:])))
    return results


def _is_about(row: _Result, domain: str) -> bool:
    """Return whether a result speaks for the domain in "From", or for one that this domain belongs to."""
    name = {"dmarc": "header.from", "dkim": "header.d", "spf": "smtp.mailfrom"}[row.method]
    shown = row.properties.get(name, "")
    if row.method == "dkim" and not shown:
        shown = row.properties.get("header.i", "")
    signed = shown.rpartition("@")[2].rstrip(".")
    return bool(domain) and (domain == signed or ("." in signed and domain.endswith(f".{signed}")))
