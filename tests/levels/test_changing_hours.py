"""Hours that change: next year's stand beside this year's and rewrite nothing."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from levels.calendars import Calendar, EmptyCalendarError
from levels.working_hours import WEEKDAYS, WorkingHours

HOUR = 3600
ZURICH = ZoneInfo("Europe/Zurich")
OFFICE = {"zone": "Europe/Zurich", "weekly": {weekday: ["08:00-18:00"] for weekday in WEEKDAYS[:5]}}
LATER = {
    "valid_from": "2027-01-01",
    "zone": "Europe/Zurich",
    "weekly": {weekday: ["07:00-19:00"] for weekday in WEEKDAYS},
}


def compiled(first: date, last: date, **fields: object) -> Calendar:
    return Calendar.compile(WorkingHours.model_validate(OFFICE | fields), first, last)


def zurich(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZURICH)


def test_last_years_figures_stay_what_they_were() -> None:
    span = date(2026, 1, 1), date(2027, 12, 31)
    before, after = compiled(*span), compiled(*span, changes=[LATER])
    new_year = zurich(2027, 1, 1)
    assert before.elapsed(before.start, new_year) == after.elapsed(after.start, new_year)
    assert before.windows(before.start, new_year).tolist() == after.windows(after.start, new_year).tolist()
    assert after.elapsed(zurich(2027, 1, 2), zurich(2027, 1, 3)) == 12 * HOUR


def test_a_budget_that_runs_across_the_change() -> None:
    calendar = compiled(date(2026, 12, 1), date(2027, 1, 31), changes=[LATER])
    assert calendar.due(zurich(2026, 12, 31, 17), 2 * HOUR) == zurich(2027, 1, 1, 8)
    assert calendar.due(zurich(2027, 1, 1, 8), -2 * HOUR) == zurich(2026, 12, 31, 17)


def test_a_night_shift_ends_under_the_hours_under_which_it_began() -> None:
    nights = {"zone": "Europe/Zurich", "weekly": {weekday: ["22:00-06:00"] for weekday in WEEKDAYS}}
    nothing = {"valid_from": "2026-06-02", "zone": "Europe/Zurich", "weekly": {}}
    hours = WorkingHours.model_validate(nights | {"breaks": {"pause": "02:00-03:00"}, "changes": [nothing]})
    calendar = Calendar.compile(hours, date(2026, 6, 1), date(2026, 6, 5))
    assert calendar.elapsed(zurich(2026, 6, 1, 12), calendar.end) == 7 * HOUR
    assert calendar.closes[-1] == zurich(2026, 6, 2, 6).timestamp()


def test_a_desk_that_moves_to_another_zone() -> None:
    moved = {"valid_from": "2026-07-01", "zone": "America/New_York", "weekly": OFFICE["weekly"]}
    calendar = compiled(date(2026, 6, 1), date(2026, 7, 31), changes=[moved])
    new_york = ZoneInfo("America/New_York")
    assert calendar.due(zurich(2026, 6, 30, 17), 2 * HOUR) == datetime(2026, 7, 1, 9, tzinfo=new_york)
    assert calendar.end == datetime(2026, 8, 1, tzinfo=new_york).timestamp()


def test_several_changes_in_any_order() -> None:
    shut = {"valid_from": "2026-03-01", "zone": "Europe/Zurich", "weekly": {}}
    calendar = compiled(date(2026, 1, 1), date(2027, 1, 7), changes=[LATER, shut])
    assert [str(change.valid_from) for change in calendar.hours.changes] == ["2026-03-01", "2027-01-01"]
    assert calendar.elapsed(zurich(2026, 3, 1), zurich(2027, 1, 1)) == 0
    assert calendar.due(zurich(2026, 2, 27, 17), 2 * HOUR) == zurich(2027, 1, 1, 8)


def test_a_calendar_compiled_within_one_period_only_knows_it() -> None:
    calendar = compiled(date(2027, 2, 1), date(2027, 2, 7), changes=[LATER])
    assert calendar.total == 7 * 12 * HOUR
    assert compiled(date(2026, 2, 2), date(2026, 2, 8), changes=[LATER]).total == 50 * HOUR


class TestAnEmptyCalendar:
    """A span without a working second is refused, or closed by policy."""

    span = date(2026, 3, 7), date(2026, 3, 8)
    hours = WorkingHours.model_validate(OFFICE)

    def test_is_refused(self) -> None:
        with pytest.raises(EmptyCalendarError, match="no working hours from 2026-03-07 to 2026-03-08"):
            Calendar.compile(self.hours, *self.span)

    def test_or_no_time_elapses_on_it_and_nothing_is_due(self) -> None:
        calendar = Calendar.compile(self.hours, *self.span, empty="closed")
        saturday = zurich(2026, 3, 7, 10)
        assert calendar.elapsed(saturday, saturday + timedelta(hours=5)) == calendar.total == 0
        assert calendar.windows(calendar.start, calendar.end).shape == (0, 2)
        assert calendar.due(saturday, 0) == saturday
        with pytest.raises(EmptyCalendarError, match="Nothing is ever due"):
            calendar.due(saturday, 1)
