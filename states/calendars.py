"""A version's calendars compiled, and what follows from their thresholds: when an intake is settled."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from levels.calendars import Calendar, CalendarSpanError
from levels.working_hours import WorkingHours
from models.sealing import canonical_json
from models.versions import AgreementVersion, ServiceLevelTarget


def calendar_of(version: AgreementVersion, name: str, start: datetime, end: datetime) -> Calendar:
    """Return a version's calendar, compiled for whole years around [start, end]."""
    hours = next(calendar.hours for calendar in version.calendars if calendar.name == name)
    return _compiled(canonical_json(hours), start.year - 1, end.year + 1)


@lru_cache(maxsize=256)
def _compiled(hours: str, first_year: int, last_year: int) -> Calendar:
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    return Calendar.compile(WorkingHours.model_validate_json(hours), first, last)


def zone_of(version: AgreementVersion) -> str:
    """Return the time zone of a version's calendars: that which most targets go by, of equals the first.

    UTC where it has none.
    """
    zones = {calendar.name: str(calendar.hours.get("zone", "UTC")) for calendar in version.calendars}
    used = Counter(zones[target.calendar] for target in version.targets if target.calendar in zones)
    counted = used or Counter(zones.values())
    return min(counted, key=lambda zone: (-counted[zone], zone), default="UTC")


def close_of_intake(version: AgreementVersion, end: datetime, longest_wait_days: int) -> datetime:
    """Return when every unpaused ticket opened before `end` is a known hit or miss.

    One threshold of calendar time after the end, the longest of the version's targets, and at most
    `longest_wait_days` days. Targets that promise no time wait for nothing.
    """
    latest = end + timedelta(days=longest_wait_days)
    try:
        dues = [
            calendar_of(version, target.calendar, end, latest).due(end, target.threshold_s)
            for target in _timed(version)
        ]
    except CalendarSpanError:
        return latest  # the threshold ends in a year for which the calendar was not even compiled
    return min(max([end, *dues]), latest)


def settled_until(
    version: AgreementVersion,
    at: datetime,
    longest_wait_days: int,
    beside: Sequence[tuple[str, int]] = (),
) -> datetime:
    """Return the latest end of an intake whose wait for open tickets is over at `at`.

    Of tickets opened later only the quick ones are known at `at`, which would flatter the figures.
    Thresholds in seconds that are waited for beside the version's own come with the names of their calendars.
    """
    earliest = at - timedelta(days=longest_wait_days)
    try:
        starts = [
            calendar_of(version, calendar, earliest, at).due(at, -threshold_s)
            for calendar, threshold_s in [
                *((target.calendar, target.threshold_s) for target in _timed(version)),
                *beside,
            ]
            if threshold_s
        ]
    except CalendarSpanError:
        return earliest
    return max(min([at, *starts]), earliest)


def _timed(version: AgreementVersion) -> list[ServiceLevelTarget]:
    return [target for target in version.targets if target.threshold_s]
