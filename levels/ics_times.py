"""When an iCalendar event takes place: its dates and times, its length, its recurrences."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

from levels.ics import Event, IcsError, Property

_DURATION = re.compile(r"P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@dataclass(frozen=True)
class EventTimes:
    """When an event takes place.

    Attributes:
        start: of its first occurrence, as wall-clock time in ``zone``; midnight for a whole-day event.
        length: from start to end, on the wall clock.
        whole_days: whether it has dates only.
        zone: the zone in which its times are written.
    """

    start: datetime
    length: timedelta
    whole_days: bool
    zone: tzinfo

    @classmethod
    def of(cls, event: Event, zone: tzinfo) -> "EventTimes":
        """Read the times of an event.

        Args:
            event: the event.
            zone: in which times without a zone of their own are meant.

        Raises:
            IcsError: a time is missing or cannot be understood, or the end does not lie after the start.
        """
        begin = event.first("DTSTART")
        if begin is None:
            raise IcsError(f"line {event.line}: the event has no DTSTART.")
        own = _zone_of(begin, zone)
        start, whole = _moment(begin, begin.value, own)
        end, duration = event.first("DTEND"), event.first("DURATION")
        length = timedelta(days=1) if whole else timedelta()
        if end is not None:
            finish, end_whole = _moment(end, end.value, own)
            length = finish - start
            if whole is not end_whole:
                raise IcsError(
                    f"line {end.line}: the start is a {_kind(whole)}, the end a {_kind(end_whole)}."
                )
        elif duration is not None:
            length = _length(duration)
        # some programs end a whole day on itself, where the standard has the day after
        if whole and not length:
            length = timedelta(days=1)
        if length < timedelta():
            raise IcsError(f"line {(end or duration or begin).line}: the event ends before it starts.")
        return cls(start, length, whole, own)

    def starts(self, event: Event, until: datetime, skipped: set[datetime]) -> list[datetime]:
        """The starts of every occurrence up to an instant, ascending, as wall-clock times.

        Args:
            event: the event, with its recurrence rules, its further and its excepted dates.
            until: wall-clock time after which nothing is wanted.
            skipped: starts that do not count, such as those that another event replaces.

        Raises:
            IcsError: a rule cannot be understood, or repeats more often than daily.
        """
        found = {self.start} | self.listed(event, "RDATE")
        for rule in event.all("RRULE"):
            found |= self._recurring(rule, until)
        return sorted(each for each in found - self.listed(event, "EXDATE") - skipped if each <= until)

    def listed(self, event: Event, name: str) -> set[datetime]:
        """The wall-clock times that a property of the event, such as EXDATE, lists."""
        return {
            _moment(each, value.split("/")[0], self.zone)[0]
            for each in event.all(name)
            for value in each.value.split(",")
        }

    def _recurring(self, rule: Property, until: datetime) -> set[datetime]:
        parts = dict(part.partition("=")[::2] for part in rule.value.upper().split(";") if part)
        if parts.get("FREQ") not in _FREQUENCIES:
            raise IcsError(
                f"line {rule.line}: an event may recur {', '.join(_FREQUENCIES)}; not so: {rule.value}."
            )
        if "UNTIL" in parts:
            last, only_date = _moment(rule, parts.pop("UNTIL"), self.zone)
            until = min(until, last + timedelta(days=1, seconds=-1) if only_date else last)
        if "COUNT" not in parts:
            parts["UNTIL"] = f"{until:%Y%m%dT%H%M%S}"
        try:
            text = ";".join(f"{name}={value}" for name, value in parts.items())
            found = rrulestr(text, dtstart=self.start)
            return set(found.between(self.start, until, inc=True))
        except (ValueError, KeyError, TypeError):
            raise IcsError(f"line {rule.line}: this recurrence cannot be understood: {rule.value}.") from None


def _zone_of(begin: Property, zone: tzinfo) -> tzinfo:
    name = begin.parameters.get("TZID")
    if name is None:
        return zone
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise IcsError(f"line {begin.line}: '{name}' is not a known IANA time zone.") from None


def _moment(where: Property, text: str, zone: tzinfo) -> tuple[datetime, bool]:
    """A date or a time as wall-clock time in a zone, and whether it is a date."""
    for form in ("%Y%m%d", "%Y%m%dT%H%M%S", "%Y%m%dT%H%M%SZ"):
        try:
            found = datetime.strptime(text.strip().upper(), form)  # noqa: DTZ007
        except ValueError:
            continue
        if form.endswith("Z"):
            found = found.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        return found, form == "%Y%m%d"
    raise IcsError(
        f"line {where.line}: '{text}' is neither a date like 20261224 nor a time like 20261224T120000."
    )


def _length(duration: Property) -> timedelta:
    match = _DURATION.fullmatch(duration.value.upper())
    if match is None or not any(match.groups()):
        raise IcsError(f"line {duration.line}: '{duration.value}' is not a length such as P1D or PT4H.")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _kind(whole_days: bool) -> str:
    return "date" if whole_days else "time"
