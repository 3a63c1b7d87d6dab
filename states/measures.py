"""Measuring a version's targets on the evidence: which tickets, which calendar, which figures."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from evidence.exclusions import read_exclusions
from evidence.measuring import measure
from evidence.questions import STOPWATCHES, Question
from evidence.store import read_histories
from models.agreements import Agreement
from models.versions import ServiceLevelTarget
from states.calendars import calendar_of
from states.figures import TargetFigures, figures_of_tickets
from states.measured_values import value_figures


def measure_targets(
    session: Session,
    agreement: Agreement,
    targets: Sequence[ServiceLevelTarget],
    start: datetime,
    end: datetime,
    as_of: datetime,
    confidence: float,
) -> list[TargetFigures]:
    """Measure targets of one version on what happened in [start, end), as known at `as_of`.

    Of tickets, those opened in the window are measured.
    """
    timed = [target for target in targets if target.indicator in STOPWATCHES]
    of_tickets = iter(_of_tickets(session, agreement, timed, start, end, as_of, confidence))
    return [
        next(of_tickets)
        if target.indicator in STOPWATCHES
        else value_figures(session, agreement, target, start, end, as_of, confidence)
        for target in targets
    ]


def question_of(target: ServiceLevelTarget) -> Question:
    """Return what a target asks of the stopwatches of tickets."""
    return Question(
        target.indicator.value,
        target.population,
        target.threshold_s,
        target.pause_states,
        target.reopening.value,
        target.priority_change.value,
        target.line,
        target.from_states,
        target.to_states,
        target.weekdays,
        _zone_of(target) if target.weekdays else "UTC",
    )


def _zone_of(target: ServiceLevelTarget) -> str:
    hours = next(row.hours for row in target.version.calendars if row.name == target.calendar)
    return str(hours["zone"])


def _of_tickets(
    session: Session,
    agreement: Agreement,
    targets: Sequence[ServiceLevelTarget],
    start: datetime,
    end: datetime,
    as_of: datetime,
    confidence: float,
) -> list[TargetFigures]:
    """Measure each ticket's stopwatch, less the exclusions that were approved by `as_of`."""
    if not targets:
        return []
    questions = [question_of(target) for target in targets]
    histories = read_histories(
        session,
        agreement.evidence_source,
        agreement.customer.name_in_evidence,
        start,
        end,
        as_of,
        details=frozenset().union(*(question.details for question in questions)),
    )
    exclusions = read_exclusions(session, agreement.id, start, as_of)
    figures = []
    for target, question in zip(targets, questions, strict=True):
        calendar = calendar_of(target.version, target.calendar, start, as_of)
        measurement = measure(histories, calendar, question, exclusions)
        figures.append(figures_of_tickets(target, measurement, confidence))
    return figures
