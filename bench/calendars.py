"""How fast `Calendar.elapsed` is: beside the bare binary searches that it needs, and beside other libraries.

The other libraries are measured where they are installed, on the first of the same random pairs, as many as
fit a few seconds; their answers are compared with ours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from importlib import import_module
from time import perf_counter
from typing import Any

import numpy as np

from bench.figures import Figure, side_by_side
from levels.calendars import Calendar
from levels.moments import IntArray
from levels.public_holidays import public_holidays
from levels.windows import WEEKDAYS, window_seconds
from levels.working_hours import WorkingHours

PAIRS = 5_000_000
ROUNDS = 5
SECONDS_A_PEER = 2.0
YEARS = range(2010, 2030)
WINDOWS = ["08:00-12:00", "13:00-17:00"]

Elapsed = Callable[[datetime, datetime], float]


@dataclass(frozen=True)
class Peer:
    """Another library's way to business seconds.

    Attributes:
        name: as it is printed.
        holidays: whether it is given the calendar's holidays.
        made: imports the library and returns the function to be timed.
        step: the unit, in seconds, in which it counts.
    """

    name: str
    holidays: bool
    made: Callable[[], Elapsed]
    step: int = 1


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """Measure so many pairs beside two bare binary searches, then a pair beside each other library."""
    calendar = compiled(holidays=True)
    rng = np.random.default_rng(2026)
    starts, ends = np.sort(rng.integers(calendar.start, calendar.end, (2, pairs)), axis=0)
    ours, bare = side_by_side(
        ROUNDS,
        lambda: calendar.elapsed(starts, ends),
        lambda: (calendar.opens.searchsorted(starts, "right"), calendar.opens.searchsorted(ends, "right")),
    )
    note = f"beside two bare numpy.searchsorted; {calendar.opens.size:,} windows"
    yield Figure(f"elapsed of {pairs:,} pairs", ours, bare, "s", note)
    for peer in PEERS:
        yield _beside(peer, starts, ends, ours / pairs)


def _beside(peer: Peer, starts: IntArray, ends: IntArray, seconds_a_pair: float) -> Figure:
    name = f"elapsed of a pair, {peer.name}"
    try:
        elapsed = peer.made()
    except ImportError:
        return Figure(name, seconds_a_pair, None, "s", "not installed")
    seconds, answers = _sampled(elapsed, starts, ends)
    mine = compiled(peer.holidays).elapsed(starts[: len(answers)], ends[: len(answers)])
    close = int(np.count_nonzero(np.abs(np.array(answers) - mine) < peer.step + 1))
    return Figure(
        name, seconds_a_pair, seconds / len(answers), "s", f"{close:,} of {len(answers):,} answers agree"
    )


def compiled(holidays: bool) -> Calendar:
    """Twenty years of office hours in UTC, with or without the holidays of Zurich."""
    country = {"country": "CH", "subdivision": "ZH"} if holidays else {}
    weekly = dict.fromkeys(WEEKDAYS[:5], WINDOWS)
    hours = WorkingHours.model_validate({"zone": "UTC", "weekly": weekly} | country)
    return Calendar.compile(hours, date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31))


def closed_days() -> set[date]:
    """The holidays of Zurich in the calendar's years."""
    return {day for year in YEARS for day in public_holidays("CH", "ZH", True, year)}


def _sampled(elapsed: Elapsed, starts: IntArray, ends: IntArray) -> tuple[float, list[float]]:
    spent, answers = 0.0, []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        pair = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
        begun = perf_counter()
        answers.append(elapsed(*pair))
        spent += perf_counter() - begun
        if spent > SECONDS_A_PEER or len(answers) == 100_000:
            break
    return spent, answers


def _pandas() -> Elapsed:
    pandas: Any = import_module("pandas")
    opening, closing = zip(*(window.split("-") for window in WINDOWS), strict=True)
    hour = pandas.offsets.CustomBusinessHour(
        start=list(opening), end=list(closing), holidays=sorted(closed_days())
    )

    def elapsed(start: datetime, end: datetime) -> float:
        naive = [pandas.Timestamp(edge).tz_localize(None) for edge in (start, end)]
        return 3600.0 * len(pandas.date_range(*naive, freq=hour, inclusive="left"))

    return elapsed


def _businesstimedelta() -> Elapsed:
    businesstimedelta: Any = import_module("businesstimedelta")
    utc: Any = import_module("pytz").utc
    windows = [[time(edge // 3600) for edge in window_seconds(window)] for window in WINDOWS]
    rules = businesstimedelta.Rules(
        [
            *(
                businesstimedelta.WorkDayRule(*window, working_days=list(range(5)), tz=utc)
                for window in windows
            ),
            businesstimedelta.HolidayRule(closed_days(), tz=utc),
        ]
    )

    def elapsed(start: datetime, end: datetime) -> float:
        counted = rules.difference(start, end)
        return float(counted.hours * 3600 + counted.seconds)

    return elapsed


def _pm4py(holidays: bool) -> Elapsed:
    module: Any = import_module("pm4py.util.business_hours")
    day_seconds = 86_400
    slots = [
        (weekday * day_seconds + opening, weekday * day_seconds + closing)
        for weekday in range(5)
        for opening, closing in map(window_seconds, WINDOWS)
    ]
    closed = closed_days()

    class WorkCalendar:
        def is_working_day(self, day: date) -> bool:
            return day not in closed

    chosen = {"work_calendar": WorkCalendar()} if holidays else {}

    def elapsed(start: datetime, end: datetime) -> float:
        return float(module.BusinessHours(start, end, business_hour_slots=slots, **chosen).get_seconds())

    return elapsed


PEERS = [
    Peer("pandas CustomBusinessHour", True, _pandas, step=3600),
    Peer("businesstimedelta", True, _businesstimedelta),
    Peer("pm4py business hours", True, lambda: _pm4py(holidays=True)),
    Peer("pm4py business hours, no holidays", False, lambda: _pm4py(holidays=False)),
]
