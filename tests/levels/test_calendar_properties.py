"""Laws that hold for every calendar, and a slow oracle that reads the clock on the wall minute by minute."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, get_args
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from levels.calendars import Calendar
from levels.days import every_year
from levels.due_times import AtClose, AtZero
from levels.wall_time import opens_on
from levels.working_days import add_working_days
from levels.working_hours import WEEKDAYS, WorkingHours

pytestmark = pytest.mark.campaign

# The first of nine days around clock changes, forward and back, north and south.
PLACES = [
    ("Europe/Zurich", date(2026, 3, 22)),
    ("Europe/Zurich", date(2026, 10, 18)),
    ("America/New_York", date(2026, 3, 1)),
    ("America/New_York", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 3, 29)),
    ("Australia/Lord_Howe", date(2026, 9, 27)),
    ("Asia/Kolkata", date(2026, 3, 22)),
    ("UTC", date(2024, 2, 22)),
]
DAYS = 9
# Machines that do much else at the same time are no reason to fail.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ANY_MINUTE = st.integers(0, 1439)
# Edges that a change of clocks skips or repeats have scenes of their own in test_calendars.
NO_MINUTE_OF_THE_CHANGE = st.one_of(st.integers(0, 60), st.integers(240, 1439))


@st.composite
def windows(draw: st.DrawFn, minutes: st.SearchStrategy[int]) -> list[str]:
    """Up to three windows a day, some past midnight."""
    edges = draw(st.lists(st.tuples(minutes, minutes), max_size=3))
    return [f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in edges]


@st.composite
def calendars(draw: st.DrawFn, minutes: st.SearchStrategy[int] = ANY_MINUTE) -> Calendar:
    """Nine days with a random week, holidays, part days, breaks, extra hours and a change of hours."""
    zone, first = draw(st.sampled_from(PLACES))
    a_day = windows(minutes)
    patterns = draw(st.lists(a_day, min_size=1, max_size=3))
    dates = st.integers(0, DAYS - 1).map(lambda offset: first + timedelta(days=offset))
    days = st.one_of(dates, dates.map(every_year))
    taken = windows(minutes).filter(bool)
    pauses: st.SearchStrategy[dict[str, Any]] = st.builds(
        dict, windows=taken, days=st.lists(st.one_of(days, st.sampled_from(WEEKDAYS)), max_size=2)
    )

    def period(offset: int) -> dict[str, object]:
        return {
            "zone": zone,
            "weekly": {day: patterns[(n + offset) % len(patterns)] for n, day in enumerate(WEEKDAYS)},
            "holidays": draw(st.lists(days, max_size=3)),
            "part_days": draw(st.dictionaries(days, a_day, max_size=2)),
            "breaks": draw(st.dictionaries(st.sampled_from(["lunch", "stocktaking"]), pauses)),
            # At least one hour is open, since a calendar without any is refused.
            "extra_hours": {draw(days): draw(a_day), first: ["12:00-13:00"]},
        }

    changes = [{**period(1), "valid_from": day} for day in draw(st.sets(dates, max_size=1))]
    hours = WorkingHours.model_validate(period(0) | {"changes": changes})
    return Calendar.compile(hours, first, first + timedelta(days=DAYS - 1))


def some_instant(calendar: Calendar) -> st.SearchStrategy[int]:
    """Anywhere in the span, and often exactly on an edge."""
    edges = [*calendar.opens.tolist(), *calendar.closes.tolist()]
    return st.one_of(st.integers(calendar.start, calendar.end), st.sampled_from(edges))


def open_by_the_clock_on_the_wall(hours: WorkingHours, instants: list[int]) -> list[bool]:
    """The oracle: look at the wall clock and ask whether a window of today or yesterday holds that time."""
    zone, on = ZoneInfo(hours.zone), cache(hours.on)
    usual_on, extra_on = cache(lambda day: on(day).usual_on(day)), cache(lambda day: on(day).extra_on(day))
    breaks_on = cache(lambda holding, day: on(holding).breaks_on(day))

    def holds(windows: list[tuple[int, int]], seconds: int) -> bool:
        return any(opening <= seconds < closing for opening, closing in windows)

    answers = []
    for instant in instants:
        local = datetime.fromtimestamp(instant, UTC).astimezone(zone)
        today, now = local.date(), local.hour * 3600 + local.minute * 60 + local.second
        nights = [(today, now), (today - timedelta(days=1), now + 86_400)]
        answers.append(
            any(holds(extra_on(day), seconds) for day, seconds in nights)
            or any(
                holds(usual_on(day), seconds) and not any(holds(breaks_on(day, d), s) for d, s in nights)
                for day, seconds in nights
            )
        )
    return answers


@settings(PATIENT, max_examples=25)
@given(st.data())
def test_every_minute_agrees_with_the_clock_on_the_wall(data: st.DataObject) -> None:
    calendar = data.draw(calendars(NO_MINUTE_OF_THE_CHANGE))
    minutes = np.arange(calendar.start, calendar.end, 60)
    counted = calendar.elapsed(minutes, minutes + 60)
    assert (counted == 60).tolist() == open_by_the_clock_on_the_wall(calendar.hours, minutes.tolist())
    assert set(counted.tolist()) <= {0, 60}


@settings(PATIENT, max_examples=100)
@given(st.data())
def test_the_time_until_due_is_the_budget(data: st.DataObject) -> None:
    calendar = data.draw(calendars())
    start = data.draw(some_instant(calendar))
    before = calendar.elapsed(calendar.start, start)
    after = calendar.elapsed(start, calendar.end)
    budget = data.draw(st.integers(-before, after - 1))
    at_close: AtClose = data.draw(st.sampled_from(get_args(AtClose)))
    zero_budget: AtZero = data.draw(st.sampled_from(get_args(AtZero)))
    due = calendar.due(start, budget, at_close, zero_budget)
    assert calendar.elapsed(start, due) == budget
    assert calendar.due(datetime.fromtimestamp(start, UTC), budget, at_close, zero_budget).timestamp() == due
    if budget > 0 and at_close == "close":
        assert calendar.elapsed(start, due - 1) == budget - 1
    if budget < 0 or (budget > 0 and at_close == "next_open"):
        assert calendar.elapsed(due, due + 1) == 1


@settings(PATIENT, max_examples=50)
@given(st.data())
def test_elapsed_adds_up_and_never_falls(data: st.DataObject) -> None:
    calendar = data.draw(calendars())
    one, two, three = sorted(data.draw(some_instant(calendar)) for _ in range(3))
    assert calendar.elapsed(one, three) == calendar.elapsed(one, two) + calendar.elapsed(two, three)
    assert 0 <= calendar.elapsed(one, two) <= two - one
    assert calendar.elapsed(two, one) == -calendar.elapsed(one, two)
    drawn = calendar.windows(one, three)
    assert (drawn[:, 1] - drawn[:, 0]).sum() == calendar.elapsed(one, three)


@settings(PATIENT, max_examples=50)
@given(st.data())
def test_a_larger_budget_is_never_due_earlier(data: st.DataObject) -> None:
    calendar = data.draw(calendars())
    start = data.draw(some_instant(calendar))
    budgets = np.arange(-calendar.elapsed(calendar.start, start), calendar.elapsed(start, calendar.end), 977)
    assume(budgets.size)
    assert (np.diff(calendar.due(start, budgets)) >= 0).all()


@settings(PATIENT, max_examples=50)
@given(calendars())
def test_edges_are_sorted_and_apart(calendar: Calendar) -> None:
    assert (calendar.opens < calendar.closes).all()
    assert (calendar.closes[:-1] < calendar.opens[1:]).all()
    assert calendar.start <= calendar.opens[0] and calendar.closes[-1] <= calendar.end


@settings(PATIENT, max_examples=50)
@given(calendars())
def test_a_specification_survives_its_own_dump(calendar: Calendar) -> None:
    again = WorkingHours.model_validate(calendar.hours.model_dump(mode="json"))
    assert again == calendar.hours
    assert again.model_dump_json() == calendar.hours.model_dump_json()


@settings(PATIENT, max_examples=50)
@given(st.data())
def test_arrays_and_scalars_are_one_arithmetic(data: st.DataObject) -> None:
    calendar = data.draw(calendars())
    instants = np.linspace(calendar.start, calendar.end, 1000).astype(np.int64)
    many = calendar.position(instants)
    assert many[::37].tolist() == [calendar.position(int(each)) for each in instants[::37]]
    assert calendar.position(instants.reshape(10, 100)).tolist() == many.reshape(10, 100).tolist()


@settings(PATIENT, max_examples=50)
@given(st.data())
def test_working_days_are_counted_one_by_one(data: st.DataObject) -> None:
    calendar = data.draw(calendars())
    zone = ZoneInfo(calendar.hours.zone)
    start = datetime.fromtimestamp(calendar.start, UTC).astimezone(zone) + timedelta(hours=12)
    span = [start.date() + timedelta(days=number) for number in range(DAYS)]
    working = [day for day in span if opens_on(calendar.hours.on(day), day)]
    for number, day in enumerate(each for each in working if each > start.date()):
        reached = add_working_days(calendar, start, number + 1)
        assert reached.astimezone(zone).replace(tzinfo=None) == datetime(*day.timetuple()[:3], 12)
        if start.date() in working:
            assert add_working_days(calendar, reached, -number - 1) == start
