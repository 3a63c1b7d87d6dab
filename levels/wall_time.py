"""From wall-clock windows to instants: union, and the hours that daylight saving skips or repeats."""

from datetime import UTC, date, datetime, timedelta, tzinfo

import numpy as np

from levels.moments import IntArray
from levels.working_hours import DAY_SECONDS, WorkingHours

_EPOCH = datetime(1970, 1, 1)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def midnight(day: date) -> int:
    """The start of a date in wall seconds: seconds of local wall-clock time since 1970-01-01 00:00 local."""
    return (day.toordinal() - _EPOCH_DAY) * DAY_SECONDS


def wall_windows(hours: WorkingHours, first: date, last: date) -> tuple[IntArray, IntArray]:
    """The united windows of a span of dates, in wall seconds.

    Args:
        hours: the specification.
        first: first date of the span; what the evening before left open past midnight counts too.
        last: last date; a window that runs on past its midnight is cut there.

    Returns:
        Openings and closings, sorted, disjoint and not touching.
    """
    days = np.arange(midnight(first) - DAY_SECONDS, midnight(last) + 1, DAY_SECONDS, dtype=np.int64)
    special = [day for day in hours.special_dates() if days[0] <= midnight(day) <= days[-1]]
    regular = days[~np.isin(days, [midnight(day) for day in special])]
    weekdays = (regular // DAY_SECONDS + 3) % 7  # 1970-01-01 was a Thursday
    opens = [np.empty(0, np.int64)]
    closes = [np.empty(0, np.int64)]
    for weekday, windows in enumerate(hours.week()):
        for opening, closing in windows:
            opens.append(regular[weekdays == weekday] + opening)
            closes.append(regular[weekdays == weekday] + closing)
    for day in special:
        for opening, closing in hours.windows_on(day):
            opens.append(np.array([midnight(day) + opening]))
            closes.append(np.array([midnight(day) + closing]))
    return _united(
        np.concatenate(opens),
        np.concatenate(closes),
        int(days[1]),
        int(days[-1]) + DAY_SECONDS,
    )


def _united(opens: IntArray, closes: IntArray, start: int, end: int) -> tuple[IntArray, IntArray]:
    opens, closes = np.clip(opens, start, end), np.clip(closes, start, end)
    kept = closes > opens
    order = np.argsort(opens[kept], kind="stable")
    opens, closes = opens[kept][order], np.maximum.accumulate(closes[kept][order])
    if not opens.size:
        return opens, closes
    apart = opens[1:] > closes[:-1]
    return opens[np.r_[True, apart]], closes[np.r_[apart, True]]


def instants(wall: IntArray, zone: tzinfo) -> IntArray:
    """Convert wall seconds to instants in epoch seconds.

    A wall-clock time that occurs twice is its first occurrence (as in RFC 5545, section 3.3.5). One that
    the clock skips is moved forward to the first instant after the gap, so a window inside the gap is empty
    and no later edge is ever overtaken.
    """
    return np.array([_instant(seconds, zone) for seconds in wall.tolist()], dtype=np.int64)


def _instant(wall: int, zone: tzinfo) -> int:
    local = (_EPOCH + timedelta(seconds=wall)).replace(tzinfo=zone)
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
