"""Every change of clocks of every zone, 1971 to 2036, against an oracle that knows nothing but offsets."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest

from levels.calendars import Calendar
from levels.windows import WEEKDAYS
from levels.working_hours import WorkingHours

DAY, WEEK = 86_400, 7 * 86_400
FIRST, LAST = (int(datetime(year, 1, 5, tzinfo=UTC).timestamp()) for year in (1971, 2037))

Change = tuple[int, int, int]
"""The first second on new clocks, and the seconds that the old and the new ones are ahead of UTC."""


def ahead(zone: ZoneInfo, at: int) -> int:
    offset = datetime.fromtimestamp(at, zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def changes(zone: ZoneInfo) -> Iterator[Change]:
    """The changes of a zone's clocks; of two within a week that undo each other, none."""
    before = ahead(zone, FIRST)
    for week in range(FIRST, LAST, WEEK):
        after = ahead(zone, week + WEEK)
        if after == before:
            continue
        old, new = week, week + WEEK
        while new - old > 1:
            middle = (old + new) // 2
            old, new = (middle, new) if ahead(zone, middle) == before else (old, middle)
        yield new, before, ahead(zone, new)
        before = after


def first_at(wall: int, clocks: list[Change], at_first: int) -> int:
    """The first instant at which the clocks show a wall time, in seconds, or a later one."""
    begins = [-LAST, *(at for at, _, _ in clocks)]
    offsets = [at_first, *(new for _, _, new in clocks)]
    ends = [*begins[1:], 2 * LAST]
    return next(
        max(begin, wall - offset)
        for begin, offset, end in zip(begins, offsets, ends, strict=True)
        if wall - offset < end
    )


def windows_near(change: Change, chance: random.Random) -> list[str]:
    """Windows whose edges lie within two hours of a change, or far from it, or across midnight."""
    at, old, _ = change
    minute = (at + old) % DAY // 60
    one, other = ((minute + chance.randint(-130, 130)) % 1440 for _ in range(2))
    near, turned = f"{clock(one)}-{clock(other)}", f"{clock(other)}-{clock(one)}"
    return [chance.choice([near, turned, "00:00-24:00", "09:00-17:00", "22:00-06:00"])]


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def expected(
    windows: list[str], day: date, clocks: list[Change], at_first: int, span: tuple[int, int]
) -> list[list[int]]:
    """The windows of a week around a day as instants, cut to a span and drawn together where they touch."""
    stretches = []
    for number in range(-3, 4):
        midnight = int(datetime.combine(day + timedelta(days=number), datetime.min.time(), UTC).timestamp())
        for window in windows:
            opens, closes = (60 * (60 * int(edge[:2]) + int(edge[3:])) for edge in window.split("-"))
            closes += DAY if closes <= opens else 0
            begin, end = (first_at(midnight + edge, clocks, at_first) for edge in (opens, closes))
            stretches.append((max(begin, span[0]), min(end, span[1])))
    joined: list[list[int]] = []
    for begin, end in sorted(stretch for stretch in stretches if stretch[0] < stretch[1]):
        if joined and begin <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([begin, end])
    return joined


@pytest.mark.campaign
def test_windows_around_every_change_of_clocks_are_exact_to_the_second():
    chance, seen, checked = random.Random(3), set[tuple[Change, ...]](), 0
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        all_changes = list(changes(zone))
        if tuple(all_changes) in seen:
            continue
        seen.add(tuple(all_changes))
        for change in all_changes:
            day = datetime.fromtimestamp(change[0], zone).date()
            near = [other for other in all_changes if abs(other[0] - change[0]) < 8 * DAY]
            windows = windows_near(change, chance)
            hours = WorkingHours.model_validate({"zone": name, "weekly": dict.fromkeys(WEEKDAYS, windows)})
            calendar = Calendar.compile(hours, day - timedelta(days=2), day + timedelta(days=2))
            want = expected(windows, day, near, near[0][1], (calendar.start, calendar.end))
            assert np.column_stack((calendar.opens, calendar.closes)).tolist() == want, (name, day, windows)
            checked += 1
    assert len(seen) > 200 and checked > 10_000, (len(seen), checked)
