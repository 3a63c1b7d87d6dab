"""Requests that other sites make a browser send are refused, before anything else looks at them.

`Sec-Fetch-Site` decides, else `Origin`; every browser sends one of them with a POST. A request without
either comes from a program and passes, but never on the strength of a session cookie alone.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from config.settings import settings
from web.errors import error_response
from web.security import SESSION_COOKIE

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SameOriginOnly:
    """ASGI middleware that answers 403 to unsafe requests from elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] in _SAFE or is_own(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        line = "This request did not come from a page of this application, so nothing was done."
        await error_response(Request(scope), 403, line)(scope, receive, send)


def is_own(headers: Headers) -> bool:
    """Return whether an unsafe request may pass."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc in (headers.get("host"), urlsplit(settings().base_url).netloc)
    has_session = SESSION_COOKIE in ";".join(headers.getlist("cookie"))
    return not has_session or headers.get("authorization", "").lower().startswith("bearer ")
