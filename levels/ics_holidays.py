"""Holidays from an iCalendar file: whole-day events close their dates, timed events their hours."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import chain, count
from typing import Any
from zoneinfo import ZoneInfo

from levels.ics import Event, read_events
from levels.ics_recurrences import Allowance
from levels.ics_times import EventTimes, Named, Occurrence
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
            keys = (key for number in count(2) if (key := f"{name} ({number})") not in self.hours)
            for key, (text, days) in zip(chain([name], keys), sorted(by_windows.items()), strict=False):
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
    replaced, allowance = _replaced(events, local), Allowance()
    since, until = (datetime.combine(day, time()) for day in (first - 2 * _A_DAY, last + 2 * _A_DAY))
    for event in events:
        status, summary, uid = event.first("STATUS"), event.first("SUMMARY"), event.first("UID")
        if status is not None and status.value.upper() == "CANCELLED":
            continue
        name = summary.text() if summary is not None and summary.text() else "closed"
        times = EventTimes.of(event, local)
        skipped = replaced[uid.value] if uid is not None and event.first("RECURRENCE-ID") is None else set()
        for occurrence in times.occurrences(event, since, until, skipped, allowance):
            edges = _whole_edges(occurrence) if times.whole_days else _edges(occurrence, local, first, last)
            for day, window in _days(*edges, first, last):
                allowance.take(event.line)
                if times.whole_days:
                    found.holidays.setdefault(day, name)
                else:
                    found.hours[name].append((day, window))
    return found


def _replaced(events: list[Event], zone: tzinfo) -> dict[str, set[Named]]:
    """By event, the occurrences that an event of their own replaces or cancels."""
    replaced: dict[str, set[Named]] = defaultdict(set)
    for event in events:
        uid = event.first("UID")
        if uid is not None and event.first("RECURRENCE-ID") is not None:
            replaced[uid.value] |= EventTimes.of(event, zone).named(event, "RECURRENCE-ID")
    return replaced


def _whole_edges(occurrence: Occurrence) -> tuple[datetime, datetime]:
    """The midnights between which whole days lie; dates are the same on every clock."""
    start, end = occurrence.start, occurrence.length.wall_end(occurrence.start)
    return start.replace(tzinfo=None), end.replace(tzinfo=None)


def _edges(occurrence: Occurrence, zone: tzinfo, first: date, last: date) -> tuple[datetime, datetime]:
    """The start and the end on the working hours' clock, as far as they lie within a span of dates."""
    opens, closes = (datetime.combine(day, time(), zone).timestamp() for day in (first, last + _A_DAY))
    start, length = occurrence.start, occurrence.length
    edges = start.timestamp(), length.wall_end(start).timestamp() + length.seconds
    begin, end = (datetime.fromtimestamp(min(max(edge, opens), closes), zone) for edge in edges)
    return begin.replace(tzinfo=None), end.replace(tzinfo=None)


def _days(start: datetime, end: datetime, first: date, last: date) -> Iterator[tuple[date, Window]]:
    """The dates of a span between two wall-clock times, and the hours between them on each."""
    day = max(start.date(), first)
    while start < end and day <= last and (midnight := datetime.combine(day, time())) < end:
        opening = max(int((start - midnight).total_seconds()), 0)
        yield day, (opening, min(int((end - midnight).total_seconds()), DAY_SECONDS))
        day += _A_DAY
