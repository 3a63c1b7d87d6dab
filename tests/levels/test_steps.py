"""Steps of the work, the recording of evidence, and weekdays that keep a promise otherwise."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from levels.calendars import Calendar
from levels.demand import demand
from levels.recording import in_bulk, longest_gap
from levels.steps import Stays, quantile, quantile_or_open, step_times
from levels.weekday_standards import weekday_shares
from levels.working_hours import WorkingHours

MONDAY = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
DAY = 86_400
OFFICE = Calendar.compile(
    WorkingHours(zone="UTC", weekly={day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}),
    date(2026, 1, 1),
    date(2026, 12, 31),
)


def stays(*rows: tuple[int, int, int, bool]) -> Stays:
    """Rows of ticket, step, seconds, effective."""
    ticket, step, seconds, effective = zip(*rows, strict=True)
    return Stays(np.array(ticket), np.array(step), np.array(seconds), np.array(effective))


def test_the_time_of_a_step_is_what_its_tickets_spend_in_it_altogether():
    first, back = step_times(
        stays((0, 0, 600, True), (0, 1, 3_600, False), (0, 0, 300, False), (1, 0, 100, True)),
        ["first", "back"],
    )
    assert (first.tickets, first.total_s, first.median_s, first.p90_s) == (2, 1_000, 100, 900)
    assert first.effective_share == pytest.approx(0.7) and first.share == pytest.approx(1_000 / 4_600)
    assert (back.tickets, back.effective_share, back.delayed) == (1, 0, 0)


def test_delayed_is_more_than_twice_the_median_and_a_quarter_of_an_hour():
    times = [600, 600, 600, 901, 1_199, 1_201, 5_000]
    (step,) = step_times(stays(*((n, 0, s, True) for n, s in enumerate(times))), ["desk"])
    assert step.median_s == 901 and step.delayed == 1
    (quick,) = step_times(stays(*((n, 0, s, True) for n, s in enumerate([0, 0, 0, 899, 901]))), ["desk"])
    assert (quick.median_s, quick.delayed) == (0, 1)


def test_a_step_nobody_goes_through_takes_nothing_and_a_nameless_one_is_refused():
    (_, unused) = step_times(stays((0, 0, 1, True)), ["desk", "supplier"])
    assert (unused.tickets, unused.median_s, unused.share, unused.delayed) == (0, 0, 0, 0)
    with pytest.raises(ValueError, match="outside 0 to 0"):
        step_times(stays((0, 1, 1, True)), ["desk"])


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 2), st.integers(0, 10**6), st.booleans()), min_size=1
    )
)
def test_no_second_is_lost_between_the_steps(rows: list[tuple[int, int, int, bool]]):
    found = step_times(stays(*rows), ["a", "b", "c"])
    assert sum(step.total_s for step in found) == sum(row[2] for row in rows)
    for step in found:
        assert step.median_s <= step.p90_s <= step.p99_s
        assert 0 <= step.effective_share <= 1 and 2 * step.delayed <= step.tickets + 1


def test_a_quantile_is_a_time_that_occurred_and_open_tickets_are_the_slowest():
    seconds = np.array([10, 20, 30, 40])
    assert (quantile(seconds, 0.5), quantile(seconds, 0.9), quantile(np.array([], np.int64), 0.5)) == (
        20,
        40,
        0,
    )
    stopped = np.array([True, True, True, False])
    assert quantile_or_open(seconds, stopped, 0.75) == 30
    assert quantile_or_open(seconds, stopped, 0.9) is None
    assert quantile_or_open(np.array([], np.int64), np.array([], np.bool_), 0.5) is None


def on_days(*days: int, each: int = 10) -> np.ndarray:
    return np.array([MONDAY + day * DAY + 10 * 3_600 + n for day in sorted(days) for n in range(each)])


def test_a_week_without_a_ticket_is_a_gap_that_chance_does_not_explain():
    working = [day for day in range(28) if day % 7 < 5]
    gap = longest_gap(
        demand(on_days(*(day for day in working if day // 7 != 2)), OFFICE, MONDAY, MONDAY + 28 * DAY)
    )
    assert gap is not None
    assert (gap.first - MONDAY // DAY, gap.last - MONDAY // DAY, gap.days) == (14, 18, 5)
    assert gap.improbable and not gap.at_start and gap.expected == pytest.approx(50)
    assert longest_gap(demand(on_days(*working), OFFICE, MONDAY, MONDAY + 28 * DAY)) is None


def test_days_without_a_rare_ticket_are_no_gap_to_worry_about():
    gap = longest_gap(demand(on_days(1, 9, 18, each=1), OFFICE, MONDAY, MONDAY + 28 * DAY))
    assert gap is not None and gap.days >= 5 and not gap.improbable


def test_many_entries_at_one_instant_are_in_bulk_and_a_busy_minute_is_not():
    spread = np.arange(300) * 1_800 + MONDAY
    assert in_bulk(spread, 600 * 3_600) is None
    found = in_bulk(np.append(spread, np.full(40, MONDAY + 7_201)), 600 * 3_600)
    assert found is not None and (found.entries, found.most, found.at) == (40, 40, MONDAY + 7_201)
    # a hundred thousand entries to the minute in 100 hours: sixteen a minute are nothing special
    busy = np.random.default_rng(1).integers(0, 6_000, 100_000) * 60
    assert in_bulk(busy, 6_000 * 60) is None
    assert in_bulk(np.array([], np.int64), 3_600) is None


def test_a_weekday_that_always_does_worse_differs_and_one_bad_day_does_not():
    dates = np.repeat(np.arange(84) + MONDAY // DAY, 10)
    weekday = (dates + 3) % 7
    hit = np.ones(len(dates), np.bool_)
    hit[(weekday == 0) & (np.arange(len(dates)) % 10 < 4)] = False
    shares = weekday_shares(dates, hit)
    assert [day.weekday for day in shares if day.differs] == [0]
    assert (shares[0].known, shares[0].hits, shares[0].others_known) == (120, 72, 720)

    burst = np.concatenate((dates, np.full(60, MONDAY // DAY + 16)))
    missed = np.concatenate((np.ones(len(dates), np.bool_), np.zeros(60, np.bool_)))
    compared = weekday_shares(burst, missed)
    assert compared[2].known - compared[2].hits == 60
    assert not any(day.differs for day in compared)
    # nor where that bad day is nearly all there is of its weekday
    rare = np.isin(weekday, (0, 2)) & (np.arange(len(dates)) % 10 > 0)
    few = np.append(~rare, np.ones(60, np.bool_))
    assert not any(day.differs for day in weekday_shares(burst[few], missed[few]))


def test_weekdays_without_tickets_compare_with_nothing():
    rows = weekday_shares(np.array([MONDAY // DAY]), np.array([True]))
    assert [row.known for row in rows] == [1, 0, 0, 0, 0, 0, 0]
    assert all(row.p_value == 1 and not row.differs for row in rows)
