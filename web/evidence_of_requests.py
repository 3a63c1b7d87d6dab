"""What is kept of a browser's request beside an answer: never its address, which carries a secret."""

from starlette.requests import Request

from states.plain_text import plain_line
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


def client_evidence(request: Request) -> dict[str, str]:
    """Return network address, browser and headers as one table of words."""
    agent = plain_line(request.headers.get("user-agent", ""))[:500]
    return {"address": client_address(request), "user_agent": agent} | browser_headers(request)
