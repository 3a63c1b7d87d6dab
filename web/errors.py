"""Errors as people and programs should see them: one clear line, a fitting status, never a traceback."""

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from config.errors import BadInputError, NotFoundError, SlmError, UnreachableError
from states.move import BlockedMoveError
from states.open_requests import DecisionRefusedError
from states.surveys import SurveyRefusedError
from templates.languages.telling import told
from web.headers import add_headers
from web.rates import TooManyAttemptsError
from web.routing import browser_language, page
from web.security import KeyNeededError, SignInNeededError, sign_in_address

_STATUS: tuple[tuple[type[SlmError], int], ...] = (
    (NotFoundError, 404),
    (KeyNeededError, 401),
    (SignInNeededError, 401),
    (TooManyAttemptsError, 429),
    (BadInputError, 422),
    (SurveyRefusedError, 422),
    (DecisionRefusedError, 422),
    (UnreachableError, 503),
)
_REFUSED = 409  # every other expected error: the state of things forbids it
_TITLES = {
    401: told("Sign in first"),
    403: told("Not allowed"),
    404: told("Not found"),
    405: told("Not possible"),
    409: told("Refused"),
    413: told("Too large"),
    422: told("Something is missing"),
    429: told("Too many attempts"),
    500: told("Something went wrong"),
    503: told("Out of reach"),
}
_LINES = {
    404: told("There is nothing at this address."),
    405: told("This address does not take that kind of request."),
    500: told("The fault is ours and has been written to the log. Nothing was changed by this request."),
}


def install(app: FastAPI) -> None:
    """Let every error of the application end in a page, or in JSON under /api."""
    app.add_exception_handler(SlmError, _slm_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _fault)


def status_of(error: SlmError) -> int:
    """Return the HTTP status that tells what kind of error it is."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), _REFUSED)


def error_response(request: Request, status: int, line: str, reasons: Sequence[str] = ()) -> Response:
    """Return an error as a page; under /api as {"error", "reasons"}."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": line, "reasons": list(reasons)}, status)
    title = _TITLES.get(status) or HTTPStatus(status).phrase
    language = None if request.scope.get("session", {}).get("actor") else browser_language(request)
    return page(request, "error", status, language=language, title=title, line=line, reasons=reasons)


def _slm_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, SlmError), "registered for these alone"
    if isinstance(error, SignInNeededError) and _may_sign_in(request):
        return RedirectResponse(sign_in_address(request), 303)
    reasons = error.reasons if isinstance(error, BlockedMoveError) else []
    response = error_response(request, status_of(error), sentence(error), reasons)
    if isinstance(error, TooManyAttemptsError):
        response.headers["Retry-After"] = "60"
    if isinstance(error, KeyNeededError):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def sentence(error: SlmError) -> str:
    """Return the error's line, without the reasons listed beside it; `Told` where it was raised so."""
    if isinstance(error, BlockedMoveError):
        return str(error).partition(" is blocked: ")[0] + " is blocked"
    return error.args[0] if error.args and isinstance(error.args[0], str) else str(error)


def _may_sign_in(request: Request) -> bool:
    return request.method in ("GET", "HEAD") and not request.url.path.startswith("/api/")


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError), "registered for these alone"
    reasons = [
        f"{'.'.join(str(part) for part in row['loc'][1:]) or row['loc'][0]}: {row['msg']}"
        for row in error.errors()
    ]
    return error_response(request, 422, told("The request does not say what it must."), reasons)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for these alone"
    line = _LINES.get(error.status_code, error.detail)
    response = error_response(request, error.status_code, line)
    response.headers.update(error.headers or {})
    return response


def _fault(request: Request, _error: Exception) -> Response:
    response = error_response(request, 500, _LINES[500])
    # this answer passes no middleware of ours on its way out
    add_headers(response.headers, request.url.path)
    return response
