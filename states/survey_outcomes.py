"""The outcome of surveys: the ratings counted, held against the standard, and seen by group."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.policy import policy
from levels.verdicts import bounds, verdict
from models.agreements import Agreement
from models.parties import Person, PersonRole
from models.surveys import Survey, SurveyAnswer, SurveyInvitation, SurveyState
from states import audit
from states.move import SWEEP
from states.surveys import OVERALL


def close(session: Session, survey: Survey, at: datetime) -> None:
    """Count the customer's overall ratings of a survey and hold them against its standard.

    One that is closed before its time ends now: its page and the reports say so.
    """
    agreement = session.get_one(Agreement, survey.agreement_id)
    scores = [
        score
        for person, score in _ratings(session, survey, OVERALL)
        if person.party_id == agreement.customer_id
    ]
    confidence = policy().verdicts.confidence
    survey.known = len(scores)
    survey.hits = sum(score >= policy().surveys.satisfied_from for score in scores)
    survey.lower, survey.upper = bounds(survey.hits, survey.known, confidence)
    survey.verdict = verdict(survey.hits, survey.known, survey.standard, confidence).value
    survey.state, survey.closes_at = SurveyState.CLOSED, min(survey.closes_at, at)
    audit.append(
        session,
        agreement,
        "survey closed",
        SWEEP,
        at,
        survey=survey.id,
        known=survey.known,
        hits=survey.hits,
        verdict=survey.verdict,
    )


def _ratings(session: Session, survey: Survey, indicator: str) -> Sequence[tuple[Person, int]]:
    return session.exec(
        select(Person, SurveyAnswer.score)
        .join(SurveyInvitation, col(SurveyInvitation.person_id) == col(Person.id))
        .join(SurveyAnswer, col(SurveyInvitation.id) == SurveyAnswer.invitation_id)
        .where(SurveyInvitation.survey_id == survey.id, SurveyAnswer.indicator == indicator)
        .order_by(col(Person.id))
    ).all()


def views(session: Session, survey: Survey) -> dict[str, tuple[int, int]]:
    """Return satisfied and all answers of users, of senior management and of IT."""
    agreement = session.get_one(Agreement, survey.agreement_id)
    counted = {"users": (0, 0), "senior management": (0, 0), "IT": (0, 0)}
    for person, score in _ratings(session, survey, OVERALL):
        if person.party_id == agreement.provider_id:
            group = "IT"
        else:
            group = "senior management" if person.role == PersonRole.SENIOR else "users"
        satisfied, answers = counted[group]
        counted[group] = (satisfied + (score >= policy().surveys.satisfied_from), answers + 1)
    return counted


def survey_figures(survey: Survey) -> dict[str, Any]:
    """Return a closed survey's figures as reports print them."""
    return {
        "from": survey.asked_at.isoformat(),
        "to": survey.closes_at.isoformat(),
        "known": survey.known,
        "hits": survey.hits,
        "asked": len(survey.invitations),
        "lower": survey.lower,
        "upper": survey.upper,
        "standard": survey.standard,
        "verdict": survey.verdict,
    }


def close_all(session: Session, agreement: Agreement, at: datetime) -> None:
    """Close the agreement's open surveys now."""
    still_open = session.exec(
        select(Survey).where(Survey.agreement_id == agreement.id, Survey.state == SurveyState.OPEN)
    ).all()
    for survey in still_open:
        close(session, survey, at)
