"""The local mailbox, where an installation without a mail server shows its letters."""

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from config.errors import NotFoundError
from config.settings import settings
from mail.mailbox import read_letter, read_mailbox
from web.routing import PageRouter, page
from web.security import Actor

router = PageRouter()

# a letter brings its own style and no script; its links leave the frame
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


@router.page("/mailbox")
def mailbox_page(request: Request, actor: Actor) -> Response:
    """List the letters, newest first."""
    return page(request, "mailbox", letters=read_mailbox(_folder()))


@router.page("/mailbox/{letter_id}")
def letter_page(request: Request, actor: Actor, letter_id: str) -> Response:
    """Show one letter: its HTML in a frame of its own, and its text."""
    return page(request, "letter", letter=read_letter(_folder(), letter_id))


@router.page("/mailbox/{letter_id}/html")
def letter_html(actor: Actor, letter_id: str) -> Response:
    """Return a letter's HTML, fit for the frame."""
    html = read_letter(_folder(), letter_id).html
    return HTMLResponse(
        _HEAD.sub(lambda head: head[0] + '<base target="_top">', html, count=1),
        headers={"Content-Security-Policy": _LETTER_POLICY, "X-Frame-Options": "SAMEORIGIN"},
    )


def _folder() -> Path:
    if not settings().local_mailbox:
        raise NotFoundError("this installation has no local mailbox: SLM_LOCAL_MAILBOX is off")
    return settings().var / "mailbox"
