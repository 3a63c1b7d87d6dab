"""What targets on tickets are measured on: histories and exclusions, read for one agreement or for many."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from evidence.exclusions import ExcludedTime, exclusions_together
from evidence.histories import TicketHistories
from evidence.questions import STOPWATCHES, Question
from evidence.store import read_together
from evidence.ticket_counts import tickets_by_customer
from models.agreements import Agreement
from models.versions import ServiceLevelTarget

TICKETS_AT_A_TIME = 20_000
"""How many tickets are read together, unless a single customer has more."""


@dataclass(frozen=True)
class Wanted:
    """What an agreement's targets want of the evidence.

    Attributes:
        details: the columns of intervals that are wanted beside their states.
        start, end: when the tickets were opened, the end exclusive.
    """

    agreement: Agreement
    details: frozenset[str]
    start: datetime
    end: datetime

    @property
    def source(self) -> str:
        """The feed that the tickets come from."""
        return self.agreement.evidence_source

    @property
    def customer(self) -> str:
        """The customer as the feed names it."""
        return self.agreement.customer.name_in_evidence


@dataclass(frozen=True, eq=False)
class TicketEvidence:
    """What was read for one agreement and one window, as known at one instant."""

    histories: TicketHistories
    exclusions: Sequence[ExcludedTime]


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


def wanted_by(
    agreement: Agreement, targets: Sequence[ServiceLevelTarget], start: datetime, end: datetime
) -> Wanted | None:
    """Return what targets want that are measured by stopwatches; None where none of them is."""
    asked = [question_of(target).details for target in targets if target.indicator in STOPWATCHES]
    return Wanted(agreement, frozenset().union(*asked), start, end) if asked else None


def read_evidence(
    session: Session, wanted: Mapping[int, Wanted], as_of: datetime
) -> Iterator[tuple[int, TicketEvidence]]:
    """Read what is wanted, as known at `as_of`, and give it under its number, in an order of its own.

    One pair of statements reads all that has source, window and details in common, up to
    `TICKETS_AT_A_TIME`. Each reading is made when it is come to, and may be forgotten when the next begins.
    """
    alike: dict[tuple[object, ...], dict[int, Wanted]] = defaultdict(dict)
    for number, each in wanted.items():
        alike[each.source, each.start, each.end, each.details][number] = each
    for some in alike.values():
        for piece in _pieces(session, some):
            yield from _read(session, piece, as_of)


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


def _read(
    session: Session, alike: Mapping[int, Wanted], as_of: datetime
) -> Iterator[tuple[int, TicketEvidence]]:
    one, *_ = alike.values()
    customers = [each.customer for each in alike.values()]
    histories = read_together(session, one.source, customers, one.start, one.end, as_of, one.details)
    agreements = [each.agreement.id for each in alike.values()]
    excluded = exclusions_together(session, agreements, one.start, as_of)
    for number, each in alike.items():
        yield number, TicketEvidence(histories[each.customer], excluded[each.agreement.id])
