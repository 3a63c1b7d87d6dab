"""Working days as a unit: the same time on the wall clock, so many working days away."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from levels.calendars import Calendar, CalendarSpanError
from levels.working_days import ClosedStart, OutOfHours, add_working_days
from levels.working_hours import WEEKDAYS, WorkingHours

ZURICH = ZoneInfo("Europe/Zurich")


def office(**fields: object) -> Calendar:
    weekly = {weekday: ["08:00-12:00", "13:00-17:00"] for weekday in WEEKDAYS[:5]}
    hours = WorkingHours.model_validate({"zone": "Europe/Zurich", "weekly": weekly, **fields})
    return Calendar.compile(hours, date(2026, 1, 1), date(2026, 12, 31))


def zurich(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZURICH)


def test_three_working_days_from_thursday() -> None:
    assert add_working_days(office(), zurich(3, 5, 10, 30), 3) == zurich(3, 10, 10, 30)
    assert add_working_days(office(), zurich(3, 10, 10, 30), -3) == zurich(3, 5, 10, 30)
    assert add_working_days(office(), zurich(3, 5, 10, 30), 3).tzinfo is UTC


def test_epoch_seconds_go_in_and_come_out() -> None:
    start = int(zurich(3, 5, 10).timestamp())
    assert add_working_days(office(), start, 1) == zurich(3, 6, 10).timestamp()


def test_no_days_stay_where_they_are() -> None:
    sunday = zurich(3, 8, 23)
    assert add_working_days(office(), sunday, 0, "move", "moves_first") == sunday


def test_holidays_do_not_count_and_part_days_and_extra_hours_do() -> None:
    calendar = office(
        holidays=["05-14"],
        part_days={"2026-05-15": ["08:00-10:00"], "2026-05-18": []},
        extra_hours={"2026-05-16": ["10:00-11:00"]},
    )
    wednesday = zurich(5, 13, 9)
    reached = [add_working_days(calendar, wednesday, number) for number in (1, 2, 3)]
    assert reached == [zurich(5, 15, 9), zurich(5, 16, 9), zurich(5, 19, 9)]


def test_a_break_of_the_whole_day_makes_it_no_working_day() -> None:
    calendar = office(breaks={"stocktaking": {"windows": ["00:00-24:00"], "days": ["2026-03-06"]}})
    assert add_working_days(calendar, zurich(3, 5, 10), 1) == zurich(3, 9, 10)


def test_the_wall_clock_keeps_its_time_across_a_change() -> None:
    assert add_working_days(office(), zurich(3, 27, 10), 1) == zurich(3, 30, 10)
    assert add_working_days(office(), zurich(10, 23, 10), 1) == zurich(10, 26, 10)


def test_a_time_that_the_clock_skips_is_the_first_after_the_gap() -> None:
    calendar = Calendar.compile(WorkingHours.always("Europe/Zurich"), date(2026, 3, 1), date(2026, 4, 1))
    assert add_working_days(calendar, zurich(3, 28, 2, 30), 1) == zurich(3, 29, 3)


@pytest.mark.parametrize(
    ("days", "out_of_hours", "expected"),
    [
        (1, "keep", zurich(3, 6, 19)),
        (1, "move", zurich(3, 9, 8)),
        (-1, "keep", zurich(3, 4, 19)),
        (-1, "move", zurich(3, 4, 17)),
    ],
)
def test_a_time_out_of_hours(days: int, out_of_hours: OutOfHours, expected: datetime) -> None:
    assert add_working_days(office(), zurich(3, 5, 19), days, out_of_hours) == expected


@pytest.mark.parametrize(
    ("days", "closed_start", "expected"),
    [
        (1, "next_counts", zurich(3, 9, 10)),
        (1, "moves_first", zurich(3, 10, 10)),
        (-1, "next_counts", zurich(3, 6, 10)),
        (-1, "moves_first", zurich(3, 5, 10)),
    ],
)
def test_a_start_on_a_closed_day(days: int, closed_start: ClosedStart, expected: datetime) -> None:
    assert add_working_days(office(), zurich(3, 7, 10), days, closed_start=closed_start) == expected


def test_from_one_zone_to_the_next() -> None:
    moved = {"valid_from": "2026-07-01", "zone": "America/New_York", "weekly": {"wed": ["09:00-17:00"]}}
    new_york = datetime(2026, 7, 1, 10, tzinfo=ZoneInfo("America/New_York"))
    calendar = office(changes=[moved])
    assert add_working_days(calendar, zurich(6, 30, 10), 1) == new_york
    assert add_working_days(calendar, new_york, -1) == zurich(6, 30, 10)


def test_the_end_of_the_calendar() -> None:
    with pytest.raises(CalendarSpanError, match=r"400 working days from 2026-03-05 09:00:00 UTC end outside"):
        add_working_days(office(), zurich(3, 5, 10), 400)
    with pytest.raises(CalendarSpanError):
        add_working_days(office(), datetime(2020, 1, 1, tzinfo=UTC), 1)
