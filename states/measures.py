"""Measuring a version's targets on the evidence: which tickets, which calendar, which figures."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlmodel import Session

from evidence.measuring import measure
from evidence.questions import STOPWATCHES
from models.agreements import Agreement
from models.versions import ServiceLevelTarget
from states.calendars import calendar_of
from states.figures import TargetFigures, figures_of_tickets
from states.measured_values import value_figures
from states.ticket_evidence import TicketEvidence, question_of, read_evidence, wanted_by


def measure_targets(
    session: Session,
    agreement: Agreement,
    targets: Sequence[ServiceLevelTarget],
    start: datetime,
    end: datetime,
    as_of: datetime,
    confidence: float,
    evidence: TicketEvidence | None = None,
) -> list[TargetFigures]:
    """Measure targets of one version on what happened in [start, end), as known at `as_of`.

    Of tickets, those opened in the window are measured. `evidence` is what was read of them already, of the
    same window and as of the same instant; None: it is read here.
    """
    if evidence is None:
        wanted = wanted_by(agreement, targets, start, end)
        evidence = next(read_evidence(session, {0: wanted}, as_of))[1] if wanted else None
    of_tickets = _of_tickets(evidence, targets, start, as_of, confidence) if evidence else iter(())
    return [
        next(of_tickets)
        if target.indicator in STOPWATCHES
        else value_figures(session, agreement, target, start, end, as_of, confidence)
        for target in targets
    ]


def _of_tickets(
    evidence: TicketEvidence,
    targets: Sequence[ServiceLevelTarget],
    start: datetime,
    as_of: datetime,
    confidence: float,
) -> Iterator[TargetFigures]:
    """Measure each ticket's stopwatch, less the exclusions that were approved by `as_of`."""
    timed = [target for target in targets if target.indicator in STOPWATCHES]
    names = {target.calendar for target in timed}
    calendars = {name: calendar_of(timed[0].version, name, start, as_of) for name in names}
    for target in timed:
        calendar = calendars[target.calendar]
        measurement = measure(evidence.histories, calendar, question_of(target), evidence.exclusions)
        yield figures_of_tickets(target, measurement, confidence)
