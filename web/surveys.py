"""The survey page: how satisfied one person is, behind a secret link of a letter.

Initials are typed under the answer, because mail scanners click everything, but type nothing.
"""

from typing import Annotated

from fastapi import Depends
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.errors import NotFoundError
from models.agreements import Agreement
from models.database import reading, transaction
from models.parties import Person
from models.surveys import SurveyInvitation, SurveyState
from states.surveys import OVERALL, SurveyRefusedError, answer, find_invitation
from states.typed_names import are_initials, initials_of
from templates.languages.kept import stored
from templates.languages.telling import told
from web.errors import sentence
from web.routing import DatabaseEngine, PageRouter, page, see_other

router = PageRouter()
WORDS = {
    5: told("very satisfied"),
    4: told("satisfied"),
    3: told("neither"),
    2: told("dissatisfied"),
    1: told("very dissatisfied"),
}
_COMMENT, _INITIALS = "comment", "initials"
_MOST_CHARACTERS = 4000


async def _sent(request: Request) -> dict[str, str]:
    async with request.form(max_fields=50) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


Sent = Annotated[dict[str, str], Depends(_sent)]


@router.page("/s/{token}")
def survey_page(request: Request, engine: DatabaseEngine, token: str) -> Response:
    """Show the survey, or thanks once it is answered; nothing is changed."""
    with reading(engine) as session:
        return _page(request, session, _invitation_of(request, session, token))


@router.form("/s/{token}")
def record_answer(request: Request, engine: DatabaseEngine, token: str, sent: Sent) -> Response:
    """Record the ratings and lead back to the same address, or show again what is missing."""
    try:
        with transaction(engine) as session:
            invitation = _invitation_of(request, session, token)
            comment = sent.get(_COMMENT, "")[:_MOST_CHARACTERS]
            scores = _scores(sent)
            _refuse_if_not_typed(invitation.person, sent.get(_INITIALS, ""))
            answer(session, invitation, scores, now(), comment=comment)
    except SurveyRefusedError as refusal:
        with reading(engine) as session:
            invitation = _invitation_of(request, session, token)
            return _page(request, session, invitation, sent, sentence(refusal), 422)
    return see_other(request, request.url.path)


def _scores(sent: dict[str, str]) -> dict[str, int]:
    rated = {name: value for name, value in sent.items() if name not in (_COMMENT, _INITIALS) and value}
    for name, value in rated.items():
        if value not in {str(score) for score in WORDS}:
            raise SurveyRefusedError(told("%(name)s: a rating is from 1 to 5", name=name))
    return {name: int(value) for name, value in rated.items()}


def _refuse_if_not_typed(person: Person, typed: str) -> None:
    if not are_initials(typed, person.name):
        wanted = told(
            "type your initials, %(initials)s, or your full name: %(name)s",
            initials=initials_of(person.name),
            name=person.name,
        )
        raise SurveyRefusedError(wanted)


def _invitation_of(request: Request, session: Session, token: str) -> SurveyInvitation:
    try:
        return find_invitation(session, token)
    except NotFoundError:
        request.app.state.unknown_tokens.count(request)
        raise


def _page(
    request: Request,
    session: Session,
    invitation: SurveyInvitation,
    sent: dict[str, str] | None = None,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    survey = invitation.survey
    closed = survey.state == SurveyState.CLOSED or now() >= survey.closes_at
    return page(
        request,
        "survey",
        status,
        invitation=invitation,
        survey=survey,
        occasion=stored(survey.occasion),
        agreement=session.get_one(Agreement, survey.agreement_id),
        state="answered" if invitation.answered_at else "closed" if closed else "open",
        overall=OVERALL,
        words=WORDS,
        initials=initials_of(invitation.person.name),
        sent=sent or {},
        problem=problem,
        zone=invitation.person.zone,
        language=invitation.person.language,
    )
