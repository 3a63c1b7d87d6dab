"""What users of other systems suffered from with calendars, zones and daylight saving.

It must not happen here. Each test is named after the system and the number of its thread.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from levels.calendars import Calendar
from levels.stopwatches import Pauses, working_seconds
from levels.working_hours import WEEKDAYS, WorkingHours

HOUR = 3600
ZURICH = ZoneInfo("Europe/Zurich")
OFFICE = ["08:00-17:00"]


def compiled(
    zone: str = "Europe/Zurich", days: tuple[str, ...] = WEEKDAYS[:5], year: int = 2026, **fields: object
) -> Calendar:
    weekly = dict.fromkeys(days, OFFICE)
    hours = WorkingHours.model_validate({"zone": zone, "weekly": weekly} | fields)
    return Calendar.compile(hours, date(year, 1, 1), date(year, 12, 31))


def zurich(month: int, day: int, hour: int = 0, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZURICH, fold=fold)


def test_osticket_6739_any_set_of_weekdays_is_a_week() -> None:
    monday = zurich(3, 2)
    for size in range(1, 8):
        for days in combinations(WEEKDAYS, size):
            calendar = compiled(days=days)
            assert calendar.elapsed(monday, monday + timedelta(days=7)) == size * 9 * HOUR
            assert calendar.due(monday, size * 9 * HOUR + 1) > monday + timedelta(days=7)


def test_osticket_1168_only_business_hours_count() -> None:
    assert compiled().due(zurich(3, 6, 16), 4 * HOUR) == zurich(3, 9, 11)


def test_zammad_3180_round_the_clock_is_open_at_midnight() -> None:
    calendar = Calendar.compile(WorkingHours.always("Europe/Zurich"), date(2026, 1, 1), date(2026, 12, 31))
    minutes = np.arange(calendar.start, calendar.end, 60)
    assert (calendar.elapsed(minutes, minutes + 60) == 60).all()
    assert calendar.due(zurich(3, 2, 23, 59), 120) == zurich(3, 3, 0, 1)


def test_zammad_390_there_are_no_holidays_but_those_that_were_named() -> None:
    plain, swiss = compiled(), compiled(country="CH", subdivision="ZH")
    thursday = zurich(4, 2)
    assert plain.due(thursday, 4 * 9 * HOUR) == zurich(4, 7, 17)
    assert swiss.due(thursday, 4 * 9 * HOUR) == zurich(4, 9, 17)
    assert swiss.hours.holiday_on(date(2026, 4, 3)) == "Good Friday"


def test_glpi_22678_an_hour_before_the_deadline_is_an_hour_of_work_before_it() -> None:
    calendar = compiled(breaks={"lunch": "12:00-13:00"})
    due = calendar.due(zurich(3, 6, 16), 2 * HOUR)
    assert due == zurich(3, 9, 9)
    assert calendar.due(due, -HOUR) == zurich(3, 9, 8)
    assert calendar.due(due, -HOUR - 1) == zurich(3, 6, 17) - timedelta(seconds=1)
    assert calendar.due(zurich(3, 9, 13, 30), -HOUR) == zurich(3, 9, 11, 30)


@pytest.mark.parametrize("hour", [0, 7, 8, 12, 17, 23])
@pytest.mark.parametrize("day", [6, 7, 8, 9])
def test_glpi_15429_no_ticket_is_late_when_it_is_created(day: int, hour: int) -> None:
    calendar = compiled(days=("mon", "wed"))
    opened = zurich(3, day, hour)
    for budget in (1, HOUR, 9 * HOUR, 30 * HOUR):
        due = calendar.due(opened, budget)
        assert due > opened
        assert calendar.elapsed(opened, due) == budget


def test_frappe_2212_chatwoot_9798_several_windows_a_day() -> None:
    split = {weekday: ["08:00-11:30", "13:15-17:00", "19:00-21:00"] for weekday in WEEKDAYS[:5]}
    calendar = compiled(weekly=split)
    assert calendar.elapsed(zurich(3, 6), zurich(3, 7)) == 9.25 * HOUR
    assert calendar.due(zurich(3, 6, 11), HOUR) == zurich(3, 6, 13, 45)


def test_zammad_1002_each_customer_has_a_calendar_of_its_own() -> None:
    opened = datetime(2026, 3, 6, 14, tzinfo=UTC)
    due = {
        zone: compiled(zone).due(opened, 4 * HOUR)
        for zone in ("Europe/Zurich", "America/New_York", "Asia/Kolkata")
    }
    assert due == {
        "Europe/Zurich": zurich(3, 9, 10),
        "America/New_York": datetime(2026, 3, 6, 13, tzinfo=ZoneInfo("America/New_York")),
        "Asia/Kolkata": datetime(2026, 3, 9, 12, tzinfo=ZoneInfo("Asia/Kolkata")),
    }


@pytest.mark.parametrize("zone", ["Australia/Brisbane", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"])
def test_odoo_18166_half_an_hour_is_half_an_hour_in_every_zone(zone: str) -> None:
    start = datetime(2026, 3, 4, 9, tzinfo=ZoneInfo(zone))
    assert compiled(zone).elapsed(start, start + timedelta(minutes=30)) == HOUR / 2
    assert compiled(zone).due(start, HOUR // 2) == start + timedelta(minutes=30)


def test_erpnext_38745_an_instant_is_the_same_in_whatever_zone_it_is_written() -> None:
    calendar, opened = compiled(), zurich(3, 4, 9)
    written = [opened.astimezone(ZoneInfo(zone)) for zone in ("UTC", "Asia/Kolkata", "Pacific/Auckland")]
    assert {calendar.due(each, HOUR) for each in written} == {zurich(3, 4, 10)}
    with pytest.raises(ValueError, match="has no time zone"):
        calendar.due(datetime(2026, 3, 4, 9), HOUR)


def test_dbt_zendesk_25_history_is_read_with_the_offset_of_its_time() -> None:
    calendar = compiled()
    winter, summer = datetime(2026, 1, 14, 7, tzinfo=UTC), datetime(2026, 7, 14, 6, tzinfo=UTC)
    for opening in (winter, summer):
        assert calendar.elapsed(opening - timedelta(hours=1), opening) == 0
        assert calendar.elapsed(opening, opening + timedelta(hours=1)) == HOUR


def test_moment_58_an_hour_later_is_later_on_the_night_when_clocks_go_back() -> None:
    calendar = Calendar.compile(WorkingHours.always("Europe/Zurich"), date(2026, 10, 1), date(2026, 10, 31))
    first_half_past_two = zurich(10, 25, 2, 30)
    later = calendar.due(first_half_past_two, HOUR)
    assert later == zurich(10, 25, 2, 30, fold=1).astimezone(UTC)
    assert later - first_half_past_two.astimezone(UTC) == timedelta(hours=1)


def test_glpi_10594_a_pause_across_the_weekend_takes_no_more_than_its_working_time() -> None:
    def at(moment: datetime) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([int(moment.timestamp())])

    pauses = Pauses(np.array([0]), at(zurich(3, 6, 16)), at(zurich(3, 9, 9)))
    consumed = working_seconds(compiled(), at(zurich(3, 6, 15)), at(zurich(3, 9, 10)), pauses)
    assert consumed.tolist() == [2 * HOUR]


@pytest.mark.parametrize(("friday", "monday"), [((3, 27), (3, 30)), ((10, 23), (10, 26))])
def test_friday_to_monday_across_both_changes(friday: tuple[int, int], monday: tuple[int, int]) -> None:
    calendar = compiled()
    assert calendar.elapsed(zurich(*friday, 16), zurich(*monday, 9)) == 2 * HOUR
    assert calendar.due(zurich(*friday, 16), 2 * HOUR) == zurich(*monday, 9)
    assert calendar.due(zurich(*monday, 9), -2 * HOUR) == zurich(*friday, 16)


def test_a_part_day_before_a_holiday() -> None:
    calendar = compiled(holidays=["12-25", "12-26"], part_days={"12-24": ["08:00-12:00"]})
    assert calendar.due(zurich(12, 24, 11), 2 * HOUR) == zurich(12, 28, 9)
