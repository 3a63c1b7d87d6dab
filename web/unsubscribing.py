"""No more surveys: the page behind the secret link of a survey's letter (RFC 8058).

A mail program says it with a POST of its own. On the page a word is typed, because mail scanners submit
forms and click everything, but type nothing.
"""

from typing import Annotated

from fastapi import Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.errors import NotFoundError
from models.database import reading, transaction
from models.parties import Person
from states.survey_opt_outs import find_person, opt_in, opt_out, opted_out
from templates.languages.telling import told
from web.routing import DatabaseEngine, PageRouter, page, see_other

router = PageRouter()
STOP, START = "stop", "start"
_ONE_CLICK = "One-Click"


@router.page("/u/{token}")
def unsubscribe_page(request: Request, engine: DatabaseEngine, token: str) -> Response:
    """Show whether the person is surveyed, and how to change it; nothing is changed."""
    with reading(engine) as session:
        return _page(request, session, _person_of(request, session, token))


@router.form("/u/{token}")
def unsubscribe(
    request: Request,
    engine: DatabaseEngine,
    token: str,
    word: Annotated[str, Form(max_length=100)] = "",
    one_click: Annotated[str, Form(alias="List-Unsubscribe", max_length=100)] = "",
) -> Response:
    """Ask the person no more, or again; a mail program's click is answered without a detour."""
    said = word.strip("\"'“”„. ").casefold()
    with transaction(engine) as session:
        person = _person_of(request, session, token)
        if one_click == _ONE_CLICK:
            opt_out(session, person, now(), "one click")
            return _page(request, session, person)
        if said == STOP:
            opt_out(session, person, now(), "page")
        elif said == START:
            opt_in(session, person)
        else:
            wanted = START if opted_out(session, person) else STOP
            return _page(
                request, session, person, told("Type the word %(word)s to change it.", word=wanted), 422
            )
    return see_other(request, request.url.path)


def _person_of(request: Request, session: Session, token: str) -> Person:
    try:
        return find_person(session, token)
    except NotFoundError:
        request.app.state.unknown_tokens.count(request)
        raise


def _page(
    request: Request, session: Session, person: Person, problem: str | None = None, status: int = 200
) -> Response:
    return page(
        request,
        "unsubscribe",
        status,
        person=person,
        opted_out=opted_out(session, person),
        problem=problem,
        zone=person.zone,
        language=person.language,
    )
