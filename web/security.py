"""Who may act: managers sign in with the key that `slm up` prints; programs send it as a bearer token."""

import secrets
from hashlib import sha256
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Form
from sqlmodel import Session, col, or_, select
from starlette.requests import Request
from starlette.responses import Response

from config.errors import SlmError
from config.plain_text import plain_line
from config.settings import settings
from models.agreements import Agreement
from models.database import reading
from models.parties import Person, PersonRole
from states.move import POLICY, SWEEP
from web.routing import DatabaseEngine, PageRouter, page, see_other

SESSION_COOKIE = "slm_session"
SESSION_SECONDS = 12 * 3600
ANYONE = "manager"
_LONGEST_NAME = 200

router = PageRouter()


class SignInNeededError(SlmError):
    """Nobody is signed in."""


class KeyNeededError(SlmError):
    """A program sent no key, or a wrong one."""


def session_secret(sign_in_key: str | None) -> str:
    """Return what sessions are signed with; another sign-in key ends every session."""
    return sha256(f"{settings().secret_key()}:{sign_in_key or ''}".encode()).hexdigest()


def _signed_in(request: Request) -> str:
    actor = request.session.get("actor")
    if not isinstance(actor, str):
        raise SignInNeededError("sign in first")
    return actor


def _program_or_signed_in(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        return _signed_in(request)
    if scheme.lower() != "bearer" or not _is_key(request, key.strip()):
        raise KeyNeededError("send the sign-in key: Authorization: Bearer KEY")
    actor = plain_line(request.headers.get("x-slm-actor", ""))[:_LONGEST_NAME] or _only_manager(request)
    if actor in (POLICY, SWEEP):
        raise KeyNeededError(f"{actor} is the engine's own name: send another X-SLM-Actor")
    return actor


def _only_manager(request: Request) -> str:
    """Who a program acts as that does not say it: the one manager there is, as at the sign-in form."""
    with reading(request.app.state.engine) as session:
        people = managers(session)
    return people[0].name if len(people) == 1 else ANYONE


Actor = Annotated[str, Depends(_signed_in)]
ProgramActor = Annotated[str, Depends(_program_or_signed_in)]


def _is_key(request: Request, key: str) -> bool:
    """Whether this is the key; wrong ones are counted, and after too many none is compared for a minute."""
    expected: str | None = request.app.state.sign_in_key
    if not expected or not key:
        return False
    request.app.state.sign_in_attempts.check(request)
    right = secrets.compare_digest(key.encode(), expected.encode())
    if not right:
        request.app.state.sign_in_attempts.count(request)
    return right


def managers(session: Session) -> list[Person]:
    """Return the people one can act as: managers, and whoever owns an agreement."""
    owners = select(Agreement.owner_id)
    return list(
        session.exec(
            select(Person)
            .where(or_(Person.role == PersonRole.MANAGER, col(Person.id).in_(owners)))
            .order_by(col(Person.name))
        )
    )


@router.page("/sign-in")
def sign_in_form(request: Request, engine: DatabaseEngine, key: str = "", next: str = "/") -> Response:
    """Show the sign-in form, filled in with the key of the address; nothing is changed."""
    people: list[Person] = []
    if _is_key(request, key):
        with reading(engine) as session:
            people = managers(session)
    return _form(request, key, next, people)


@router.form("/sign-in")
def sign_in(
    request: Request,
    engine: DatabaseEngine,
    key: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
    person: Annotated[str, Form()] = "",
) -> Response:
    """Compare the key, and start a session as the one manager there is, or the chosen one."""
    if not _is_key(request, key):
        return _form(request, "", next, [], "This is not the sign-in key.", 403)
    with reading(engine) as session:
        people = managers(session)
    chosen = people if len(people) == 1 else [row for row in people if str(row.id) == person]
    if people and not chosen:
        problem = "Choose who you are." if person else None
        return _form(request, key, next, people, problem)
    request.session.clear()
    request.session["actor"] = chosen[0].name if chosen else ANYONE
    request.session["zone"] = chosen[0].zone if chosen else "UTC"
    return see_other(request, _own_path(next))


@router.form("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session."""
    request.session.clear()
    return see_other(request, "/sign-in")


def sign_in_address(request: Request) -> str:
    """Return the address of the sign-in form that leads back to what was asked for."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}"


def _form(
    request: Request,
    key: str,
    next_path: str,
    people: list[Person],
    problem: str | None = None,
    status: int = 200,
) -> Response:
    disabled = request.app.state.sign_in_key is None
    return page(
        request,
        "sign_in",
        403 if disabled else status,
        key=key,
        next_path=_own_path(next_path),
        people=people,
        problem=problem,
        disabled=disabled,
    )


def _own_path(path: str) -> str:
    """Return `path` if it leads into this application, else the board."""
    own = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if own else "/"
