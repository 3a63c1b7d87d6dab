"""Targets that no stopwatch measures: availability, ratios, values, satisfaction and cost."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from config.errors import BadInputError
from config.policy import policy
from evidence.measured_values import Value, read_values
from levels.verdicts import bounds, verdict
from models.agreements import Agreement, Stage
from models.assessments import ServicePeriod
from models.parties import Person
from models.sealing import canonical_json, sha256_of
from models.surveys import Survey, SurveyAnswer, SurveyInvitation
from models.trials import Trial
from models.version_words import BoundSide, Indicator
from models.versions import ServiceLevelTarget
from states.availability import availability_figures
from states.costs import cost_figures
from states.figures import TargetFigures
from states.surveys import OVERALL

COST = "cost"


def value_figures(
    session: Session,
    agreement: Agreement,
    target: ServiceLevelTarget,
    start: datetime,
    end: datetime,
    as_of: datetime,
    confidence: float,
) -> TargetFigures:
    """Measure a target of availability, ratio, value, satisfaction or cost over [start, end).

    What became known after `as_of` does not exist. What counts of measured values are those of the target's
    measure that begin in the window; its population may name their service and nothing else.

    - ratio: `known` are all events, `hits` the good ones, with exact bounds on these counts;
    - value: `known` are the values, `hits` those on the right side of the bound;
    - satisfaction: `known` are the ratings of the measure, `hits` those that policy calls satisfied; where
      the target names no measure, the overall ratings of surveys about what ended in the window;
    - availability and cost: see `states.availability` and `states.costs`.

    Raises:
        BadInputError: the population names an attribute that the evidence does not have.
        ValueError: the indicator is one of tickets.
    """
    if target.indicator == Indicator.AVAILABILITY:
        return availability_figures(session, agreement, target, start, end, as_of)
    if target.indicator == Indicator.COST:
        values = _values(session, agreement, target, target.measure or COST, start, end, as_of)
        return cost_figures(session, agreement, target, start, end, as_of, values)
    if target.indicator == Indicator.SATISFACTION and not target.measure:
        answers = _answers(session, agreement, start, end, as_of)
        satisfied = sum(score >= policy().surveys.satisfied_from for _, score in answers)
        return _counted(target, satisfied, len(answers), answers, confidence)
    values = _values(session, agreement, target, target.measure, start, end, as_of)
    hits, known = _tally(target, values)
    return _counted(target, hits, known, [list(row) for row in values], confidence)


def _values(
    session: Session,
    agreement: Agreement,
    target: ServiceLevelTarget,
    measure: str,
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> list[Value]:
    unknown = [name for name in target.population if name != "service"]
    if unknown and target.indicator != Indicator.COST:
        raise BadInputError(f"target {target.key}: measured values have no {unknown[0]}, only a service")
    if unknown:
        return []  # a cost of some tickets only: what is imported is not told apart by them
    return read_values(
        session,
        agreement.evidence_source,
        agreement.customer.name_in_evidence,
        measure,
        target.population.get("service", ""),
        start,
        end,
        as_of,
    )


def _tally(target: ServiceLevelTarget, values: list[Value]) -> tuple[int, int]:
    """Return the hits and what is known."""
    if target.indicator == Indicator.RATIO:
        events = [row for row in values if row.total is not None]
        return int(sum(row.value for row in events)), int(sum(row.total or 0 for row in events))
    if target.indicator == Indicator.SATISFACTION:
        return sum(row.value >= policy().surveys.satisfied_from for row in values), len(values)
    if target.indicator != Indicator.VALUE or target.bound is None:
        raise ValueError(f"target {target.key}: {target.indicator} is not measured by values")
    bound = target.bound
    if target.bound_side == BoundSide.AT_MOST:
        return sum(row.value <= bound for row in values), len(values)
    return sum(row.value >= bound for row in values), len(values)


def _answers(
    session: Session, agreement: Agreement, start: datetime, end: datetime, as_of: datetime
) -> list[tuple[str, int]]:
    """The overall ratings given by `as_of` about the periods and trials that ended in the window.

    Returns:
        Who answered, by e-mail address, and the rating, 1 to 5; in a fixed order.
    """
    ended_period = select(ServicePeriod.id).where(
        ServicePeriod.agreement_id == agreement.id,
        col(ServicePeriod.ends_at) > start,
        col(ServicePeriod.ends_at) <= end,
    )
    ended_trial = select(Trial.id).where(
        Trial.agreement_id == agreement.id, col(Trial.ends_at) > start, col(Trial.ends_at) <= end
    )
    found = session.exec(
        select(Person.email, SurveyAnswer.score)
        .select_from(SurveyInvitation)
        .join(Survey, col(Survey.id) == SurveyInvitation.survey_id)
        .join(Person, col(Person.id) == SurveyInvitation.person_id)
        .join(SurveyAnswer, col(SurveyAnswer.invitation_id) == SurveyInvitation.id)
        .where(
            Survey.agreement_id == agreement.id,
            or_(
                and_(col(Survey.stage) == Stage.MONITORING, col(Survey.subject_id).in_(ended_period)),
                and_(col(Survey.stage) == Stage.TRIAL_RUN, col(Survey.subject_id).in_(ended_trial)),
            ),
            col(SurveyInvitation.answered_at) <= as_of,
            SurveyAnswer.indicator == OVERALL,
        )
    )
    return sorted((email, score) for email, score in found)


def _counted(
    target: ServiceLevelTarget, hits: int, known: int, rows: list[Any], confidence: float
) -> TargetFigures:
    lower, upper = bounds(hits, known, confidence)
    question = {
        "indicator": target.indicator.value,
        "measure": target.measure,
        "population": target.population,
        "bound": target.bound,
        "bound_side": target.bound_side.value,
    }
    return TargetFigures(
        target,
        known,
        hits,
        0,
        lower,
        upper,
        verdict(hits, known, target.objective, confidence),
        sha256_of(canonical_json([question, rows])),
    )
