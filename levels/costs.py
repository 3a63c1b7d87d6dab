"""Costs over a stretch of time: what a fixed price comes to, and how many months the stretch has."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

Per: TypeAlias = Literal["month", "quarter", "year"]
"""What a fixed price is for."""

_MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}


def months_between(start: datetime, end: datetime, zone: str = "UTC") -> Fraction:
    """Return how many calendar months of a zone a stretch has; a part of a month is its share of it.

    From 1 January to 1 April there are three, whatever their days; from 15 to 29 February of a common year
    a half. Shares go by the zone's wall clock, so that every day of a month is worth the same.
    """
    return _months_since_year_zero(end, zone) - _months_since_year_zero(start, zone)


def units_between(start: datetime, end: datetime, per: Per, zone: str = "UTC") -> Fraction:
    """Return how many months, quarters or years a stretch has, as `months_between` counts.

    Raises:
        ValueError: if `per` is another unit.
    """
    if per not in get_args(Per):
        raise ValueError(f"a price is per {', '.join(get_args(Per))}, not per {per!r}")
    return months_between(start, end, zone) / _MONTHS[per]


def fixed_cost(amount: float, per: Per, start: datetime, end: datetime, zone: str = "UTC") -> float:
    """Return what a fixed price comes to, to the hundredth.

    Raises:
        ValueError: as `units_between`.
    """
    return round(float(Fraction(str(amount)) * units_between(start, end, per, zone)), 2)


def _months_since_year_zero(at: datetime, zone: str) -> Fraction:
    at = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    first = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    seconds = monthrange(at.year, at.month)[1] * 86_400
    return at.year * 12 + at.month + Fraction(int((at - first).total_seconds()), seconds)
