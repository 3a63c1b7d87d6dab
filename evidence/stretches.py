"""Periods as feeds name them, such as 2026-03 or 2026-Q1, and the instants at which they begin and end."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_FIRST_YEAR, _LAST_YEAR = 1971, 2198
_PERIOD = re.compile(r"(\d{4})(?:-(?:Q([1-4])|W(\d{2})|(\d{2})(?:-(\d{2}))?))?", re.ASCII)


def stretch(period: str, zone: str) -> tuple[int, int]:
    """Return the first second of a period and the first one after it, as epoch seconds.

    Args:
        period: a year `2026`, a quarter `2026-Q1`, a month `2026-03`, a week `2026-W10`, a day `2026-03-02`.
        zone: the IANA zone whose midnights it begins and ends with.

    Raises:
        ValueError: if it is none of these.
    """
    found = _PERIOD.fullmatch(period.strip())
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        raise ValueError(f"'{period}' is no year, quarter, month, week or day such as 2026-03")
    first, after = _dates(int(found[1]), *(int(part) if part else 0 for part in found.groups()[1:]))
    return _midnight(first, zone), _midnight(after, zone)


def _dates(year: int, quarter: int, week: int, month: int, day: int) -> tuple[date, date]:
    if week:
        monday = date.fromisocalendar(year, week, 1)
        return monday, monday + timedelta(weeks=1)
    if day:
        return date(year, month, day), date(year, month, day) + timedelta(days=1)
    months = 3 if quarter else 1 if month else 12
    first = date(year, 3 * quarter - 2 if quarter else month or 1, 1)
    last = first.month - 1 + months
    return first, date(year + last // 12, last % 12 + 1, 1)


def _midnight(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())
