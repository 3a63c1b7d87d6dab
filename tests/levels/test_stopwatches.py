"""Stopwatches: consumed working time of many tickets at once, and the outcomes that follow from it."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from levels.calendars import Calendar, CalendarSpanError
from levels.stopwatches import Outcome, Pauses, Tally, outcomes, tally, working_seconds
from levels.working_hours import WEEKDAYS, WorkingHours

HOUR = 3600
OFFICE = Calendar.compile(
    WorkingHours(zone="UTC", weekly={weekday: ["08:00-12:00", "13:00-17:00"] for weekday in WEEKDAYS[:5]}),
    date(2026, 3, 1),
    date(2026, 3, 31),
)


def march(day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(2026, 3, day, hour, minute, tzinfo=UTC).timestamp())


def consumed(start: int, stop: int, *pauses: tuple[int, int]) -> float:
    """One ticket's consumed time, in hours."""
    table = Pauses(
        np.zeros(len(pauses), np.int64),
        np.array([begin for begin, _ in pauses], np.int64),
        np.array([end for _, end in pauses], np.int64),
    )
    return int(working_seconds(OFFICE, np.array([start]), np.array([stop]), table)[0]) / HOUR


def test_a_ticket_without_a_pause_consumes_working_time() -> None:
    assert consumed(march(6, 16), march(9, 10)) == 3


def test_waiting_for_the_customer_does_not_count() -> None:
    assert consumed(march(6, 9), march(6, 17), (march(6, 10), march(6, 14))) == 4


def test_overlapping_pauses_count_once() -> None:
    long, inside, across = (
        (march(6, 9), march(6, 11)),
        (march(6, 10), march(6, 10, 30)),
        (march(6, 10), march(6, 12)),
    )
    assert consumed(march(6, 8), march(6, 17), across, long, inside) == 5


def test_only_what_lies_between_start_and_stop_is_paused() -> None:
    assert consumed(march(6, 10), march(6, 12), (march(1), march(6, 11)), (march(9), march(10))) == 1


def test_pauses_reach_beyond_the_calendar_and_tickets_do_not() -> None:
    assert consumed(march(6, 10), march(6, 12), (0, 2**40)) == 0
    with pytest.raises(CalendarSpanError):
        consumed(march(6, 10), march(6, 12) + 365 * 86_400)


def test_a_pause_that_ends_before_it_starts_and_a_ticket_that_stops_before_it_starts_count_nothing() -> None:
    assert consumed(march(6, 8), march(6, 12), (march(6, 11), march(6, 9))) == 4
    assert consumed(march(6, 12), march(6, 8), (march(6, 9), march(6, 10))) == 0


def test_a_pause_of_a_ticket_that_is_not_there_is_refused() -> None:
    stray = Pauses(np.array([1]), np.array([march(6)]), np.array([march(7)]))
    with pytest.raises(ValueError, match="outside 0 to 0"):
        working_seconds(OFFICE, np.array([march(6)]), np.array([march(7)]), stray)
    with pytest.raises(ValueError, match="a start and an end each"):
        Pauses(np.array([0]), np.array([march(6)]), np.array([march(7), march(8)]))


def test_no_tickets_no_time() -> None:
    nothing = np.empty(0, np.int64)
    assert working_seconds(OFFICE, nothing, nothing, Pauses.none()).shape == (0,)


minute_of_week = st.integers(0, 7 * 24 * 60)


@settings(max_examples=60, deadline=None)
@given(
    tickets=st.lists(st.tuples(minute_of_week, minute_of_week).map(sorted), min_size=1, max_size=5),
    rows=st.lists(st.tuples(st.integers(0, 4), minute_of_week, minute_of_week), max_size=12),
)
def test_many_tickets_agree_with_counting_minute_by_minute(
    tickets: list[list[int]], rows: list[tuple[int, int, int]]
) -> None:
    rows = [row for row in rows if row[0] < len(tickets)]
    zero = march(2)
    minutes = np.arange(7 * 24 * 60)
    working = OFFICE.elapsed(zero + minutes * 60, zero + minutes * 60 + 60) == 60
    expected = []
    for number, (start, stop) in enumerate(tickets):
        running = working & (minutes >= start) & (minutes < stop)
        for ticket, begin, end in rows:
            if ticket == number:
                running &= ~((minutes >= begin) & (minutes < end))
        expected.append(60 * int(running.sum()))
    table = np.array(rows, np.int64).reshape(-1, 3)
    result = working_seconds(
        OFFICE,
        np.array([zero + 60 * start for start, _ in tickets]),
        np.array([zero + 60 * stop for _, stop in tickets]),
        Pauses(table[:, 0], zero + 60 * table[:, 1], zero + 60 * table[:, 2]),
    )
    assert result.tolist() == expected


def test_outcomes_and_their_tally() -> None:
    used = np.array([8 * HOUR, 8 * HOUR + 1, 9 * HOUR, 8 * HOUR, 0])
    stopped = np.array([True, True, False, False, True])
    codes = outcomes(used, stopped, 8 * HOUR)
    assert codes.dtype == np.int8
    assert [Outcome(code).name for code in codes] == ["HIT", "MISS", "MISS", "UNDECIDED", "HIT"]
    assert tally(codes) == Tally(known=4, hits=2, undecided=1)


def test_each_ticket_may_have_a_threshold_of_its_own() -> None:
    codes = outcomes(np.array([10, 10]), np.array([True, True]), np.array([9, 10]))
    assert codes.tolist() == [Outcome.MISS, Outcome.HIT]
    assert tally(codes[:0]) == Tally(0, 0, 0)
