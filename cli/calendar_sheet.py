"""A calendar drawn day by day, as data and in the terminal."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from levels.calendars import Calendar
from levels.days import named_on
from levels.wall_time import instant, midnight, span_of
from levels.windows import DAY_SECONDS, WEEKDAYS
from levels.working_hours import WorkingHours

_SLOT = 3600
_A_DAY = timedelta(days=1)
_CLOCK = "".join(f"{hour:<3}" for hour in range(0, 24, 3))


@dataclass(frozen=True)
class DaySheet:
    """One date of a calendar.

    Attributes:
        date: the date.
        weekday: mon to sun.
        windows: what is open on it, each as (from, to) in ISO 8601 with the zone's offset.
        seconds: working seconds between its two midnights.
        note: why it is not an ordinary day, empty if it is one.
        bar: an hour a character: open, open in part, closed.
    """

    date: str
    weekday: str
    windows: list[tuple[str, str]]
    seconds: int
    note: str
    bar: str


def sheets(hours: WorkingHours, first: date, days: int) -> list[DaySheet]:
    """Every date from ``first`` on, for so many days."""
    calendar = Calendar.compile(hours, first - _A_DAY, first + days * _A_DAY, empty="closed")
    return [_sheet(calendar, first + number * _A_DAY) for number in range(days)]


def as_data(hours: WorkingHours, drawn: list[DaySheet]) -> dict[str, Any]:
    """The dates as plain data for JSON."""
    days = [{name: value for name, value in asdict(day).items() if name != "bar"} for day in drawn]
    return {
        "zone": hours.zone,
        "from": drawn[0].date,
        "to": drawn[-1].date,
        "seconds": sum(day.seconds for day in drawn),
        "days": days,
    }


def draw(hours: WorkingHours, drawn: list[DaySheet]) -> Group:
    """The dates as a table, a line a day, with a sum for every week."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(_CLOCK, no_wrap=True)
    table.add_column("open", overflow="fold")
    table.add_column("hours", justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    week = 0
    for number, day in enumerate(drawn):
        week += day.seconds
        last = day.weekday == "sun" or number == len(drawn) - 1
        closing = f"{day.note} · " if day.note and last else day.note
        note = f"{closing}week: {_hours(week)} h" if last else day.note
        table.add_row(
            f"{day.weekday} {day.date}",
            Text(day.bar, style="green"),
            " ".join(f"{opens[11:16]}-{_until(day, closes)}" for opens, closes in day.windows) or "closed",
            _hours(day.seconds) if day.seconds else "",
            escape(note),
            end_section=last,
        )
        week = 0 if last else week
    return Group(Text(f"{hours.zone}, {drawn[0].date} to {drawn[-1].date}", style="bold"), table)


def _sheet(calendar: Calendar, day: date) -> DaySheet:
    zone = ZoneInfo(calendar.hours.on(day).zone)
    start, end = span_of(calendar.hours, day, day)
    windows = calendar.windows(start, end).tolist()
    return DaySheet(
        str(day),
        WEEKDAYS[day.weekday()],
        [(_local(opens, zone), _local(closes, zone)) for opens, closes in windows],
        calendar.elapsed(start, end),
        "; ".join(_notes(calendar.hours, day, end - start)),
        "".join(_slot(calendar, midnight(day) + slot, zone) for slot in range(0, DAY_SECONDS, _SLOT)),
    )


def _notes(hours: WorkingHours, day: date, length: int) -> list[str]:
    period = hours.on(day)
    holiday = period.holiday_on(day)
    notes = [holiday] if holiday else []
    if named_on(period.part_days, day) is not None:
        notes.append("part day")
    if period.extra_on(day):
        notes.append("extra hours")
    if length != DAY_SECONDS:
        notes.append(f"the clock changes: {_hours(length)} h")
    if any(change.valid_from == day for change in hours.changes):
        notes.append(f"new hours, {period.zone}")
    return notes


def _slot(calendar: Calendar, wall: int, zone: ZoneInfo) -> str:
    start, end = instant(wall, zone), instant(wall + _SLOT, zone)
    worked = calendar.elapsed(start, end)
    return "·" if not worked else "█" if worked == end - start else "▒"


def _local(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(zone).isoformat()


def _until(day: DaySheet, closes: str) -> str:
    return closes[11:16] if closes.startswith(day.date) else "24:00"


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:.2f}".rstrip("0").rstrip(".")
