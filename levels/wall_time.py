"""Wall-clock time: the windows of a span of dates, and the instants of their edges."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import numpy as np

from levels.edges import Edges, cut, united, without
from levels.hours_of_period import HoursOfPeriod
from levels.moments import IntArray
from levels.windows import DAY_SECONDS, Window
from levels.working_hours import WorkingHours

_EPOCH_DAY = date(1970, 1, 1).toordinal()


def midnight(day: date) -> int:
    """The start of a date in wall seconds: seconds of local wall-clock time since 1970-01-01 00:00 local."""
    return (day.toordinal() - _EPOCH_DAY) * DAY_SECONDS


def wall_windows(hours: HoursOfPeriod, first: date, last: date) -> Edges:
    """The windows that open on a span of dates, less their breaks, in wall seconds.

    Args:
        hours: the specification.
        first: first date of the span.
        last: last date; a window that opens on it may run on past its midnight.

    Returns:
        Openings and closings, sorted, disjoint and not touching.
    """
    special = hours.special_dates(first, last)
    days = np.arange(midnight(first), midnight(last) + 1, DAY_SECONDS, dtype=np.int64)
    regular = days[~np.isin(days, [midnight(day) for day in special])]
    usual = united(*_weekly(hours, regular), _dated((day, hours.usual_on(day)) for day in special))
    if hours.breaks:
        usual = without(usual, _breaks(hours, first, last))
    return united(usual, _dated((day, hours.extra_on(day)) for day in special))


def working_edges(hours: WorkingHours, first: date, last: date) -> Edges:
    """The working windows of a span of dates, in epoch seconds.

    What the evening before left open past midnight counts too; what runs on past the last midnight is cut.
    """
    parts = []
    for period, begin, finish in hours.periods(first - timedelta(days=1), last):
        opens, closes = wall_windows(period, begin, finish)
        parts.append((instants(opens, ZoneInfo(period.zone)), instants(closes, ZoneInfo(period.zone))))
    return cut(united(*parts), *span_of(hours, first, last))


def span_of(hours: WorkingHours, first: date, last: date) -> tuple[int, int]:
    """The first instant of a date, and the first after another, each in the zone that holds on it."""
    start = instant(midnight(first), ZoneInfo(hours.on(first).zone))
    return start, instant(midnight(last) + DAY_SECONDS, ZoneInfo(hours.on(last).zone))


def opens_on(hours: HoursOfPeriod, day: date) -> bool:
    """Whether a date is a working day: whether any working time opens on it."""
    if hours.breaks:
        return bool(wall_windows(hours, day, day)[0].size)
    return bool(hours.usual_on(day) or hours.extra_on(day))


def _weekly(hours: HoursOfPeriod, days: IntArray) -> list[Edges]:
    """The weekly windows of the days that start at the given wall seconds."""
    weekdays = (days // DAY_SECONDS + 3) % 7  # 1970-01-01 was a Thursday
    return [
        (days[weekdays == weekday] + opening, days[weekdays == weekday] + closing)
        for weekday, windows in enumerate(hours.week())
        for opening, closing in windows
    ]


def _dated(windows: Iterable[tuple[date, list[Window]]]) -> Edges:
    edges = [midnight(day) + edge for day, on_day in windows for window in on_day for edge in window]
    return np.array(edges[::2], np.int64), np.array(edges[1::2], np.int64)


def _breaks(hours: HoursOfPeriod, first: date, last: date) -> Edges:
    """The breaks that can touch windows opening from ``first`` to ``last``: a day more on either side."""
    days = (first + timedelta(days=number) for number in range(-1, (last - first).days + 2))
    return united(_dated((day, hours.breaks_on(day)) for day in days))


def instants(wall: IntArray, zone: tzinfo) -> IntArray:
    """Convert an array of wall seconds to instants in epoch seconds, each as `instant` does."""
    return np.array([instant(seconds, zone) for seconds in wall.tolist()], dtype=np.int64)


def instant(wall: int, zone: tzinfo) -> int:
    """Convert wall seconds to an instant in epoch seconds.

    A wall-clock time that occurs twice is its first occurrence (as in RFC 5545, section 3.3.5). One that
    the clock skips is moved forward to the first instant after the gap, so a window inside the gap is empty
    and no later edge is ever overtaken.
    """
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=wall)).replace(tzinfo=zone)
    offset, later_offset = _offset(local), _offset(local.replace(fold=1))
    if later_offset <= offset:
        return wall - offset
    # PEP 495: inside a gap, and only there, fold=1 has the larger offset; the transition lies in between.
    before, after = wall - later_offset, wall - offset
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(datetime.fromtimestamp(middle, UTC).astimezone(zone)) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(local: datetime) -> int:
    offset = local.utcoffset()
    assert offset is not None, "a zoned datetime has an offset"
    return int(offset.total_seconds())
