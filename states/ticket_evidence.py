"""What targets on tickets are measured on: histories and exclusions, read for one agreement or for many."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from sqlmodel import Session

from evidence.exclusions import ExcludedTime, exclusions_together
from evidence.questions import STOPWATCHES, Question
from evidence.store import read_together
from evidence.ticket_counts import tickets_by_customer
from evidence.together import HistoriesTogether
from models.agreements import Agreement
from models.versions import ServiceLevelTarget

TICKETS_AT_A_TIME = 20_000
"""How many tickets are read together, unless a single customer has more."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """What targets of one version want of the evidence.

    Attributes:
        agreement: whose targets they are.
        targets: those that are measured by stopwatches, at least one.
        start, end: when the tickets were opened, the end exclusive.
    """

    agreement: Agreement
    targets: Sequence[ServiceLevelTarget]
    start: datetime
    end: datetime

    @property
    def source(self) -> str:
        """The feed that the tickets come from."""
        return self.agreement.evidence_source

    @cached_property
    def customer(self) -> str:
        """The customer as the feed names it."""
        return self.agreement.customer.name_in_evidence

    @cached_property
    def questions(self) -> Sequence[Question]:
        """What each of the targets asks."""
        return [question_of(target) for target in self.targets]

    @cached_property
    def details(self) -> frozenset[str]:
        """The columns of intervals that are wanted beside their states."""
        return frozenset().union(*(question.details for question in self.questions))


@dataclass(frozen=True, eq=False)
class TicketEvidence:
    """What was read for some agreements and one window, as known at one instant.

    Attributes:
        wanted: what it was read for, under the numbers that were given.
        together: the tickets of all their customers.
        exclusions: what the customers agreed not to count, by the same numbers.
    """

    wanted: Mapping[int, Wanted]
    together: HistoriesTogether
    exclusions: Mapping[int, Sequence[ExcludedTime]]


def question_of(target: ServiceLevelTarget) -> Question:
    """Return what a target asks of the stopwatches of tickets; equal terms give the same question."""
    return _question(
        target.indicator.value,
        tuple(target.population.items()),
        target.threshold_s,
        tuple(target.pause_states),
        target.reopening.value,
        target.priority_change.value,
        target.line,
        tuple(target.from_states),
        tuple(target.to_states),
        tuple(target.weekdays),
        _zone_of(target) if target.weekdays else "UTC",
    )


@lru_cache(maxsize=4096)
def _question(indicator: str, population: tuple[tuple[str, str], ...], *terms: Any) -> Question:
    return Question(indicator, dict(population), *terms)


def _zone_of(target: ServiceLevelTarget) -> str:
    hours = next(row.hours for row in target.version.calendars if row.name == target.calendar)
    return str(hours["zone"])


def wanted_by(
    agreement: Agreement, targets: Sequence[ServiceLevelTarget], start: datetime, end: datetime
) -> Wanted | None:
    """Return what targets want that are measured by stopwatches; None where none of them is."""
    timed = [target for target in targets if target.indicator in STOPWATCHES]
    return Wanted(agreement, timed, start, end) if timed else None


def read_evidence(
    session: Session, wanted: Mapping[int, Wanted], as_of: datetime
) -> Iterator[TicketEvidence]:
    """Read what is wanted, as known at `as_of`, and give it in some readings, in an order of their own.

    One pair of statements reads all that has source, window and details in common, up to
    `TICKETS_AT_A_TIME`. Each reading is made when it is come to, and may be forgotten when the next begins.
    """
    alike: dict[tuple[object, ...], dict[int, Wanted]] = defaultdict(dict)
    for number, each in wanted.items():
        alike[each.source, each.start, each.end, each.details][number] = each
    for some in alike.values():
        for piece in _pieces(session, some):
            yield _read(session, piece, as_of)


def _pieces(session: Session, alike: dict[int, Wanted]) -> Iterator[dict[int, Wanted]]:
    one = next(iter(alike.values()))
    tickets: Mapping[str, int] = {}
    if len(alike) > 1:
        customers = {each.customer for each in alike.values()}
        tickets = tickets_by_customer(session, one.source, one.start, one.end, customers)
    piece: dict[int, Wanted] = {}
    together = 0
    for number, each in alike.items():
        more = tickets.get(each.customer, 0)
        if piece and together + more > TICKETS_AT_A_TIME:
            yield piece
            piece, together = {}, 0
        piece[number] = each
        together += more
    yield piece


def _read(session: Session, alike: Mapping[int, Wanted], as_of: datetime) -> TicketEvidence:
    one, *_ = alike.values()
    customers = [each.customer for each in alike.values()]
    together = read_together(session, one.source, customers, one.start, one.end, as_of, one.details)
    agreements = {number: each.agreement.id for number, each in alike.items()}
    excluded = exclusions_together(session, set(agreements.values()), one.start, as_of)
    return TicketEvidence(alike, together, {number: excluded[each] for number, each in agreements.items()})
