"""Measuring versions' targets on the evidence: which tickets, which calendar, which figures."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlmodel import Session

from evidence.measuring import Measurement, measure, measure_each
from evidence.questions import STOPWATCHES
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

    Evidence that is alike is read together, and what is asked under equal terms is measured together.

    Returns:
        Under each number, in an order of its own, the figures of the targets as they are wanted.
    """
    for evidence in read_evidence(session, wanted, as_of):
        measured = _measured(evidence, as_of)
        for number, each in evidence.wanted.items():
            yield (
                number,
                [
                    figures_of_tickets(target, measured[number, place], confidence)
                    for place, target in enumerate(each.targets)
                ],
            )


def _measured(evidence: TicketEvidence, as_of: datetime) -> dict[_Asked, Measurement]:
    """Every measurement: equal terms in the same steps, but an agreement with exclusions by itself."""
    measured: dict[_Asked, Measurement] = {}
    alike: dict[tuple[str, Calendar], list[_Asked]] = defaultdict(list)
    for number, each in evidence.wanted.items():
        calendars = _calendars(each, as_of)
        for place, (target, question) in enumerate(zip(each.targets, each.questions, strict=True)):
            calendar = calendars[target.calendar]
            if exclusions := evidence.exclusions[number]:
                histories = evidence.together.of(each.customer)
                measured[number, place] = measure(histories, calendar, question, exclusions)
            else:
                alike[question.text, calendar].append((number, place))
    for (_, calendar), asked in alike.items():
        customers = [evidence.wanted[number].customer for number, _ in asked]
        number, place = asked[0]
        question = evidence.wanted[number].questions[place]
        some = evidence.together.only(customers)
        found = measure_each(some.whole, [some.places[name] for name in customers], calendar, question)
        measured |= zip(asked, found, strict=True)
    return measured


def _calendars(wanted: Wanted, as_of: datetime) -> dict[str, Calendar]:
    """Those that the targets name, by name."""
    version = wanted.targets[0].version
    names = {target.calendar for target in wanted.targets}
    return {name: calendar_of(version, name, wanted.start, as_of) for name in names}
