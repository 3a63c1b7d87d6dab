"""Moments and lengths in an iCalendar file, as its properties write them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from levels.ics import IcsError, Property

_MOMENT = re.compile(r"\d{8}(T\d{6}Z?)?")
_DURATION = re.compile(r"\+?P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)")


@dataclass(frozen=True)
class Moment:
    """A date or a time.

    Attributes:
        wall: as its clock shows it, aware of its zone; midnight for a date.
        whole_day: whether it is a date.
    """

    wall: datetime
    whole_day: bool

    @property
    def instant(self) -> int:
        """Epoch seconds; dates may lie where Python's own conversions have no year left."""
        return int(self.wall.timestamp())


@dataclass(frozen=True)
class Length:
    """How long something lasts: days and weeks on the wall clock, then hours and less in exact seconds."""

    days: timedelta
    seconds: int = 0

    @property
    def about(self) -> timedelta:
        """The whole of it, where a change of clocks does not matter."""
        return self.days + timedelta(seconds=self.seconds)

    def wall_end(self, start: datetime) -> datetime:
        """The end of the days, on the same wall clock; no later than the last date that there is."""
        return start + min(self.days, date.max - start.date())


def zone_of(written: Property, otherwise: tzinfo) -> tzinfo:
    """The zone that a property names, or another one where it names none.

    Raises:
        IcsError: it is no zone of the IANA.
    """
    name = written.parameters.get("TZID")
    if name is None:
        return otherwise
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise IcsError(f"line {written.line}: '{name}' is not a known IANA time zone.") from None


def read_moment(written: Property, text: str, zone: tzinfo) -> Moment:
    """Read a date or a time; one in UTC says so itself, another is meant in ``zone``.

    Raises:
        IcsError: it is neither.
    """
    form = _MOMENT.fullmatch(stripped := text.strip().upper())
    try:
        if form is not None and form[1] is None:
            return Moment(datetime.strptime(stripped, "%Y%m%d").replace(tzinfo=zone), whole_day=True)
        if form is not None:
            wall = datetime.strptime(stripped.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
            return Moment(wall.replace(tzinfo=UTC if stripped.endswith("Z") else zone), whole_day=False)
    except ValueError:
        pass
    raise IcsError(
        f"line {written.line}: '{text[:40]}' is neither a date like 20261224 nor a time like 20261224T120000."
    )


def read_length(written: Property, text: str) -> Length:
    """Read a duration.

    Raises:
        IcsError: it is none, or is longer than there are dates.
    """
    match = _DURATION.fullmatch(text.strip().upper())
    if match is None or not any(match.groups()):
        raise IcsError(f"line {written.line}: '{text[:40]}' is not a length such as P1D or PT4H.")
    try:
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        length = Length(timedelta(weeks=weeks, days=days), int(exact.total_seconds()))
        if length.about < date.max - date.min:
            return length
    except (ValueError, OverflowError):
        pass
    raise IcsError(f"line {written.line}: '{text[:40]}' is longer than there are dates.")
