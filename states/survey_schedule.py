"""When people are asked, and when that is over: in requirements, after a trial, before a period ends."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.policy import policy
from models.agreements import Agreement, Stage
from models.assessments import ServicePeriod
from models.surveys import Survey, SurveyState
from models.trials import Trial, TrialState


def due_surveys(at: datetime) -> SelectOfScalar[Survey]:
    """Select the open surveys whose time is over, the longest overdue first."""
    return (
        select(Survey)
        .where(Survey.state == SurveyState.OPEN, Survey.closes_at <= at)
        .order_by(col(Survey.closes_at), col(Survey.id))
    )


def agreements_to_ask(_at: datetime) -> SelectOfScalar[Agreement]:
    """Select the agreements in requirements whose people were not asked about the current service."""
    return (
        select(Agreement)
        .where(Agreement.stage == Stage.REQUIREMENTS, ~_asked(Stage.REQUIREMENTS, Agreement.id))
        .order_by(col(Agreement.id))
    )


def trials_to_ask_about(at: datetime) -> SelectOfScalar[Trial]:
    """Select the trials whose intake is over and whose people were not asked about them yet."""
    return (
        select(Trial)
        .where(Trial.ends_at <= at, Trial.state == TrialState.RUNNING, ~_asked(Stage.TRIAL_RUN, Trial.id))
        .order_by(col(Trial.id))
    )


def periods_to_ask_about(at: datetime) -> SelectOfScalar[ServicePeriod]:
    """Select the periods that are about to end and whose people were not asked about them yet.

    Nobody is asked about one that is due for its assessment: no answer would be counted any more.
    """
    return (
        select(ServicePeriod)
        .join(Agreement, col(Agreement.id) == ServicePeriod.agreement_id)
        .where(
            col(ServicePeriod.closed_at).is_(None),
            ServicePeriod.ends_at <= at + timedelta(days=policy().surveys.days_to_answer),
            ServicePeriod.closes_at > at,
            col(Agreement.stage) != Stage.ENDED,
            ~_asked(Stage.MONITORING, ServicePeriod.id),
        )
        .order_by(col(ServicePeriod.id))
    )


def _asked(stage: Stage, subject_id: Any) -> ColumnElement[bool]:
    return (
        select(Survey.id)
        .where(Survey.stage == stage, Survey.subject_id == subject_id)
        .correlate_except(Survey)
    ).exists()
