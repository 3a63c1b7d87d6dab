"""Demand by hour of the week, its peaks, and where service hours do not fit it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from levels.calendars import Calendar
from levels.demand import Demand, demand, local_dates, weekday_of
from levels.hours_fit import misfits
from levels.peaks import bursts, chance, dispersion, peaks, smallest_ratio_seen
from levels.working_hours import WorkingHours

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK, HOUR = 604_800, 3_600


def office(zone: str = "UTC", hours: str = "08:00-18:00") -> Calendar:
    week = WorkingHours(zone=zone, weekly={day: [hours] for day in _WEEKDAYS})
    return Calendar.compile(week, date(2026, 1, 1), date(2026, 12, 31))


def weeks_of(rates: np.ndarray, weeks: int, seed: int = 1, calendar: Calendar | None = None) -> Demand:
    """Tickets by chance, with a rate for each hour of the week, shape (7, 24)."""
    random, start = np.random.default_rng(seed), int(MONDAY.timestamp())
    counts = random.poisson(np.broadcast_to(rates, (weeks, 7, 24))).ravel()
    opened = start + np.repeat(np.arange(len(counts)) * HOUR, counts)
    return demand(
        opened + random.integers(0, HOUR, len(opened)), calendar or office(), start, start + weeks * WEEK
    )


def even(rate: float) -> np.ndarray:
    """The same rate in every hour from Monday to Friday, 08:00 to 18:00, and nothing else."""
    rates = np.zeros((7, 24))
    rates[:5, 8:18] = rate
    return rates


def test_hours_are_those_of_the_clock_on_the_wall():
    """At 07:30 UTC it is 08:30 in Zurich in winter, and 09:30 once clocks have changed, on 29 March."""
    zurich = office("Europe/Zurich")
    since, until = int(MONDAY.timestamp()), int(datetime(2026, 4, 6, tzinfo=UTC).timestamp())
    opened = np.array(
        [int(datetime(2026, *day, 7, 30, tzinfo=UTC).timestamp()) for day in ((3, 27), (3, 30))]
    )
    seen = demand(opened, zurich, since, until)
    week = seen.by_week(seen.by_day)
    assert (week[4, 8], week[0, 9], week.sum()) == (1, 1, 2)
    assert seen.inside == 2
    # the Sunday on which the clock skips from two to three has no such hour
    sunday = int((datetime(2026, 3, 29).date() - date(1970, 1, 1)).days - seen.dates[0])
    assert seen.watched[sunday, 1] == 1 and seen.watched[sunday, 2] == 0
    assert seen.watched.sum() == pytest.approx((until - since) / HOUR)


@settings(max_examples=20)
@given(
    st.lists(st.integers(0, 5 * WEEK - 1), max_size=60),
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]),
)
def test_every_ticket_is_counted_where_its_clock_says(offsets: list[int], zone: str):
    start = int(MONDAY.timestamp())
    opened = np.array([start + offset for offset in offsets], np.int64)
    seen = demand(opened, office(zone), start, start + 5 * WEEK)
    expected = np.zeros((7, 24))
    for at in opened.tolist():
        local = datetime.fromtimestamp(at, ZoneInfo(zone))
        expected[local.weekday(), local.hour] += 1
    np.testing.assert_array_equal(seen.by_week(seen.by_day), expected)
    np.testing.assert_array_equal(
        weekday_of(local_dates(opened, zone)),
        [datetime.fromtimestamp(at, ZoneInfo(zone)).weekday() for at in opened.tolist()],
    )
    assert np.all(seen.open <= seen.watched + 1e-9)


def test_a_window_that_ends_before_it_begins_or_leaves_a_ticket_out_is_refused():
    start = int(MONDAY.timestamp())
    with pytest.raises(ValueError, match="end after it begins"):
        demand(np.array([], np.int64), office(), start, start)
    with pytest.raises(ValueError, match="outside the window"):
        demand(np.array([start - 1]), office(), start, start + WEEK)


def test_a_morning_that_recurs_is_a_peak():
    rates = even(1.0)
    rates[0, 8:11] = 3.0
    found = peaks(weeks_of(rates, 12))
    assert [(peak.weekday, peak.start, peak.end) for peak in found] == [(0, 8, 11)]
    assert found[0].ratio > 2 and found[0].weeks == 12 and found[0].weeks_above > 6
    assert found[0].open_share == 1


def test_one_bad_day_is_a_burst_and_no_peak():
    seen = weeks_of(even(1.0), 12)
    opened = seen.by_day.copy()
    opened[16, 9:12] += 40  # the third Wednesday
    burst = Demand(seen.zone, seen.dates, opened, seen.watched, seen.open, seen.inside + 120)
    assert peaks(burst) == []
    found = bursts(burst)
    assert [(window.weekday, window.start) for window in found] == [(2, 9)]
    assert found[0].weeks_above * 2 <= found[0].weeks


def test_with_few_tickets_nothing_can_be_told():
    seen = weeks_of(even(0.1), 12)
    assert 40 < seen.tickets < 90 and peaks(seen) == []
    needed = smallest_ratio_seen(seen)
    assert needed is not None and needed > 3
    assert smallest_ratio_seen(weeks_of(even(1.0), 2)) is None, "two weeks are too few for anything to recur"


def test_even_demand_has_no_peak_in_nearly_every_history():
    """The errors of all windows together are held to 5 %; twenty histories may have three of them."""
    found = [bool(peaks(weeks_of(even(rate), 8, seed))) for seed in range(10) for rate in (0.4, 2.0)]
    assert sum(found) <= 3


def test_weeks_that_differ_are_no_ground_for_a_peak():
    random, start = np.random.default_rng(3), int(MONDAY.timestamp())
    by_week = random.gamma(0.7, 1 / 0.7, (10, 7, 24)) * even(2.0)
    counts = random.poisson(by_week).ravel()
    opened = start + np.repeat(np.arange(len(counts)) * HOUR, counts)
    seen = demand(opened, office(), start, start + 10 * WEEK)
    assert dispersion(seen) > 2
    assert peaks(seen) == []
    assert dispersion(weeks_of(even(2.0), 12)) == pytest.approx(1, abs=0.15)


def test_the_chance_of_a_count_is_poissons():
    assert chance(0, 3.0) == 1
    assert chance(1, 2.0) == pytest.approx(1 - np.exp(-2.0))
    assert chance(5, 0.0) == 0


def test_service_hours_that_miss_the_demand_are_named():
    rates = even(2.0)
    rates[:5, 6:8] = 2.0  # before anybody is there
    rates[4, 14:18] = 0.0  # when everybody has gone
    found = misfits(weeks_of(rates, 12))
    assert [(hour.weekday, hour.start, hour.end) for hour in found.closed_with_demand] == [
        (day, 6, 8) for day in range(5)
    ]
    assert [(hour.weekday, hour.start, hour.end) for hour in found.open_without_demand] == [(4, 14, 18)]
    fitting = misfits(weeks_of(even(2.0), 12))
    assert fitting.closed_with_demand == fitting.open_without_demand == []
