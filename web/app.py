"""The web application: pages for managers, pages behind secret links, the JSON API."""

from importlib.metadata import version

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.middleware.sessions import SessionMiddleware
from starlette.staticfiles import StaticFiles

from config.settings import settings
from web import (
    agreements,
    api,
    approvals,
    baselines,
    board,
    decisions,
    errors,
    evidence_api,
    exclusions,
    exclusions_api,
    inbox,
    letters,
    mailbox,
    moves,
    proposals,
    proposals_api,
    reports,
    requirements,
    security,
    signed_documents,
    surveys,
    trials,
    unsubscribing,
    versions,
)
from web.bodies import SmallBodiesOnly
from web.csrf import SameOriginOnly
from web.headers import SafeHeaders
from web.rates import WRONG_LINKS, Attempts
from web.routing import STATIC
from web.security import SESSION_COOKIE, SESSION_SECONDS, session_secret

_ROOMS = (
    *(
        board,
        agreements,
        baselines,
        requirements,
        exclusions,
        proposals,
        approvals,
        moves,
        trials,
        versions,
        signed_documents,
        reports,
        decisions,
        surveys,
        unsubscribing,
        letters,
        inbox,
        mailbox,
        security,
    ),
    *(api, evidence_api, exclusions_api, proposals_api),
)


def create_app(engine: Engine, sign_in_key: str | None = None) -> FastAPI:
    """Return the application on a database that is up to date.

    Args:
        engine: of the product's database; the caller disposes of it.
        sign_in_key: what managers sign in with and programs send; None lets nobody in, and leaves the
            pages behind secret links.
    """
    # the documentation pages of FastAPI load scripts from elsewhere
    app = FastAPI(
        title="slmcycle",
        version=version("slmcycle"),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.engine = engine
    app.state.sign_in_key = sign_in_key or None
    app.state.unknown_tokens = Attempts(most=30, refusal=WRONG_LINKS)
    app.state.sign_in_attempts = Attempts(most=10)
    app.state.wrong_codes = Attempts(most=15)
    # the last one added sees a request first
    app.add_middleware(SmallBodiesOnly)
    app.add_middleware(SameOriginOnly)
    app.add_middleware(
        SessionMiddleware,
        secret_key=session_secret(sign_in_key),
        session_cookie=SESSION_COOKIE,
        max_age=SESSION_SECONDS,
        same_site="lax",
        https_only=settings().base_url.startswith("https://"),
    )
    app.add_middleware(SafeHeaders)
    errors.install(app)
    for room in _ROOMS:
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
