"""Measuring versions' targets on the evidence: which tickets, which calendar, which figures."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlmodel import Session

from evidence.measuring import Measurement, measured
from evidence.questions import STOPWATCHES
from evidence.ticket_stopwatches import TicketStopwatches
from levels.calendars import Calendar
from models.agreements import Agreement
from models.versions import ServiceLevelTarget
from states.calendars import calendar_of
from states.figures import TargetFigures, figures_of_tickets
from states.measured_values import value_figures
from states.ticket_evidence import TicketEvidence, Wanted, read_evidence, wanted_by

_Asked: TypeAlias = tuple[int, int]
"""The number of what is wanted, and the place of a target in it."""


def measure_targets(
    session: Session,
    agreement: Agreement,
    targets: Sequence[ServiceLevelTarget],
    start: datetime,
    end: datetime,
    as_of: datetime,
    confidence: float,
    of_tickets: Sequence[TargetFigures] | None = None,
) -> list[TargetFigures]:
    """Measure targets of one version on what happened in [start, end), as known at `as_of`.

    Of tickets, those opened in the window are measured. `of_tickets` is what `measure_together` gave of these
    targets, of the same window and as of the same instant; None: it is measured here.
    """
    if of_tickets is None:
        wanted = wanted_by(agreement, targets, start, end)
        alone = {0: wanted} if wanted else {}
        of_tickets = dict(measure_together(session, alone, as_of, confidence)).get(0, [])
    told = iter(of_tickets)
    return [
        next(told)
        if target.indicator in STOPWATCHES
        else value_figures(session, agreement, target, start, end, as_of, confidence)
        for target in targets
    ]


def measure_together(
    session: Session, wanted: Mapping[int, Wanted], as_of: datetime, confidence: float
) -> Iterator[tuple[int, list[TargetFigures]]]:
    """Measure the stopwatches of many versions' targets, as known at `as_of`, less approved exclusions.

    Evidence that is alike is read together, and one clock runs once for all that it measures.

    Returns:
        Under each number, in an order of its own, the figures of the targets as they are wanted.
    """
    for evidence in read_evidence(session, wanted, as_of):
        found = _measured(evidence, as_of)
        for number, each in evidence.wanted.items():
            yield (
                number,
                [
                    figures_of_tickets(target, found[number, place], confidence)
                    for place, target in enumerate(each.targets)
                ],
            )


def _measured(evidence: TicketEvidence, as_of: datetime) -> dict[_Asked, Measurement]:
    """Every measurement: what one clock measures runs once for all without exclusions."""
    alike: dict[tuple[str, Calendar, int | None], list[_Asked]] = defaultdict(list)
    for number, each in evidence.wanted.items():
        own = number if evidence.exclusions[number] else None
        calendars = _calendars(each, as_of)
        for place, (target, question) in enumerate(zip(each.targets, each.questions, strict=True)):
            alike[question.clock, calendars[target.calendar], own].append((number, place))
    found: dict[_Asked, Measurement] = {}
    for (_, calendar, own), asked in alike.items():
        some = evidence.together.only({evidence.wanted[number].customer for number, _ in asked})
        exclusions = () if own is None else evidence.exclusions[own]
        any_of_them = evidence.wanted[asked[0][0]].questions[asked[0][1]]
        stopwatches = TicketStopwatches.run(some.whole, calendar, any_of_them, exclusions)
        for number, place in asked:
            each = evidence.wanted[number]
            found[number, place] = measured(stopwatches, each.questions[place], some.places[each.customer])
    return found


def _calendars(wanted: Wanted, as_of: datetime) -> dict[str, Calendar]:
    """Those that the targets name, by name."""
    version = wanted.targets[0].version
    names = {target.calendar for target in wanted.targets}
    return {name: calendar_of(version, name, wanted.start, as_of) for name in names}
