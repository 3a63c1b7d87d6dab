"""Texts printed for whoever holds a link, each once while the server runs, and one after the other.

Anybody with a link may ask for the file as often as they like, and printing takes a second of a processor.
"""

from functools import lru_cache
from threading import Lock

from templates.printing import to_pdf

_MOST_KEPT = 32
_one_at_a_time = Lock()


def printed_text(html: str) -> bytes:
    """Return an HTML document as PDF, printed unless the same was asked for lately.

    Raises:
        SlmError: as `templates.printing.to_pdf`.
    """
    with _one_at_a_time:
        return _printed(html)


@lru_cache(maxsize=_MOST_KEPT)
def _printed(html: str) -> bytes:
    return to_pdf(html)
