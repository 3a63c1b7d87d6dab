"""The mail log: which letters wait, went out, came back, were answered or failed."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.errors import NotFoundError
from models.database import reading, transaction
from states.drafting import find_agreement
from states.letter_log import Standing, count_by_standing, find_letters, letter_told, text_of
from states.letters import find_letter, retry
from web.routing import DatabaseEngine, PageRouter, page, see_other
from web.security import Actor
from web.views.words import letter_title

router = PageRouter()


@router.page("/letters")
def letters_page(
    request: Request,
    engine: DatabaseEngine,
    actor: Actor,
    state: str = "",
    agreement: str = "",
    to: str = "",
) -> Response:
    """List letters, newest first, filtered by how they stand, what they are about and to whom."""
    standing = Standing(state) if state in set(Standing) else None
    kept = {"agreement": agreement.strip(), "to": to.strip()}
    problem: str | None = None
    rows: list[dict[str, Any]] = []
    total = 0
    with reading(engine) as session:
        try:
            about = find_agreement(session, kept["agreement"]) if kept["agreement"] else None
            rows, total = find_letters(session, standing=standing, agreement=about, to=to)
        except NotFoundError as error:
            problem = str(error)
        counts = count_by_standing(session)
    return page(
        request,
        "letters",
        rows=rows,
        total=total,
        counts=counts,
        problem=problem,
        standing=standing,
        filtered=kept,
        # `&` and the rest of the filter, for the links that change the state alone
        rest=urlencode({name: value for name, value in kept.items() if value}),
        letter_title=letter_title,
    )


@router.page("/letters/{number:int}")
def sent_letter_page(request: Request, engine: DatabaseEngine, actor: Actor, number: int) -> Response:
    """Show one letter: how it stands, and its text without its secrets."""
    with reading(engine) as session:
        letter = find_letter(session, number)
        told, text = letter_told(session, letter), text_of(letter)
    return page(request, "sent_letter", letter=told, text=text, letter_title=letter_title)


@router.form("/letters/{number:int}/retry")
def retry_letter(request: Request, engine: DatabaseEngine, actor: Actor, number: int) -> Response:
    """Queue a letter that failed, or was put off, to be sent now."""
    with transaction(engine) as session:
        letter = find_letter(session, number)
        retry(session, letter, actor, now())
        address = letter.to_address
    return see_other(request, f"/letters/{number}", f"Letter {number} to {address} is queued.")
