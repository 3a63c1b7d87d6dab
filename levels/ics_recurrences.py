"""The recurrences of an iCalendar rule, by `dateutil`, within bounds that it does not keep itself."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

from levels.ics import IcsError, Property
from levels.ics_moments import read_moment

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYSETPOS", "BYMONTH", "BYMONTHDAY"} | {
    f"BY{each}" for each in ("YEARDAY", "WEEKNO", "DAY", "HOUR", "MINUTE", "SECOND")
}
_VALUE = re.compile(r"[A-Z0-9,+-]+")
_CYCLE_YEARS = 400


class Allowance:
    """How much may still be expanded of a file: a few lines can ask for more than there is time for."""

    def __init__(self) -> None:
        self._left = 500_000

    def take(self, line: int) -> None:
        """Take one from it.

        Raises:
            IcsError: nothing is left.
        """
        self._left -= 1
        if self._left < 0:
            raise IcsError(f"line {line}: up to this event the file closes more than can be expanded.")


def recurrences(
    rule: Property, start: datetime, since: datetime, until: datetime, allowance: Allowance
) -> Iterator[datetime]:
    """The starts by a rule between two instants, on the wall clock of the first start.

    Args:
        rule: an RRULE.
        start: of the first occurrence, aware.
        since: wall-clock time before which nothing is wanted.
        until: wall-clock time after which nothing is wanted.
        allowance: what may be expanded.

    Raises:
        IcsError: the rule cannot be understood, repeats more often than daily, or never takes place.
    """
    parts = _parts(rule)
    if "UNTIL" in parts:
        until = min(until, _until(rule, parts.pop("UNTIL"), start))
    begin = start.replace(tzinfo=None)
    if begin > until:
        return
    # a rule that never matches is followed to the year 9999; the calendar repeats after 400 years
    shift = max(date.max.year - 1 - until.year, 0) // _CYCLE_YEARS * _CYCLE_YEARS
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    found = None
    try:
        for found in rrulestr(text, dtstart=_in_cycle(begin, shift)):
            each = _in_cycle(found, -shift)
            if each > until:
                break
            allowance.take(rule.line)
            if each >= since:
                yield each.replace(tzinfo=start.tzinfo)
    except IcsError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        raise IcsError(
            f"line {rule.line}: this recurrence cannot be understood: {rule.value[:80]}."
        ) from None
    if found is None:
        raise IcsError(f"line {rule.line}: this recurrence never takes place: {rule.value[:80]}.")


def _parts(rule: Property) -> dict[str, str]:
    parts = dict(part.partition("=")[::2] for part in rule.value.upper().split(";") if part)
    if parts.get("FREQ") not in _FREQUENCIES:
        raise IcsError(
            f"line {rule.line}: an event may recur {', '.join(_FREQUENCIES)}; not so: {rule.value[:80]}."
        )
    interval = parts.get("INTERVAL", "1")
    understood = parts.keys() <= _PARTS and all(_VALUE.fullmatch(value) for value in parts.values())
    if not understood or not interval.strip("0"):
        raise IcsError(f"line {rule.line}: this recurrence cannot be understood: {rule.value[:80]}.")
    return parts


def _until(rule: Property, text: str, start: datetime) -> datetime:
    """The last start that a rule allows, on the wall clock of the first one; a date is allowed to its end."""
    last = read_moment(rule, text, start.tzinfo or UTC)
    if last.whole_day:
        return last.wall.replace(tzinfo=None) + timedelta(days=1, seconds=-1)
    try:
        return last.wall.astimezone(start.tzinfo).replace(tzinfo=None)
    except OverflowError:
        return last.wall.replace(tzinfo=None)


def _in_cycle(wall: datetime, years: int) -> datetime:
    return wall.replace(year=wall.year + years)
