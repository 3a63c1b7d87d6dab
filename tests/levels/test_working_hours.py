"""The specification of a calendar: what one may write, and what it says to what one may not."""

from datetime import date

import pytest
from pydantic import ValidationError

from levels.working_hours import WorkingHours, window_seconds


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
    on_the_day = [hours.windows_on(new_year) for hours in (usual, closed, shortened, extended)]
    assert on_the_day == [
        [(28_800, 64_800)],
        [],
        [(28_800, 43_200)],
        [(28_800, 43_200), (72_000, 75_600)],
    ]
