"""Closing periods: each target's figures are frozen, the customer is told, and the next period opens."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from importlib.metadata import version as installed_version
from typing import Any

from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, select

from config.policy import policy
from models.agreements import Agreement, Stage
from models.assessments import Assessment, ServicePeriod
from models.surveys import SurveyState
from models.versions import AgreementVersion
from states import actions, audit, experience, survey_outcomes, surveys
from states.drafts import version_in_force
from states.due_rows import Work
from states.figures import TargetFigures
from states.frozen_targets import frozen_target
from states.measures import measure_targets, measure_together
from states.monitoring import assessments_in, open_period, part_of, period_zone, versions_in
from states.move import SWEEP
from states.ticket_evidence import Wanted, wanted_by
from templates.render import span

PERIODS_AT_A_TIME = 25
"""How many periods are closed in one transaction: others wait for it as long as the letters take to write."""


def closings(session: Session, periods: Sequence[ServicePeriod], at: datetime) -> Work:
    """Give what closes each of some periods, in an order of its own; they are measured together."""

    def close(period: ServicePeriod, of_tickets: Sequence[TargetFigures] | None) -> str:
        agreement = session.get_one(Agreement, period.agreement_id)
        close_period(session, agreement, period, at, of_tickets)
        zone = period_zone(agreement, period)
        return f"{agreement.reference}: {span(period.starts_at, period.ends_at, zone)} assessed"

    return (partial(close, *told) for told in with_figures(session, periods, at))


def with_figures(
    session: Session, periods: Sequence[ServicePeriod], at: datetime
) -> Iterator[tuple[ServicePeriod, list[TargetFigures] | None]]:
    """Give each period with the figures of tickets that `close_period` takes, measured for many at once.

    None where it measures for itself: several versions have parts in the period, or no target is of tickets.
    """
    agreements = _read_agreements(session, {period.agreement_id for period in periods})
    together: dict[int, ServicePeriod] = {}
    wanted: dict[int, Wanted] = {}
    for period in periods:
        asked = _wanted(agreements[period.agreement_id], period)
        if asked is None:
            yield period, None
        else:
            together[period.id], wanted[period.id] = period, asked
    for number, figures in measure_together(session, wanted, at, policy().verdicts.confidence):
        yield together[number], figures


def _read_agreements(session: Session, numbers: Collection[int]) -> dict[int, Agreement]:
    """Agreements with what the measuring of their targets looks up, in a few statements for all of them."""
    versions = selectinload(Agreement.versions)  # type: ignore[arg-type]
    found = session.exec(
        select(Agreement)
        .where(col(Agreement.id).in_(numbers))
        .options(
            selectinload(Agreement.customer),  # type: ignore[arg-type]
            versions.selectinload(AgreementVersion.targets),  # type: ignore[arg-type]
            versions.selectinload(AgreementVersion.calendars),  # type: ignore[arg-type]
            versions.selectinload(AgreementVersion.process_targets),  # type: ignore[arg-type]
        )
    )
    return {agreement.id: agreement for agreement in found}


def _wanted(agreement: Agreement, period: ServicePeriod) -> Wanted | None:
    versions = versions_in(agreement, period)
    if len(versions) != 1:
        return None
    return wanted_by(agreement, versions[0].targets, *part_of(period, versions[0]))


def close_period(
    session: Session,
    agreement: Agreement,
    period: ServicePeriod,
    at: datetime,
    of_tickets: Sequence[TargetFigures] | None = None,
) -> None:
    """Assess a period: freeze every target's figures, report to the customer, open the next period.

    Where the version in force changed within the period, each version judges its own part. `of_tickets`
    is what `with_figures` measured of the period in this transaction; None: it is measured here.
    """
    for version in versions_in(agreement, period):
        start, end = part_of(period, version)
        figures = measure_targets(
            session, agreement, version.targets, start, end, at, policy().verdicts.confidence, of_tickets
        )
        session.add_all(
            _assessment(session, agreement, period, version, row, start, end, at) for row in figures
        )
    period.closed_at = at
    session.flush()
    assessed = assessments_in(session, period)
    audit.append(
        session,
        agreement,
        "period assessed",
        SWEEP,
        at,
        starts_at=period.starts_at.isoformat(),
        ends_at=period.ends_at.isoformat(),
        zone=period_zone(agreement, period),
        inputs={f"{row.version_id}/{row.target_key}": row.inputs_sha256 for row in assessed},
    )
    satisfaction = _satisfaction(session, agreement, period, at)
    actions.measure_effects(session, agreement, assessed, satisfaction, at)
    experience.report(session, agreement, period, assessed, satisfaction, at)
    in_force = version_in_force(agreement)
    if in_force is not None:
        open_period(session, agreement, in_force, period.ends_at)


def _satisfaction(
    session: Session, agreement: Agreement, period: ServicePeriod, at: datetime
) -> dict[str, Any] | None:
    survey = surveys.survey_of(session, agreement, Stage.MONITORING, period.id)
    if survey is None:
        return None
    if survey.state == SurveyState.OPEN:
        survey_outcomes.close(session, survey, at)
    return survey_outcomes.survey_figures(survey)


def _assessment(
    session: Session,
    agreement: Agreement,
    period: ServicePeriod,
    version: AgreementVersion,
    row: TargetFigures,
    start: datetime,
    end: datetime,
    at: datetime,
) -> Assessment:
    return Assessment(
        agreement_id=agreement.id,
        period_id=period.id,
        version_id=version.id,
        target_key=row.target.key,
        target=frozen_target(session, agreement, row, start, end, at),
        starts_at=start,
        ends_at=end,
        confidence=policy().verdicts.confidence,
        **figures_frozen(row, at),
    )


def figures_frozen(figures: TargetFigures, at: datetime) -> dict[str, Any]:
    """Return what an assessment keeps of a target's figures as of `at`, by column."""
    return {
        "as_of": at,
        "known": figures.known,
        "hits": figures.hits,
        "undecided": figures.undecided,
        "lower": figures.lower,
        "upper": figures.upper,
        "value": figures.value,
        "unit": figures.unit,
        "verdict": figures.verdict.value,
        "inputs_sha256": figures.inputs_sha256,
        "software_version": installed_version("slmcycle"),
    }
