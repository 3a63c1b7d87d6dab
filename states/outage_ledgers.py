"""The ledger of an outage under an availability target: when the service was down, and what is left out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from sqlmodel import Session

from evidence.accounts import Counting, exclusion_in_words, holding
from evidence.exclusions import ExcludedTime
from evidence.histories import Ints, TicketHistories
from evidence.ledgers import LedgerLine, joined
from evidence.outages import Outage, read_outages
from levels.calendars import Calendar
from models.agreements import Agreement
from models.versions import ServiceLevelTarget
from states.availability import excluded_of


def outage_ledger(
    session: Session,
    agreement: Agreement,
    target: ServiceLevelTarget,
    alone: TicketHistories,
    calendar: Calendar,
    exclusions: Sequence[ExcludedTime],
    at: datetime,
) -> list[LedgerLine]:
    """Account for one outage as known at `at`; the seconds down are what it takes from the availability.

    A second in which another outage stood as well is down in the ledger of each, and counts once.

    Args:
        session: on the database.
        agreement: whose evidence is read.
        target: of availability.
        alone: the one ticket's history.
        calendar: the target's, compiled around the outage.
        exclusions: of the agreement, as known at `at`.
        at: the instant whose knowledge is asked for.

    Returns:
        Lines in the order of time, without a gap, from its opening to its end or to `at`; none if the ticket
        is no outage of the target's services, or stands cancelled.

    Raises:
        BadInputError: the population names an attribute that tickets do not have.
    """
    outage = _outage(session, agreement, target, alone, at)
    if outage is None:
        return []
    excluded = excluded_of(outage, exclusions)
    stood, taken = _table(outage.stretches), _table([(row.start, row.end) for row in excluded])
    first, last = int(stood[0, 0]), int(stood[-1, 1])
    hours = calendar.windows(_instant(first), _instant(last))

    def told(second: int) -> tuple[Counting, str]:
        if not holding(stood, second):
            return Counting.NOT_MEASURED, "it was over, and reopened later"
        if not holding(hours, second):
            return Counting.OUTSIDE, "no service hours"
        for number in holding(taken, second):
            return Counting.EXCLUDED, exclusion_in_words(excluded[number])
        return Counting.DOWN, "it stood within service hours"

    edges = np.unique(
        np.concatenate([table.ravel() for table in (stood, hours, taken, alone.interval_start)])
    )
    within = edges[(edges >= first) & (edges <= last)].tolist()
    return joined(
        [
            LedgerLine(since, until, counting, _state(alone, since), why)
            for since, until in pairwise(within)
            for counting, why in [told(since)]
        ]
    )


def _outage(
    session: Session, agreement: Agreement, target: ServiceLevelTarget, alone: TicketHistories, at: datetime
) -> Outage | None:
    opened = _instant(int(alone.opened_at[0]))
    customer = agreement.customer.name_in_evidence
    found = read_outages(session, agreement.evidence_source, customer, target.population, opened, at, at)
    return next((row for row in found if row.external_id == alone.external_ids[0]), None)


def _state(alone: TicketHistories, second: int) -> str:
    place = int(np.searchsorted(alone.interval_start, second, side="right")) - 1
    return str(alone.interval_state[max(place, 0)])


def _table(stretches: Sequence[tuple[int, int]]) -> Ints:
    return np.array(stretches, dtype=np.int64).reshape(-1, 2)


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
