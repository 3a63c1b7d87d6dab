"""When an iCalendar event takes place: its dates and times, its length, its recurrences."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import TypeAlias

from levels.ics import Event, IcsError, Property
from levels.ics_moments import Length, Moment, read_length, read_moment, zone_of
from levels.ics_recurrences import Allowance, recurrences

Named: TypeAlias = int | date
"""What names an occurrence: the epoch seconds of its start, or its date."""


@dataclass(frozen=True)
class Occurrence:
    """One time that an event takes place.

    Attributes:
        start: on the wall clock on which it was written, aware; midnight for a whole-day event.
        length: from there to the end.
    """

    start: datetime
    length: Length

    def named_by(self, names: set[Named]) -> bool:
        """Whether names of occurrences include this one."""
        return int(self.start.timestamp()) in names or self.start.date() in names


@dataclass(frozen=True)
class EventTimes:
    """When an event takes place.

    Attributes:
        first: its first occurrence.
        whole_days: whether it has dates only.
        zone: in which what names no other zone is meant.
    """

    first: Occurrence
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
        start = read_moment(begin, begin.value, zone_of(begin, zone))
        own = start.wall.tzinfo or zone
        end, duration = event.first("DTEND"), event.first("DURATION")
        length = Length(timedelta(days=1 if start.whole_day else 0))
        if end is not None:
            length = _between(end, start, read_moment(end, end.value, zone_of(end, own)))
        elif duration is not None:
            length = read_length(duration, duration.value)
        if start.whole_day:
            # some programs end a whole day on itself, where the standard has the day after
            length = Length(length.about or timedelta(days=1))
        return cls(Occurrence(start.wall, length), start.whole_day, own)

    def occurrences(
        self, event: Event, since: datetime, until: datetime, skipped: set[Named], allowance: Allowance
    ) -> list[Occurrence]:
        """Every occurrence that may touch a span, by its start.

        Args:
            event: the event, with its recurrence rules, its further and its excepted dates.
            since: wall-clock time; what has ended before is not wanted.
            until: wall-clock time after which nothing is wanted.
            skipped: occurrences that do not count, such as those that another event replaces.
            allowance: what may be expanded.

        Raises:
            IcsError: a rule cannot be understood, or repeats more often than daily.
        """
        for rule in event.all("EXRULE"):
            raise IcsError(f"line {rule.line}: EXRULE is not read; EXDATE excepts dates.")
        length = self.first.length
        since -= min(length.about, since.date() - date.min)
        found = [self.first, *self._further(event)]
        for rule in event.all("RRULE"):
            starts = recurrences(rule, self.first.start, since, until, allowance)
            found.extend(Occurrence(start, length) for start in starts)
        skipped = skipped | self.named(event, "EXDATE")
        counted = {int(each.start.timestamp()): each for each in found if not each.named_by(skipped)}
        return [each for _, each in sorted(counted.items()) if each.start.replace(tzinfo=None) <= until]

    def named(self, event: Event, name: str) -> set[Named]:
        """The occurrences that a property of the event, EXDATE or RECURRENCE-ID, names.

        Raises:
            IcsError: it cannot be understood, or names more than single occurrences.
        """
        found: set[Named] = set()
        for written in event.all(name):
            if "RANGE" in written.parameters:
                raise IcsError(
                    f"line {written.line}: a change of all later occurrences (RANGE) is not read; "
                    "end the series with UNTIL, and write the later ones as an event of their own."
                )
            for text in written.value.split(","):
                moment = read_moment(written, text, zone_of(written, self.zone))
                found.add(moment.wall.date() if moment.whole_day else moment.instant)
        return found

    def _further(self, event: Event) -> Iterator[Occurrence]:
        for written in event.all("RDATE"):
            zone = zone_of(written, self.zone)
            for text in written.value.split(","):
                begin, period, end = text.partition("/")
                start, length = read_moment(written, begin, zone), self.first.length
                if start.whole_day is not self.whole_days:
                    raise _unlike(written, self.whole_days, start.whole_day)
                if period and end.strip().upper().startswith(("P", "+P")):
                    length = read_length(written, end)
                elif period:
                    length = _between(written, start, read_moment(written, end, zone))
                yield Occurrence(start.wall, length)


def _between(written: Property, start: Moment, end: Moment) -> Length:
    """The length up to an end: whole days, else exact seconds, also where the two are in different zones."""
    if start.whole_day is not end.whole_day:
        raise _unlike(written, start.whole_day, end.whole_day)
    length = Length(end.wall.date() - start.wall.date())
    if not start.whole_day:
        length = Length(timedelta(), end.instant - start.instant)
    if (length.days, length.seconds) < (timedelta(), 0):
        raise IcsError(f"line {written.line}: the event ends before it starts.")
    return length


def _unlike(written: Property, start_whole: bool, other_whole: bool) -> IcsError:
    other = "this" if written.name == "RDATE" else "the end"
    kinds = {True: "date", False: "time"}
    return IcsError(
        f"line {written.line}: the start is a {kinds[start_whole]}, {other} a {kinds[other_whole]}."
    )
