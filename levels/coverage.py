"""Coverage: the hours of one calendar in which none of others is open, summed up by weekday and time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from levels.calendars import Calendar
from levels.edges import cut, united, without
from levels.in_words import duration_in_words, weekdays_in_words
from levels.moments import IntArray
from levels.windows import DAY_SECONDS, Window, window_text

_REGULAR = 0.25
_SHOWN = 4


@dataclass(frozen=True)
class Pattern:
    """A time of day that is uncovered on more than a quarter of certain weekdays.

    Attributes:
        weekdays: 0 for Monday, ascending.
        window: wall-clock time, seconds after midnight.
        total_s: real seconds in the whole span.
    """

    weekdays: tuple[int, ...]
    window: Window
    total_s: int


@dataclass(frozen=True, eq=False)
class Uncovered:
    """The uncovered hours of a span.

    Attributes:
        opens: beginnings, epoch seconds, ascending.
        closes: the end that belongs to each.
        total_s: their real seconds.
        patterns: what recurs, the most hours first.
        single_days: the number of other dates with uncovered time.
        single_s: the seconds on them.
        zone: the zone in which weekdays and times are meant.
    """

    opens: IntArray
    closes: IntArray
    total_s: int
    patterns: tuple[Pattern, ...]
    single_days: int
    single_s: int
    zone: str

    @property
    def when(self) -> str:
        """When: "Mon-Fri 17:00-18:00 (250 h), 12 h on 3 single days, times in Europe/Zurich"."""
        parts = [
            f"{weekdays_in_words(each.weekdays)} {window_text(*each.window)} "
            f"({duration_in_words(each.total_s)})"
            for each in self.patterns[:_SHOWN]
        ]
        if further := self.patterns[_SHOWN:]:
            parts.append(
                f"{duration_in_words(sum(each.total_s for each in further))} at other times of the week"
            )
        if self.single_days:
            days = f"{self.single_days} single day" + ("s" if self.single_days > 1 else "")
            parts.append(f"{duration_in_words(self.single_s)} on {days}")
        return f"{', '.join(parts)}, times in {self.zone}"


def uncovered(customer: Calendar, supporting: Sequence[Calendar], start: int, end: int) -> Uncovered:
    """The hours of a customer's calendar in which no supporting calendar is open.

    Args:
        customer: the calendar whose hours are to be covered; its zone names the weekdays and times.
        supporting: the calendars that cover them; one open is enough.
        start: beginning of the span, epoch seconds, within all calendars.
        end: its end.
    """
    wanted = cut((customer.opens, customer.closes), start, end)
    opens, closes = without(wanted, united(*((each.opens, each.closes) for each in supporting)))
    zone = customer.hours.zone
    patterns, single_days, single_s = _patterns(opens, closes, ZoneInfo(zone), end - start)
    return Uncovered(opens, closes, int((closes - opens).sum()), patterns, single_days, single_s, zone)


def _patterns(
    opens: IntArray, closes: IntArray, zone: ZoneInfo, span_s: int
) -> tuple[tuple[Pattern, ...], int, int]:
    """What recurs, and the number of dates and of seconds that do not."""
    found: dict[tuple[Window, int], list[tuple[datetime, int]]] = defaultdict(list)
    for opening, closing in zip(opens.tolist(), closes.tolist(), strict=True):
        for midnight, window, seconds in _by_day(opening, closing, zone):
            found[window, midnight.weekday()].append((midnight, seconds))
    often = _REGULAR * span_s / (7 * DAY_SECONDS)
    regular: dict[Window, dict[int, int]] = defaultdict(dict)
    singles: list[tuple[datetime, int]] = []
    for (window, weekday), days in found.items():
        if len(days) > often:
            regular[window][weekday] = sum(seconds for _, seconds in days)
        else:
            singles.extend(days)
    patterns = [
        Pattern(tuple(sorted(by_weekday)), window, sum(by_weekday.values()))
        for window, by_weekday in regular.items()
    ]
    patterns.sort(key=lambda each: (-each.total_s, each.window))
    return tuple(patterns), len({day for day, _ in singles}), sum(seconds for _, seconds in singles)


def _by_day(opening: int, closing: int, zone: ZoneInfo) -> Iterator[tuple[datetime, Window, int]]:
    """A stretch cut at the midnights of a zone: the day, the wall-clock window and its real seconds."""
    while opening < closing:
        begins = datetime.fromtimestamp(opening, zone)
        midnight = datetime.combine(begins.date(), time(), zone)
        following = int((midnight + timedelta(days=1)).timestamp())
        until = min(closing, following)
        ends = datetime.fromtimestamp(until, zone)
        closes_at = DAY_SECONDS if until == following else _time_of_day(ends)
        yield midnight, (_time_of_day(begins), closes_at), until - opening
        opening = until


def _time_of_day(local: datetime) -> int:
    return local.hour * 3600 + local.minute * 60 + local.second
