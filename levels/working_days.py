"""Working days as a unit: the same time on the clock on the wall, so many working days later or earlier."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias, overload
from zoneinfo import ZoneInfo

from levels.calendars import Calendar, CalendarSpanError
from levels.moments import Moment, named, whole_seconds
from levels.wall_time import instant, midnight, opens_on

OutOfHours: TypeAlias = Literal["keep", "move"]
ClosedStart: TypeAlias = Literal["next_counts", "moves_first"]


@overload
def add_working_days(
    calendar: Calendar,
    start: datetime,
    days: int,
    out_of_hours: OutOfHours = ...,
    closed_start: ClosedStart = ...,
) -> datetime: ...
@overload
def add_working_days(
    calendar: Calendar,
    start: float,
    days: int,
    out_of_hours: OutOfHours = ...,
    closed_start: ClosedStart = ...,
) -> int: ...
def add_working_days(
    calendar: Calendar,
    start: Moment,
    days: int,
    out_of_hours: OutOfHours = "keep",
    closed_start: ClosedStart = "next_counts",
) -> datetime | int:
    """The same wall-clock time so many working days later, or earlier if ``days`` is negative.

    A working day is a date on which a window opens: part days and extra hours make one, the end of a night
    shift does not. Where the clock skips the time on the day reached, it is the first instant after the
    gap; where it shows it twice, the first.

    Args:
        calendar: the calendar; the date reached must lie in its span.
        start: where counting begins, on a working day or not, within working hours or not.
        days: how many. None (0) is the start itself, whatever the policies say.
        out_of_hours: whether a time outside that day's working hours is kept (``keep``), or moved
            (``move``) to the next opening, and when counting back to the closing before.
        closed_start: whether, from a date that is no working day, the next working day is the first that
            counts (``next_counts``), or the start moves there without counting (``moves_first``).

    Returns:
        An aware UTC datetime for a datetime, epoch seconds for a number.

    Raises:
        CalendarSpanError: the start or the date reached lies outside the compiled span.
        ValueError: the start is a naive datetime or not a finite number.
    """
    begin = int(whole_seconds(start))
    calendar.position(begin)
    reached = begin if not days else _reached(calendar, begin, days, closed_start)
    if days and out_of_hours == "move" and not _is_working(calendar, reached, forward=days > 0):
        reached = _moved(calendar, reached, forward=days > 0)
    return datetime.fromtimestamp(reached, UTC) if isinstance(start, datetime) else reached


def _reached(calendar: Calendar, begin: int, days: int, closed_start: ClosedStart) -> int:
    local = _local(calendar, begin)
    first, last = _local(calendar, calendar.start).date(), _local(calendar, calendar.end - 1).date()
    day, step, left = local.date(), timedelta(days=1 if days > 0 else -1), abs(days)
    if closed_start == "moves_first" and not _works(calendar, day):
        left += 1
    while left:
        day += step
        if not first <= day <= last:
            asked = f"{days} working days from {named(begin)}"
            raise CalendarSpanError(f"{asked} end outside the compiled calendar, {first} to {last}.")
        left -= _works(calendar, day)
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return instant(midnight(day) + seconds, ZoneInfo(calendar.hours.on(day).zone))


def _works(calendar: Calendar, day: date) -> bool:
    return opens_on(calendar.hours.on(day), day)


def _local(calendar: Calendar, at: int) -> datetime:
    """The wall clock of the period that holds at an instant."""
    moment = datetime.fromtimestamp(at, UTC)
    for period in reversed(calendar.hours.changes):
        local = moment.astimezone(ZoneInfo(period.zone))
        if local.date() >= period.valid_from:
            return local
    return moment.astimezone(ZoneInfo(calendar.hours.zone))


def _is_working(calendar: Calendar, at: int, forward: bool) -> bool:
    """Whether the second after an instant is worked, or when counting back the second before."""
    begin = at if forward else at - 1
    return calendar.elapsed(begin, begin + 1) == 1


def _moved(calendar: Calendar, at: int, forward: bool) -> int:
    if forward:
        return calendar.due(at, 0, zero_budget="next_open")
    return calendar.due(at, -1) + 1
