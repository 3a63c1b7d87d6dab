"""Surveys: asking people how satisfied they are, each once, and recording what they answer."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from config.errors import NotFoundError, SlmError
from config.plain_text import plain
from config.policy import policy
from mail import keys, links
from mail.outbox import post
from models.agreements import Agreement, Stage
from models.approvals import LinkPurpose
from models.parties import Person
from models.surveys import Survey, SurveyAnswer, SurveyInvitation, SurveyOptOut, SurveyState
from states import audit, survey_opt_outs
from states.move import SWEEP
from templates.languages.telling import told

OVERALL = "overall"


class SurveyRefusedError(SlmError):
    """The answer cannot be recorded; the message says why."""


def ask(
    session: Session,
    agreement: Agreement,
    stage: Stage,
    subject_id: int,
    occasion: str,
    at: datetime,
    latest: datetime | None = None,
) -> Survey | None:
    """Ask every one of the customer's people once, by a letter with a personal link.

    In requirements the provider's people are asked as well, beside the customer's and not instead of them.

    Args:
        session: the caller's open transaction.
        agreement: whose customer is asked.
        stage: the stage whose standard the answers are held against.
        subject_id: the period or trial that is asked about; the agreement itself in requirements.
        occasion: the same in words, as the letter says it.
        at: when.
        latest: when the answers are counted in any case; None: whoever is asked has policy's days.

    Returns:
        The survey; None where this was asked about already.
    """
    if survey_of(session, agreement, stage, subject_id) is not None:
        return None
    closes_at = at + timedelta(days=policy().surveys.days_to_answer)
    survey = Survey(
        agreement_id=agreement.id,
        stage=stage,
        subject_id=subject_id,
        occasion=occasion,
        indicators=list(policy().surveys.indicators),
        standard=standard_of(stage),
        asked_at=at,
        closes_at=min(closes_at, latest or closes_at),
    )
    session.add(survey)
    session.flush()
    for person in _people(session, agreement, stage):
        _invite(session, agreement, survey, person, at)
    audit.append(
        session, agreement, "survey asked", SWEEP, at, survey=survey.id, stage=stage.value, occasion=occasion
    )
    return survey


def standard_of(stage: Stage) -> float:
    """Return the share of satisfied answers that policy expects at a stage that is asked about."""
    standards = policy().surveys.standards
    return {
        Stage.REQUIREMENTS: standards.requirements,
        Stage.TRIAL_RUN: standards.trial_run,
        Stage.MONITORING: standards.monitoring,
    }[stage]


def _people(session: Session, agreement: Agreement, stage: Stage) -> list[Person]:
    """Whom a survey asks: the customer's people; in requirements, what IT thinks of its service too.

    Nobody is asked who wants no more surveys.
    """
    parties = [agreement.customer_id]
    if stage == Stage.REQUIREMENTS:
        parties.append(agreement.provider_id)
    return list(
        session.exec(
            select(Person)
            .where(col(Person.party_id).in_(parties), col(Person.id).not_in(select(SurveyOptOut.person_id)))
            .order_by(col(Person.id))
        )
    )


def _invite(session: Session, agreement: Agreement, survey: Survey, person: Person, at: datetime) -> None:
    invitation = SurveyInvitation(survey_id=survey.id, person_id=person.id)
    session.add(invitation)
    session.flush()
    post(
        session,
        "survey_invitation",
        person,
        key=keys.survey_invitation(invitation),
        at=at,
        agreement=agreement,
        unsubscribe=survey_opt_outs.unsubscribe_address(session, person, at),
        survey=survey,
        link=links.issue_link(session, LinkPurpose.SURVEY, invitation.id, person, at),
        closes_at=survey.closes_at,
    )


def find_invitation(session: Session, token: str) -> SurveyInvitation:
    """Return the invitation that a secret link opens.

    Raises:
        NotFoundError: if the token is none of ours.
    """
    link = links.find_link(session, LinkPurpose.SURVEY, token)
    if link is None:
        raise NotFoundError(told("this address leads nowhere: use the whole link of the letter"))
    return session.get_one(SurveyInvitation, link.subject_id)


def answer(
    session: Session,
    invitation: SurveyInvitation,
    scores: dict[str, int],
    at: datetime,
    *,
    comment: str = "",
    via: str = "page",
) -> None:
    """Record a person's ratings, 1 to 5, of `OVERALL` and of any of the survey's indicators.

    Raises:
        SurveyRefusedError: if the survey is closed or answered, or a rating is missing or impossible.
    """
    session.refresh(invitation, with_for_update=True)  # so that of two clicks the second sees the first
    survey = invitation.survey
    if invitation.answered_at is not None:
        raise SurveyRefusedError(told("your answer is recorded already: thank you"))
    if survey.state == SurveyState.CLOSED or at >= survey.closes_at:
        raise SurveyRefusedError(told("this survey is closed"))
    if OVERALL not in scores:
        raise SurveyRefusedError(told("say how satisfied you are overall"))
    for indicator, score in scores.items():
        if indicator != OVERALL and indicator not in survey.indicators:
            raise SurveyRefusedError(f"this survey does not ask about {indicator!r}")
        if not 1 <= score <= 5:
            raise SurveyRefusedError(f"{indicator}: a rating is from 1 to 5, not {score}")
    invitation.answered_at, invitation.comment, invitation.via = at, plain(comment), via
    invitation.answers = [
        SurveyAnswer(indicator=indicator, score=score) for indicator, score in sorted(scores.items())
    ]
    session.flush()


def survey_of(session: Session, agreement: Agreement, stage: Stage, subject_id: int) -> Survey | None:
    """Return the survey about a period, a trial or the current service; None where nobody was asked."""
    return session.exec(
        select(Survey).where(
            Survey.agreement_id == agreement.id, Survey.stage == stage, Survey.subject_id == subject_id
        )
    ).one_or_none()
