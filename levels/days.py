"""Days as a calendar names them: one date, or a date of every year such as 12-24."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BeforeValidator

from levels.windows import WEEKDAYS

_EVERY_YEAR = re.compile(r"(?:\*-)?(\d{2})-(\d{2})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LEAP_YEAR = 2000

_Value = TypeVar("_Value")


def _read(value: Any) -> date | str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = value.strip() if isinstance(value, str) else ""
    yearly = _EVERY_YEAR.fullmatch(text)
    with suppress(ValueError):
        if yearly is not None:
            return every_year(date(_LEAP_YEAR, int(yearly[1]), int(yearly[2])))
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    raise ValueError(f"'{value}' is not a date; write 2026-12-24, or 12-24 for every year.")


def _read_weekday(value: Any) -> date | str:
    if value in WEEKDAYS:
        return str(value)
    try:
        return _read(value)
    except ValueError:
        raise ValueError(
            f"'{value}' is neither a weekday such as mon nor a date such as 2026-12-24 or 12-24."
        ) from None


Day: TypeAlias = Annotated[date | str, BeforeValidator(_read)]
"""A date, or the text ``MM-DD`` for that date of every year (02-29 in leap years only)."""

WeekdayOrDay: TypeAlias = Annotated[date | str, BeforeValidator(_read_weekday)]
"""A weekday, ``mon`` to ``sun``, or a `Day`."""


def in_order(days: Iterable[date | str]) -> list[date | str]:
    """Every day once: those of every year first, then the dates."""
    return sorted(set(days), key=str)


def every_year(day: date) -> str:
    """The form in which a date of every year is stored."""
    return f"{day:%m-%d}"


def named_on(days: Mapping[date | str, _Value], day: date) -> _Value | None:
    """What a mapping says about a date; the date itself beats the date of every year."""
    return days[day] if day in days else days.get(every_year(day))


def dates_of(days: Iterable[date | str], first: date, last: date) -> set[date]:
    """The dates from ``first`` to ``last``, both included, that the days name."""
    found = set()
    for day in days:
        for year in [day.year] if isinstance(day, date) else range(first.year, last.year + 1):
            named = day if isinstance(day, date) else _in_year(day, year)
            if named is not None and first <= named <= last:
                found.add(named)
    return found


def _in_year(day: str, year: int) -> date | None:
    try:
        return date(year, int(day[:2]), int(day[3:]))
    except ValueError:
        return None
