"""What arrives on a calendar day: the past weeks counted over the part that the evidence covers."""

from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from config.policy import policy
from evidence.histories import Ints
from evidence.questions import STOPWATCHES
from evidence.stored_rows import opened
from levels.demand import local_dates, weekday_of
from levels.windows import WEEKDAYS
from models.agreements import Agreement
from models.evidence import Ticket
from models.measured_values import MeasuredValue
from models.versions import ServiceLevelTarget
from states.measured_values import value_figures
from states.ticket_evidence import question_of
from states.trial_figures import TrialFigures

LEAST_COVERED = timedelta(weeks=1)
"""A shorter beginning is taken for a week: one busy day is not every day."""


def arrivals_per_day(
    session: Session,
    agreement: Agreement,
    baseline: TrialFigures,
    since: datetime,
    settled: datetime,
    at: datetime,
) -> float:
    """Return what arrives of a target on a calendar day, from what was known at `at`.

    What began in [since, at) is divided by the days from where the evidence begins, at least a week. It
    begins with the first ticket of the agreement's source and customer, or with the first value of the
    target's measure, and not before `since`; answers to surveys count over the whole of the window. Of
    tickets, those of the population and weekdays count, less the share that the baseline did not count or
    folded.

    Args:
        session: of the database.
        agreement: whose evidence it is.
        baseline: the target measured on [since, settled).
        since: where the window begins.
        settled: until when the baseline was measured.
        at: where the window ends.
    """
    target = baseline.target
    covered = max(at - max(_begins(session, agreement, target, at) or since, since), LEAST_COVERED)
    days = covered / timedelta(days=1)
    if baseline.observations is None:
        confidence = policy().verdicts.confidence
        return value_figures(session, agreement, target, since, at, at, confidence).known / days
    arrived = _opened(session, agreement, target, since, at)
    before = int(np.count_nonzero(arrived < int(settled.timestamp())))
    counting = len(baseline.observations.tickets) / before if before else 1.0
    return len(arrived) * counting / days


def _begins(
    session: Session, agreement: Agreement, target: ServiceLevelTarget, at: datetime
) -> datetime | None:
    """The first known fact of what the target is measured on, None where there is none."""
    source, customer = agreement.evidence_source, agreement.customer.name_in_evidence
    if target.indicator in STOPWATCHES:
        known = opened(source, customer, datetime.min.replace(tzinfo=UTC), at, at)
        return session.scalar(select(func.min(Ticket.opened_at)).where(known))
    return session.scalar(
        select(func.min(MeasuredValue.starts_at)).where(
            col(MeasuredValue.source) == source,
            col(MeasuredValue.customer).in_({customer, ""}),
            col(MeasuredValue.name) == target.measure,
            col(MeasuredValue.known_at) <= at,
        )
    )


def _opened(
    session: Session, agreement: Agreement, target: ServiceLevelTarget, since: datetime, at: datetime
) -> Ints:
    """When the tickets of the population were opened, on the target's weekdays; epoch seconds.

    Tickets that were cancelled later count here: they were work that came in.
    """
    alike = [col(getattr(Ticket, name)) == value for name, value in target.population.items()]
    asked_for = opened(agreement.evidence_source, agreement.customer.name_in_evidence, since, at, at)
    instants = session.scalars(select(col(Ticket.opened_at)).where(asked_for, *alike))
    found = np.fromiter((int(instant.timestamp()) for instant in instants), dtype=np.int64)
    if not target.weekdays:
        return found
    wanted = [WEEKDAYS.index(day) for day in target.weekdays]
    return found[np.isin(weekday_of(local_dates(found, question_of(target).zone)), wanted)]
