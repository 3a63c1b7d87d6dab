"""What a bounce says: for which addresses delivery failed, and which letter of ours comes back."""

import re
from dataclasses import dataclass
from email import message_from_bytes

from flufl.bounce import all_failures

from config.plain_text import plain_line
from mail.arrivals import Arrival

_MOST_READ = 200_000
# as `mail.outbox.message_id` makes them
_MESSAGE_ID = re.compile(rb"<[0-9a-f]{32}@[A-Za-z0-9.-]{1,253}>")
_STATUS = re.compile(rb"^(?:Diagnostic-Code|Status):[ \t]*([^\r\n]{1,300})", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Bounce:
    """What a bounce says.

    Attributes:
        failed: addresses that cannot be reached.
        delayed: addresses that are tried again.
        status: the server's diagnosis in its own words, "" where it gives none.
        message_ids: that may be of the letter that comes back.
    """

    failed: frozenset[str]
    delayed: frozenset[str]
    status: str
    message_ids: tuple[str, ...]


def read_bounce(arrival: Arrival) -> Bounce:
    """Return what a bounce says; of one that no known mail system wrote, nothing but Message-IDs."""
    raw = arrival.kept[:_MOST_READ]
    try:
        delayed, failed = all_failures(message_from_bytes(raw))
    except Exception:  # its detectors read what anybody may have sent
        delayed, failed = frozenset(), frozenset()
    statuses = _STATUS.findall(raw)
    return Bounce(
        failed=_words(failed),
        delayed=_words(delayed),
        status=plain_line(statuses[-1].decode("utf-8", "replace")) if statuses else "",
        message_ids=tuple(dict.fromkeys(found.decode() for found in _MESSAGE_ID.findall(raw)[:20])),
    )


def _words(addresses: frozenset[bytes]) -> frozenset[str]:
    return frozenset(plain_line(address.decode("utf-8", "replace")) for address in addresses)
