"""The compiled calendar, scene by scene: ordinary weeks, odd zones, and the nights on which clocks change."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from levels.calendars import Calendar, CalendarSpanError, EmptyCalendarError
from levels.working_hours import WEEKDAYS, WorkingHours

HOUR = 3600
ZURICH = ZoneInfo("Europe/Zurich")


def open_daily(zone: str, *windows: str) -> WorkingHours:
    return WorkingHours(zone=zone, weekly={weekday: list(windows) for weekday in WEEKDAYS})


def office(zone: str = "Europe/Zurich", **dates: object) -> WorkingHours:
    """Monday to Friday, eight to twelve and one to five."""
    weekly = {weekday: ["08:00-12:00", "13:00-17:00"] for weekday in WEEKDAYS[:5]}
    return WorkingHours.model_validate({"zone": zone, "weekly": weekly, **dates})


def compiled(hours: WorkingHours, year: int = 2026) -> Calendar:
    return Calendar.compile(hours, date(year, 1, 1), date(year, 12, 31))


def zurich(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZURICH)


def hours_on(zone: str, day: date, *windows: str) -> float:
    """Working hours of one local day, among others that open in the same windows."""
    tomorrow = day + timedelta(days=1)
    calendar = Calendar.compile(open_daily(zone, *windows), day - timedelta(days=1), tomorrow)
    start, end = (datetime(*each.timetuple()[:3], tzinfo=ZoneInfo(zone)) for each in (day, tomorrow))
    return calendar.elapsed(start, end) / HOUR


def test_a_ticket_from_friday_evening_is_due_on_monday() -> None:
    calendar = compiled(office())
    friday = zurich(3, 6, 16)
    assert calendar.due(friday, 8 * HOUR) == zurich(3, 9, 16)
    assert calendar.elapsed(friday, zurich(3, 9, 9)) == 2 * HOUR
    assert calendar.due(friday, 8 * HOUR).tzinfo is UTC


def test_lunch_does_not_count() -> None:
    calendar = compiled(office())
    assert calendar.elapsed(zurich(3, 6, 11, 30), zurich(3, 6, 13, 30)) == HOUR
    assert calendar.elapsed(zurich(3, 6, 12), zurich(3, 6, 13)) == 0


def test_holidays_part_days_and_extra_hours() -> None:
    calendar = compiled(
        office(
            holidays=["2026-05-01", "2026-05-14"],
            part_days={"2026-05-13": ["08:00-11:00"]},
            extra_hours={"2026-05-14": ["09:00-10:00"], "2026-05-16": ["10:00-12:00"]},
        )
    )
    assert calendar.elapsed(zurich(5, 1), zurich(5, 2)) == 0
    assert calendar.elapsed(zurich(5, 13), zurich(5, 14)) == 3 * HOUR
    assert calendar.elapsed(zurich(5, 14), zurich(5, 15)) == HOUR
    assert calendar.elapsed(zurich(5, 16), zurich(5, 17)) == 2 * HOUR


def test_a_night_shift_belongs_to_the_evening_on_which_it_starts() -> None:
    calendar = compiled(
        WorkingHours(
            zone="Europe/Zurich",
            weekly={"wed": ["22:00-06:00"], "thu": ["22:00-06:00"]},
            holidays=[date(2026, 5, 14)],
        )
    )
    assert calendar.elapsed(zurich(5, 13, 12), zurich(5, 14, 12)) == 8 * HOUR
    assert calendar.elapsed(zurich(5, 14, 12), zurich(5, 15, 12)) == 0


def test_the_evening_before_the_span_is_still_open_after_midnight() -> None:
    calendar = Calendar.compile(open_daily("UTC", "22:00-06:00"), date(2026, 1, 1), date(2026, 1, 1))
    windows = calendar.windows(calendar.start, calendar.end) - calendar.start
    assert windows.tolist() == [[0, 6 * HOUR], [22 * HOUR, 24 * HOUR]]


def test_around_the_clock_is_one_window_without_a_seam_at_midnight() -> None:
    calendar = compiled(WorkingHours.always("America/New_York"))
    assert calendar.opens.size == 1
    assert calendar.elapsed(calendar.start, calendar.end) == calendar.end - calendar.start == 365 * 24 * HOUR
    midnight = datetime(2026, 7, 1, tzinfo=ZoneInfo("America/New_York"))
    assert calendar.due(midnight, 1) == midnight + timedelta(seconds=1)
    assert calendar.due(midnight, 0, "next_open", "next_open") == midnight


def test_overlapping_and_touching_windows_are_united() -> None:
    assert hours_on("UTC", date(2026, 1, 1), "08:00-12:00", "11:00-14:00", "14:00-15:00") == 7


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Europe/Zurich", date(2026, 3, 29), 23),
        ("Europe/Zurich", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("America/Havana", date(2026, 3, 8), 23),
        ("America/Havana", date(2026, 11, 1), 25),
        ("America/Santiago", date(2026, 4, 4), 25),
        ("America/Santiago", date(2026, 9, 6), 23),
        ("Asia/Kolkata", date(2026, 3, 29), 24),
        ("Pacific/Chatham", date(2026, 9, 27), 23),
    ],
)
def test_real_elapsed_hours_count_on_the_days_of_the_change(zone: str, day: date, expected: float) -> None:
    assert hours_on(zone, day, "00:00-24:00") == expected
    assert hours_on(zone, day, "12:00-18:00") == 6
    assert hours_on(zone, day - timedelta(days=1), "12:00-18:00") == 6


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        (["02:00-03:00"], 0),
        (["02:15-02:45"], 0),
        (["01:00-02:30"], 1),
        (["02:30-04:00"], 1),
        (["01:00-02:30", "02:30-04:00"], 2),
    ],
)
def test_hours_that_the_clock_skips_are_not_worked(windows: list[str], expected: float) -> None:
    assert hours_on("Europe/Zurich", date(2026, 3, 29), *windows) == expected


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        (["02:00-03:00"], 2),
        (["02:15-02:45"], 0.5),
        (["01:00-02:30"], 1.5),
        (["02:30-04:00"], 2.5),
        (["01:00-02:30", "02:30-04:00"], 4),
    ],
)
def test_an_edge_that_occurs_twice_is_its_first_occurrence(windows: list[str], expected: float) -> None:
    assert hours_on("Europe/Zurich", date(2026, 10, 25), *windows) == expected


def test_a_day_that_a_zone_skipped_has_no_hours() -> None:
    hours = open_daily("Pacific/Apia", "00:00-24:00")
    calendar = Calendar.compile(hours, date(2011, 12, 29), date(2011, 12, 31))
    assert calendar.elapsed(calendar.start, calendar.end) == 48 * HOUR
    with pytest.raises(EmptyCalendarError):
        Calendar.compile(hours, date(2011, 12, 30), date(2011, 12, 30))


def test_a_half_hour_zone_opens_on_the_half_hour() -> None:
    calendar = compiled(open_daily("Asia/Kolkata", "09:00-17:00"))
    assert calendar.due(datetime(2026, 2, 1, tzinfo=UTC), HOUR) == datetime(2026, 2, 1, 4, 30, tzinfo=UTC)


class TestPolicies:
    """What the libraries of this field disagree about is chosen by name."""

    calendar = compiled(office())
    noon = zurich(3, 6, 12)

    def test_a_reversed_interval(self) -> None:
        assert self.calendar.elapsed(zurich(3, 6, 10), zurich(3, 6, 9)) == -HOUR
        assert self.calendar.elapsed(zurich(3, 6, 10), zurich(3, 6, 9), reversed_interval="zero") == 0

    def test_a_budget_that_ends_at_closing_time(self) -> None:
        assert self.calendar.due(zurich(3, 6, 15), 2 * HOUR) == zurich(3, 6, 17)
        assert self.calendar.due(zurich(3, 6, 15), 2 * HOUR, at_close="next_open") == zurich(3, 9, 8)

    def test_a_budget_of_zero_outside_working_hours(self) -> None:
        assert self.calendar.due(self.noon, 0) == self.noon
        assert self.calendar.due(self.noon, 0, zero_budget="next_open") == zurich(3, 6, 13)
        assert self.calendar.due(zurich(3, 6, 9), 0, zero_budget="next_open") == zurich(3, 6, 9)

    def test_a_budget_that_counts_backwards_ends_at_an_opening(self) -> None:
        assert self.calendar.due(zurich(3, 9, 9), -HOUR) == zurich(3, 9, 8)
        assert self.calendar.due(zurich(3, 9, 9), -2 * HOUR) == zurich(3, 6, 16)
        assert self.calendar.due(zurich(3, 9, 9), -HOUR, at_close="next_open") == zurich(3, 9, 8)


class TestArrays:
    """Arrays of epoch seconds go in and come out, broadcast like any NumPy arithmetic."""

    calendar = compiled(office())

    def test_arrays_agree_with_scalars(self) -> None:
        starts = np.arange(self.calendar.start, self.calendar.start + 40 * 24 * HOUR, 5003)
        budgets = np.array([[0], [1], [4 * HOUR], [100 * HOUR]])
        due = self.calendar.due(starts, budgets)
        assert due.shape == (4, starts.size) and due.dtype == np.int64
        assert due.tolist() == [[self.calendar.due(int(s), int(b)) for s in starts] for (b,) in budgets]
        elapsed = self.calendar.elapsed(starts, due)
        assert elapsed.dtype == np.int64
        assert (elapsed == budgets).all()

    def test_a_datetime_broadcasts_against_an_array(self) -> None:
        moments = np.array([zurich(3, 6, hour).timestamp() for hour in (9, 10, 11)])
        assert self.calendar.elapsed(zurich(3, 6, 8), moments).tolist() == [HOUR, 2 * HOUR, 3 * HOUR]
        budgets = np.array([HOUR, 2 * HOUR])
        assert self.calendar.due(zurich(3, 6, 8), budgets).tolist() == moments[:2].tolist()

    def test_scalars_come_back_as_plain_integers(self) -> None:
        start = zurich(3, 6, 9).timestamp()
        assert type(self.calendar.elapsed(start, start + 0.9)) is int
        assert type(self.calendar.due(np.float64(start), 60)) is int

    @pytest.mark.parametrize("windows", [1, 3, 400])
    def test_many_windows_on_one_day_of_many_years(self, windows: int) -> None:
        busy = [
            f"{m // 60:02d}:{m % 60:02d}-{m // 60:02d}:{m % 60:02d}:30" for m in range(600, 600 + windows)
        ]
        hours = WorkingHours(
            zone="UTC", weekly={"mon": ["09:00-10:00"]}, extra_hours={date(2020, 5, 5): busy}
        )
        calendar = Calendar.compile(hours, date(2010, 1, 1), date(2029, 12, 31))
        around = np.arange(datetime(2020, 5, 5, 9, tzinfo=UTC).timestamp(), calendar.start + 4e8, 7).astype(
            np.int64
        )
        anywhere = np.linspace(calendar.start, calendar.end, 20_000).astype(np.int64)
        for moments in (around[:5000], anywhere, calendar.opens, calendar.closes, calendar.opens - 1):
            before = np.searchsorted(calendar.opens, moments, side="right")
            begun = np.append(0, calendar.worked)[before]
            left = np.maximum(np.append(0, calendar.closes)[before] - moments, 0)
            assert (calendar.position(moments) == begun - left).all()

    def test_nothing_in_nothing_out(self) -> None:
        nothing = np.empty(0, np.int64)
        assert self.calendar.elapsed(nothing, nothing).size == self.calendar.due(nothing, nothing).size == 0


def test_windows_are_cut_to_the_interval_asked_for() -> None:
    calendar = compiled(office())
    windows = calendar.windows(zurich(3, 6, 9), zurich(3, 6, 14))
    expected = [(zurich(3, 6, 9), zurich(3, 6, 12)), (zurich(3, 6, 13), zurich(3, 6, 14))]
    assert windows.tolist() == [[opening.timestamp(), closing.timestamp()] for opening, closing in expected]
    assert calendar.windows(zurich(3, 7), zurich(3, 8)).shape == (0, 2)
    assert calendar.windows(zurich(3, 6, 14), zurich(3, 6, 9)).shape == (0, 2)
    assert calendar.windows(zurich(3, 6, 10), zurich(3, 6, 10)).shape == (0, 2)


class TestRefusals:
    """Whatever cannot be answered is refused in one line."""

    calendar = compiled(office("UTC"))

    def test_an_instant_outside_the_span(self) -> None:
        with pytest.raises(CalendarSpanError) as refused:
            self.calendar.elapsed(datetime(2026, 3, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC))
        assert str(refused.value) == (
            "2027-03-01 00:00:00 UTC lies outside the compiled calendar, "
            "2026-01-01 00:00:00 UTC to 2027-01-01 00:00:00 UTC."
        )

    def test_milliseconds_given_by_mistake(self) -> None:
        with pytest.raises(CalendarSpanError, match="1770000000000 s after 1970"):
            self.calendar.position(1_770_000_000_000)

    @pytest.mark.parametrize("budget", [10**9, -(10**9)])
    def test_a_due_time_outside_the_span(self, budget: int) -> None:
        with pytest.raises(
            CalendarSpanError, match=f"^{budget} working seconds from 2026-03-02 00:00:00 UTC end"
        ):
            self.calendar.due(datetime(2026, 3, 2, tzinfo=UTC), budget)

    def test_the_last_closing_has_no_next_opening(self) -> None:
        last = datetime(2026, 12, 31, 16, tzinfo=UTC)
        assert self.calendar.due(last, HOUR) == last + timedelta(hours=1)
        with pytest.raises(CalendarSpanError):
            self.calendar.due(last, HOUR, at_close="next_open")

    def test_a_naive_datetime(self) -> None:
        with pytest.raises(ValueError, match="has no time zone"):
            self.calendar.position(datetime(2026, 3, 1))

    @pytest.mark.parametrize("number", [np.nan, np.inf, -1e300])
    def test_a_number_that_is_none(self, number: float) -> None:
        with pytest.raises(ValueError, match="not finite, or too large"):
            self.calendar.position(np.array([number]))
        with pytest.raises(ValueError, match="not finite, or too large"):
            self.calendar.due(self.calendar.start, number)

    def test_a_span_that_ends_before_it_starts(self) -> None:
        with pytest.raises(
            CalendarSpanError, match="cannot end on 2025-01-01, before it starts on 2026-01-01"
        ):
            Calendar.compile(office(), date(2026, 1, 1), date(2025, 1, 1))

    def test_a_calendar_without_a_working_second(self) -> None:
        with pytest.raises(EmptyCalendarError, match="no working hours from 2026-03-07 to 2026-03-08"):
            Calendar.compile(office(), date(2026, 3, 7), date(2026, 3, 8))


def test_twenty_years_compile_in_a_blink() -> None:
    begun = time.process_time()
    calendar = Calendar.compile(office(), date(2010, 1, 1), date(2029, 12, 31))
    assert time.process_time() - begun < 0.3
    assert calendar.opens.size == 2 * 5217
