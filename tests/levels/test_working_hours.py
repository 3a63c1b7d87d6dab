"""The specification of a calendar: what one may write, and what it says to what one may not."""

from datetime import date

import pytest
from pydantic import ValidationError

from levels.windows import window_seconds
from levels.working_hours import WEEKDAYS, WorkingHours


def sentence(error: ValidationError) -> str:
    """The one message a person would be shown."""
    assert error.error_count() == 1
    return error.errors()[0]["msg"].removeprefix("Value error, ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08:00-18:00", (8 * 3600, 18 * 3600)),
        ("8:00 - 18:00", (8 * 3600, 18 * 3600)),
        ("22:00-06:00", (22 * 3600, 30 * 3600)),
        ("00:00-24:00", (0, 86_400)),
        ("22:00-00:00", (22 * 3600, 86_400)),
        ("07:30:15-07:30:45", (27_015, 27_045)),
    ],
)
def test_a_window_is_read_as_seconds_after_midnight(text: str, expected: tuple[int, int]) -> None:
    assert window_seconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "8-18", "08:00", "25:00-26:00", "08:60-09:00", "24:00-06:00", "24:01-06:00"]
)
def test_what_is_no_window_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        WorkingHours(zone="UTC", weekly={"mon": [text]})
    assert sentence(refused.value).startswith(f"'{text}' is not a window of working hours;")


@pytest.mark.parametrize("zone", ["Zurich", "", "../etc/passwd", "Europe", "UTC\0"])
def test_an_unknown_zone_is_refused_in_one_sentence(zone: str) -> None:
    with pytest.raises(ValidationError) as refused:
        WorkingHours(zone=zone, weekly={"mon": ["08:00-18:00"]})
    assert sentence(refused.value) == f"'{zone}' is not a known IANA time zone such as Europe/Zurich."


def test_a_misspelt_weekday_is_named() -> None:
    with pytest.raises(ValidationError) as refused:
        WorkingHours.model_validate({"zone": "UTC", "weekly": {"monday": ["08:00-18:00"]}})
    assert sentence(refused.value) == "'monday' is not a weekday; use mon, tue, wed, thu, fri, sat, sun."


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        WorkingHours.model_validate({"zone": "UTC", "weekly": {}, "holiday": ["2026-01-01"]})


def test_two_ways_of_writing_the_same_hours_dump_alike() -> None:
    written = WorkingHours.model_validate(
        {
            "zone": "Europe/Zurich",
            "weekly": {"tue": ["13:00-17:00", "8:00-12:00"], "mon": ["08:00-12:00"], "sun": []},
            "holidays": ["2026-12-25", "2026-01-01", "2026-01-01"],
            "part_days": {"2026-12-31": ["08:00-12:00"], "2026-12-24": []},
            "extra_hours": {"2026-06-06": ["22:00-0:00"]},
        }
    )
    otherwise = WorkingHours(
        zone="Europe/Zurich",
        weekly={"mon": ["08:00-12:00"], "tue": ["08:00-12:00", "13:00-17:00"]},
        holidays=[date(2026, 1, 1), date(2026, 12, 25)],
        part_days={date(2026, 12, 24): [], date(2026, 12, 31): ["08:00-12:00"]},
        extra_hours={date(2026, 6, 6): ["22:00-24:00"]},
    )
    assert written.model_dump_json() == otherwise.model_dump_json()
    assert WorkingHours.model_validate(written.model_dump(mode="json")) == written
    assert list(written.model_dump(mode="json")["part_days"]) == ["2026-12-24", "2026-12-31"]


def test_extra_hours_beat_part_days_beat_holidays_beat_the_week() -> None:
    new_year = date(2026, 1, 1)
    usual = WorkingHours(zone="UTC", weekly={"thu": ["08:00-18:00"]})
    closed = usual.model_copy(update={"holidays": [new_year]})
    shortened = closed.model_copy(update={"part_days": {new_year: ["08:00-12:00"]}})
    extended = shortened.model_copy(update={"extra_hours": {new_year: ["20:00-21:00"]}})
    on_the_day = [
        hours.usual_on(new_year) + hours.extra_on(new_year) for hours in (usual, closed, shortened, extended)
    ]
    assert on_the_day == [
        [(28_800, 64_800)],
        [],
        [(28_800, 43_200)],
        [(28_800, 43_200), (72_000, 75_600)],
    ]


def test_a_date_of_every_year_and_what_beats_it() -> None:
    hours = WorkingHours.model_validate(
        {
            "zone": "UTC",
            "weekly": {weekday: ["08:00-18:00"] for weekday in WEEKDAYS},
            "holidays": ["12-25", "*-01-01", "02-29"],
            "part_days": {"12-24": ["08:00-12:00"], "2027-12-24": []},
        }
    )
    assert hours.holidays == ["01-01", "02-29", "12-25"]
    assert hours.usual_on(date(2026, 12, 25)) == hours.usual_on(date(2031, 1, 1)) == []
    assert hours.usual_on(date(2026, 12, 24)) == [(28_800, 43_200)]
    assert hours.usual_on(date(2027, 12, 24)) == []
    span = date(2027, 1, 2), date(2028, 3, 1)
    named = ["2027-12-24", "2027-12-25", "2028-01-01", "2028-02-29"]
    assert [str(day) for day in hours.special_dates(*span)] == named


@pytest.mark.parametrize("day", ["2026-02-30", "13-01", "02-30", "Christmas", "", 20261224, True])
def test_what_is_no_day_is_refused_in_one_sentence(day: object) -> None:
    with pytest.raises(ValidationError) as refused:
        WorkingHours.model_validate({"zone": "UTC", "weekly": {}, "holidays": [day]})
    assert sentence(refused.value) == f"'{day}' is not a date; write 2026-12-24, or 12-24 for every year."


class TestBreaks:
    """Breaks are taken from the usual hours, by name."""

    def test_a_break_may_be_written_short(self) -> None:
        written = {"lunch": "12:00-13:00", "tea": ["10:00-10:15", "9:00-9:05"]}
        hours = WorkingHours.model_validate(
            {"zone": "UTC", "weekly": {"mon": ["08:00-18:00"]}, "breaks": written}
        )
        assert hours.model_dump(mode="json")["breaks"] == {
            "lunch": {"windows": ["12:00-13:00"], "days": []},
            "tea": {"windows": ["09:00-09:05", "10:00-10:15"], "days": []},
        }
        assert hours.breaks_on(date(2026, 3, 2)) == [(43_200, 46_800), (32_400, 32_700), (36_000, 36_900)]

    def test_on_named_days_only(self) -> None:
        written = {"stocktaking": {"windows": ["10:00-12:00"], "days": ["2026-06-30", "fri", "12-31", "mon"]}}
        hours = WorkingHours.model_validate({"zone": "UTC", "weekly": {}, "breaks": written})
        assert hours.breaks["stocktaking"].days == ["mon", "fri", "12-31", date(2026, 6, 30)]
        days = [date(2026, 6, 29), date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 3), date(2026, 12, 31)]
        assert [bool(hours.breaks_on(day)) for day in days] == [True, True, False, True, True]

    def test_a_day_that_is_none(self) -> None:
        written = {"lunch": {"windows": ["12:00-13:00"], "days": ["monday"]}}
        with pytest.raises(ValidationError) as refused:
            WorkingHours.model_validate({"zone": "UTC", "weekly": {}, "breaks": written})
        assert sentence(refused.value).startswith("'monday' is neither a weekday such as mon nor a date")


class TestCountries:
    """Public holidays come from the library of that name."""

    def test_the_holidays_of_a_canton(self) -> None:
        zurich = WorkingHours.model_validate(
            {"zone": "Europe/Zurich", "weekly": {}, "country": "CH", "subdivision": "ZH"}
        )
        assert zurich.holiday_on(date(2026, 5, 1)) == "Labor Day"
        geneva = zurich.model_copy(update={"subdivision": "GE"})
        assert geneva.holiday_on(date(2026, 5, 1)) is None
        assert zurich.holiday_on(date(2026, 5, 4)) is None

    @pytest.mark.parametrize(("observed", "name"), [(True, "Christmas Day (observed)"), (False, None)])
    def test_a_holiday_on_a_weekend_is_made_up_for(self, observed: bool, name: str | None) -> None:
        london = WorkingHours.model_validate(
            {
                "zone": "Europe/London",
                "weekly": {},
                "country": "GB",
                "subdivision": "ENG",
                "observed": observed,
            }
        )
        assert london.holiday_on(date(2027, 12, 27)) == name

    def test_a_service_that_works_on_a_public_holiday(self) -> None:
        hours = WorkingHours.model_validate(
            {
                "zone": "Europe/Zurich",
                "weekly": {"fri": ["08:00-18:00"]},
                "country": "CH",
                "subdivision": "ZH",
                "part_days": {"2026-05-01": ["08:00-18:00"]},
            }
        )
        assert hours.usual_on(date(2026, 5, 1)) == [(28_800, 64_800)]
        assert hours.usual_on(date(2027, 1, 1)) == []

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"country": "Switzerland"}, "'Switzerland' is not a country whose holidays are known"),
            (
                {"country": "CH", "subdivision": "XX"},
                "'XX' is not a subdivision of CH whose holidays are known; there",
            ),
            ({"subdivision": "ZH"}, "The subdivision ZH needs its country."),
        ],
    )
    def test_a_country_that_is_not_known(self, fields: dict[str, str], said: str) -> None:
        with pytest.raises(ValidationError) as refused:
            WorkingHours.model_validate({"zone": "UTC", "weekly": {}} | fields)
        assert sentence(refused.value).startswith(said)


def test_what_is_not_said_is_not_dumped() -> None:
    plain = WorkingHours(zone="UTC", weekly={"mon": ["08:00-18:00"]})
    assert list(plain.model_dump(mode="json")) == ["zone", "weekly", "holidays", "part_days", "extra_hours"]
    changed = plain.model_dump(mode="json") | {
        "country": "CH",
        "changes": [{"valid_from": "2027-01-01", "zone": "UTC", "weekly": {}}],
    }
    again = WorkingHours.model_validate(changed)
    assert again.model_dump(mode="json")["country"] == "CH"
    assert WorkingHours.model_validate_json(again.model_dump_json()) == again


def test_two_changes_cannot_begin_on_one_day() -> None:
    change = {"valid_from": "2027-01-01", "zone": "UTC", "weekly": {}}
    with pytest.raises(ValidationError) as refused:
        WorkingHours.model_validate({"zone": "UTC", "weekly": {}, "changes": [change, change]})
    assert sentence(refused.value) == "Two changes are valid from 2027-01-01."
