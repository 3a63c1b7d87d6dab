"""What is kept of a browser's request beside an answer: never its address, which carries a secret."""

from datetime import datetime

from starlette.requests import Request

from config.plain_text import plain_line
from web.rates import client_address

_KEPT = ("sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "sec-fetch-user", "origin")
_LONGEST = 200


def browser_headers(request: Request) -> dict[str, str]:
    """Return the headers that tell how a request came about: whether a person pressed a button of ours."""
    return {
        name: plain_line(value)[:_LONGEST]
        for name in _KEPT
        if (value := request.headers.get(name)) is not None
    }


def client_evidence(request: Request, sent_at: datetime | None) -> dict[str, str]:
    """Return network address, browser, headers and, where known, when the page was sent, as words."""
    agent = plain_line(request.headers.get("user-agent", ""))[:500]
    told = {"address": client_address(request), "user_agent": agent} | browser_headers(request)
    return told if sent_at is None else told | {"page_sent_at": sent_at.isoformat()}
