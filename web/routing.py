"""Routes of pages, and how a page is made from a template."""

from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from config.settings import settings
from mail.links import PATHS
from templates.languages.catalogs import ENGLISH, accepted_language, spoken_language
from templates.render import render

STATIC = Path(__file__).parent / "static"
TOKEN_PATHS = tuple(PATHS.values())

Endpoint = Callable[..., Response]


class PageRouter(APIRouter):
    """Routes for people: pages answer GET and HEAD alike, forms POST; none is in the API's schema."""

    def page(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register a page, which changes nothing."""
        return self.api_route(path, methods=["GET", "HEAD"], include_in_schema=False)

    def form(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register what a form is sent to."""
        return self.api_route(path, methods=["POST"], include_in_schema=False)


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


DatabaseEngine = Annotated[Engine, Depends(_engine)]


def page(
    request: Request, name: str, status: int = 200, *, language: str | None = None, **context: Any
) -> HTMLResponse:
    """Return the page `templates/pages/{name}.html.j2`, with what every page shows.

    The pages behind secret links show nobody as signed in: they are the receiver's.

    Args:
        request: what is answered.
        name: of the template.
        status: of the answer.
        language: of whom the page is for; None for nobody in particular, whom the browser speaks for behind
            secret links. Managers' pages are English.
        context: what the template uses besides.
    """
    if language is None:
        language = browser_language(request) if is_token_path(request.url.path) else ENGLISH
    session: dict[str, Any] = {} if is_token_path(request.url.path) else request.scope.get("session", {})
    common = {
        "actor": session.get("actor"),
        "zone": session.get("zone", "UTC"),
        "flash": session.pop("flash", None),
        "stylesheet": f"/static/style.css?v={_stylesheet_version()}",
        "path": request.url.path,
        "has_mailbox": settings().local_mailbox,
    }
    html = render(f"pages/{name}.html.j2", **common | context | {"language": language})
    return HTMLResponse(html, status, {"Content-Language": spoken_language(language)})


def browser_language(request: Request) -> str:
    """Return the language that the visitor's browser asks for, of those there are; English otherwise."""
    return accepted_language(request.headers.get("accept-language", ""))


def standing_alone(html: str) -> HTMLResponse:
    """Return a document that carries its own style; the browser is told that this very style is meant."""
    style = html.split("<style>", 1)[1].split("</style>", 1)[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def see_other(request: Request, path: str, flash: str | None = None) -> RedirectResponse:
    """Send the browser on to `path` after a POST; `flash` is a line that the next page shows once."""
    if flash is not None:
        request.session["flash"] = flash
    return RedirectResponse(path, 303)


def is_token_path(path: str) -> bool:
    """Return whether an address carries a secret token."""
    return path.startswith(TOKEN_PATHS)


@lru_cache(maxsize=1)
def _stylesheet_version() -> str:
    return sha256((STATIC / "style.css").read_bytes()).hexdigest()[:12]
