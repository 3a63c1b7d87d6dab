"""Shares as an offer says them, and fixed prices over stretches of time."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from levels.costs import fixed_cost, months_between, units_between
from levels.supported_shares import share_to_offer


def day(year: int, month: int, number: int = 1) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("share", "steps", "offered"),
    [
        (0.937, 1, 0.93),
        (0.57, 1, 0.57),
        (0.9987, 10, 0.9987),
        (0.99879, 10, 0.9987),
        (0.9879, 10, 0.987),
        (0.99, 10, 0.99),
        (0.99004, 1, 0.99),
        (1.0, 10, 1.0),
        (0.0, 1, 0.0),
    ],
)
def test_a_share_is_offered_rounded_down(share: float, steps: int, offered: float) -> None:
    assert share_to_offer(share, steps) == pytest.approx(offered, abs=1e-12)


@given(some.floats(0, 1), some.sampled_from([1, 10]))
def test_no_offer_exceeds_what_is_supported(share: float, steps: int) -> None:
    offered = share_to_offer(share, steps)
    assert offered <= share + 1e-10 and share - offered < 0.01
    assert share_to_offer(offered, steps) == pytest.approx(offered)


def test_calendar_months_are_counted_whatever_their_days() -> None:
    assert months_between(day(2026, 1), day(2026, 4)) == 3
    assert months_between(day(2026, 2), day(2026, 2, 15)) == Fraction(1, 2)
    assert months_between(day(2025, 12, 17), day(2026, 1)) == Fraction(15, 31)
    assert units_between(day(2026, 1), day(2027, 1), "quarter") == 4


def test_a_fixed_price_is_for_its_share_of_the_time() -> None:
    assert fixed_cost(1200, "month", day(2026, 1), day(2026, 4)) == 3600
    assert fixed_cost(1200, "year", day(2026, 3), day(2026, 4)) == 100
    assert fixed_cost(999.99, "quarter", day(2026, 1), day(2026, 2)) == 333.33
    with pytest.raises(ValueError, match="per month, quarter, year, not per 'week'"):
        units_between(day(2026, 1), day(2026, 2), "week")  # type: ignore[arg-type]


@given(some.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=some.just(UTC)), some.data())
def test_stretches_add_up(middle: datetime, data: some.DataObject) -> None:
    start = data.draw(some.datetimes(datetime(1999, 1, 1), datetime(2000, 1, 1), timezones=some.just(UTC)))
    end = data.draw(some.datetimes(datetime(2050, 1, 1), datetime(2051, 1, 1), timezones=some.just(UTC)))
    assert months_between(start, middle) + months_between(middle, end) == months_between(start, end)


def test_a_month_of_a_zone_costs_a_month_whatever_its_clock_does() -> None:
    start, end = datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert fixed_cost(1200, "month", start, end, "Europe/Zurich") == 1200
