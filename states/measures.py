"""Measuring a version's targets on the evidence: which tickets, which calendar, which figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlmodel import Session

from evidence.measuring import Measurement, measure
from evidence.store import TicketHistories, read_histories
from levels.calendars import Calendar, CalendarSpanError
from levels.counter_offers import CounterOffer, counter_offer
from levels.verdicts import Verdict, bounds, verdict
from levels.working_hours import WorkingHours
from models.agreements import Agreement
from models.sealing import canonical_json
from models.versions import AgreementVersion, ServiceLevelTarget


@dataclass(frozen=True)
class TargetFigures:
    """A target measured over a window.

    Attributes:
        lower, upper: one-sided exact bounds of the true share at `confidence`.
    """

    target: ServiceLevelTarget
    measurement: Measurement
    lower: float
    upper: float
    verdict: Verdict

    @property
    def known(self) -> int:
        """Tickets whose outcome is known."""
        return self.measurement.tally.known

    @property
    def hits(self) -> int:
        """Tickets that kept the threshold."""
        return self.measurement.tally.hits

    @property
    def undecided(self) -> int:
        """Tickets that are still open below the threshold."""
        return self.measurement.tally.undecided

    def counter_offer(self, confidence: float, floor: float) -> CounterOffer | None:
        """Return what the evidence supports in place of this target, None where it supports nothing."""
        return counter_offer(
            self.measurement.consumed,
            ~self.measurement.stopped,
            self.target.threshold_s,
            self.target.objective,
            confidence=confidence,
            floor=floor,
        )


def measure_targets(
    session: Session,
    agreement: Agreement,
    targets: Sequence[ServiceLevelTarget],
    start: datetime,
    end: datetime,
    as_of: datetime,
    confidence: float,
) -> list[TargetFigures]:
    """Measure targets of one version on the tickets opened in [start, end), as known at `as_of`."""
    histories = read_histories(
        session, agreement.evidence_source, agreement.customer.name_in_evidence, start, end, as_of
    )
    return [_figures(histories, target, start, as_of, confidence) for target in targets]


def _figures(
    histories: TicketHistories,
    target: ServiceLevelTarget,
    start: datetime,
    as_of: datetime,
    confidence: float,
) -> TargetFigures:
    measurement = measure(
        histories,
        calendar_of(target.version, target.calendar, start, as_of),
        indicator=target.indicator.value,
        population=target.population,
        threshold_s=target.threshold_s,
        pause_states=target.pause_states,
    )
    tally = measurement.tally
    lower, upper = bounds(tally.hits, tally.known, confidence)
    return TargetFigures(
        target, measurement, lower, upper, verdict(tally.hits, tally.known, target.objective, confidence)
    )


def calendar_of(version: AgreementVersion, name: str, start: datetime, end: datetime) -> Calendar:
    """Return a version's calendar, compiled for whole years around [start, end]."""
    hours = next(calendar.hours for calendar in version.calendars if calendar.name == name)
    return _compiled(canonical_json(hours), start.year - 1, end.year + 1)


@lru_cache(maxsize=256)
def _compiled(hours: str, first_year: int, last_year: int) -> Calendar:
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    return Calendar.compile(WorkingHours.model_validate_json(hours), first, last)


def close_of_intake(version: AgreementVersion, end: datetime, longest_wait_days: int) -> datetime:
    """Return when every unpaused ticket opened before `end` is a known hit or miss.

    One threshold of calendar time after the end, the longest of the version's targets, and at most
    `longest_wait_days` days.
    """
    latest = end + timedelta(days=longest_wait_days)
    try:
        dues = [
            calendar_of(version, target.calendar, end, latest).due(end, target.threshold_s)
            for target in version.targets
        ]
    except CalendarSpanError:
        return latest  # the threshold ends in a year for which the calendar was not even compiled
    return min(max([end, *dues]), latest)


def settled_until(version: AgreementVersion, at: datetime, longest_wait_days: int) -> datetime:
    """Return the latest end of an intake whose wait for open tickets is over at `at`.

    Of tickets opened later only the quick ones are known at `at`, which would flatter the figures.
    """
    earliest = at - timedelta(days=longest_wait_days)
    try:
        starts = [
            calendar_of(version, target.calendar, earliest, at).due(at, -target.threshold_s)
            for target in version.targets
        ]
    except CalendarSpanError:
        return earliest
    return max(min([at, *starts]), earliest)
