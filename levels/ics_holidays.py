"""Holidays from an iCalendar file: whole-day events close their dates, timed events their hours."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from levels.ics import Event, read_events
from levels.ics_times import EventTimes
from levels.windows import DAY_SECONDS, Window, window_text

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class IcsHolidays:
    """What the events of a file close, within a span of dates.

    Attributes:
        holidays: dates closed as a whole, with the events' names.
        hours: closed hours as (date, (from, to) in seconds after its midnight), by the events' names.
    """

    holidays: dict[date, str]
    hours: dict[str, list[tuple[date, Window]]]

    def as_hours(self) -> dict[str, Any]:
        """The fields ``holidays`` and ``breaks`` of working hours, as plain data for YAML or JSON."""
        breaks = {}
        for name, closed in sorted(self.hours.items()):
            by_windows: dict[str, set[str]] = defaultdict(set)
            for day, window in closed:
                by_windows[window_text(*window)].add(str(day))
            for number, (text, days) in enumerate(sorted(by_windows.items()), start=1):
                key = name if number == 1 else f"{name} ({number})"
                breaks[key] = {"windows": [text], "days": sorted(days)}
        return {"holidays": [str(day) for day in sorted(self.holidays)], "breaks": breaks}


def holidays_from_ics(text: str, zone: str, first: date, last: date) -> IcsHolidays:
    """Read the holidays in an iCalendar file, with every recurrence between two dates.

    The end of an event does not belong to it, so a whole-day event from the 24th to the 26th closes two
    dates. Cancelled events close nothing. What a file says of itself as busy or free is not asked: feeds of
    holidays say either.

    Args:
        text: the file.
        zone: IANA zone of the working hours, in which times without a zone are meant.
        first: first date of interest.
        last: last date, included.

    Raises:
        IcsError: it is no iCalendar file, or a line cannot be understood; the message names the line.
        ZoneInfoNotFoundError: there is no such zone.
    """
    local = ZoneInfo(zone)
    found = IcsHolidays({}, defaultdict(list))
    events = read_events(text)
    replaced = _replaced(events, local)
    for event in events:
        status, summary, uid = event.first("STATUS"), event.first("SUMMARY"), event.first("UID")
        if status is not None and status.value.upper() == "CANCELLED":
            continue
        name = summary.text() if summary is not None and summary.text() else "closed"
        times = EventTimes.of(event, local)
        until = datetime.combine(last + 2 * _A_DAY, time())
        skipped = replaced[uid.value] if uid is not None and event.first("RECURRENCE-ID") is None else set()
        for start in times.starts(event, until, skipped):
            for day, window in _days(start, times, local, first, last):
                if times.whole_days:
                    found.holidays.setdefault(day, name)
                else:
                    found.hours[name].append((day, window))
    return found


def _replaced(events: list[Event], zone: tzinfo) -> dict[str, set[datetime]]:
    """By event, the occurrences that an event of their own replaces or cancels."""
    replaced: dict[str, set[datetime]] = defaultdict(set)
    for event in events:
        uid = event.first("UID")
        if uid is not None and event.first("RECURRENCE-ID") is not None:
            replaced[uid.value] |= EventTimes.of(event, zone).listed(event, "RECURRENCE-ID")
    return replaced


def _days(
    start: datetime, times: EventTimes, zone: tzinfo, first: date, last: date
) -> Iterator[tuple[date, Window]]:
    """The dates of a span that an occurrence touches, on the working hours' clock, and its hours on each."""
    end = start + times.length
    if not times.whole_days:
        start, end = (
            edge.replace(tzinfo=times.zone).astimezone(zone).replace(tzinfo=None) for edge in (start, end)
        )
    day = max(start.date(), first)
    while start < end and day <= last and (midnight := datetime.combine(day, time())) < end:
        opening = max(int((start - midnight).total_seconds()), 0)
        yield day, (opening, min(int((end - midnight).total_seconds()), DAY_SECONDS))
        day += _A_DAY
