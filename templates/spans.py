"""Periods as people name them: a month, a quarter, or the first and the last day."""

from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from babel.dates import format_date

from config.clock import as_utc
from templates.languages.catalogs import locale
from templates.languages.telling import Told, told
from templates.times import day

_FORMATS = {1: "LLLL y", 3: "QQQQ y"}
_JUST_BEFORE = timedelta(seconds=1)


def span(start: datetime | str, end: datetime | str, zone: str = "UTC") -> str:
    """Return a period from `start` until just before `end`: "October 2026", "4th quarter 2026".

    A period that is no whole month or quarter of the zone, nor of UTC, by which periods once went, is told
    by its first and last day in the zone: "2 March 2026 to 31 March 2026".
    """
    first, following = _instant(start), _instant(end)
    for clock in (zone, "UTC"):
        begins, ends = first.astimezone(ZoneInfo(clock)), following.astimezone(ZoneInfo(clock))
        months = (ends.year - begins.year) * 12 + ends.month - begins.month
        if months in _FORMATS and _starts(begins, months) and _starts(ends, months):
            return calendar_months(begins.year, begins.month, months)
    return told("%(start)s to %(end)s", start=day(first, zone), end=day(following - _JUST_BEFORE, zone))


def calendar_months(year: int, month: int, months: int) -> str:
    """Return the name of one month, or of the three of a quarter."""
    return Told(partial(_named, date(year, month, 1), _FORMATS[months]))


def _named(first: date, wanted: str, language: str) -> str:
    return str(format_date(first, wanted, locale(language)))


def _starts(local: datetime, months: int) -> bool:
    midnight = (local.day, local.hour, local.minute, local.second) == (1, 0, 0, 0)
    return midnight and (local.month - 1) % months == 0


def _instant(instant: datetime | str) -> datetime:
    return as_utc(datetime.fromisoformat(instant) if isinstance(instant, str) else instant)
