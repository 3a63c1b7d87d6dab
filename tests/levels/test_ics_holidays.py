"""Holidays from iCalendar files, as feeds and calendar programs write them."""

from datetime import date
from typing import Any

import pytest

from levels.calendars import Calendar
from levels.ics import IcsError
from levels.ics_holidays import holidays_from_ics
from levels.working_hours import WorkingHours

SPAN = date(2026, 1, 1), date(2028, 12, 31)


def feed(*events: str) -> str:
    bodies = (f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT" for event in events)
    return (
        "\r\n".join("\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *bodies, "END:VCALENDAR", ""]).splitlines())
        + "\r\n"
    )


def closed(*events: str) -> dict[str, str]:
    found = holidays_from_ics(feed(*events), "Europe/Zurich", *SPAN)
    return {str(day): name for day, name in sorted(found.holidays.items())}


def hours(*events: str) -> dict[str, Any]:
    breaks: dict[str, Any] = holidays_from_ics(feed(*events), "Europe/Zurich", *SPAN).as_hours()["breaks"]
    return breaks


def test_the_end_of_a_holiday_does_not_belong_to_it() -> None:
    christmas = "SUMMARY:Christmas\nDTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227"
    assert closed(christmas) == {"2026-12-25": "Christmas", "2026-12-26": "Christmas"}


@pytest.mark.parametrize(
    "end", ["", "\nDTEND;VALUE=DATE:20261225", "\nDTEND;VALUE=DATE:20261226", "\nDURATION:P1D"]
)
def test_one_day_however_it_is_written(end: str) -> None:
    assert closed("SUMMARY:Christmas\nDTSTART;VALUE=DATE:20261225" + end) == {"2026-12-25": "Christmas"}


def test_every_year() -> None:
    labour = "SUMMARY:Labour Day\nDTSTART;VALUE=DATE:20200501\nRRULE:FREQ=YEARLY"
    assert list(closed(labour)) == ["2026-05-01", "2027-05-01", "2028-05-01"]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=YEARLY;UNTIL=20270501", ["2026-05-01", "2027-05-01"]),
        ("FREQ=YEARLY;UNTIL=20270430T220000Z", ["2026-05-01", "2027-05-01"]),
        ("FREQ=YEARLY;COUNT=7", ["2026-05-01"]),
        ("FREQ=YEARLY;INTERVAL=4", ["2028-05-01"]),
        ("FREQ=YEARLY;BYMONTH=5;BYDAY=1MO", ["2026-05-04", "2027-05-03", "2028-05-01"]),
    ],
)
def test_recurrences(rule: str, days: list[str]) -> None:
    assert list(closed(f"SUMMARY:Holiday\nDTSTART;VALUE=DATE:20200501\nRRULE:{rule}")) == days


def test_excepted_added_replaced_and_cancelled_occurrences() -> None:
    series = (
        "UID:1\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20260601\nRRULE:FREQ=YEARLY\n"
        "EXDATE;VALUE=DATE:20270601\nRDATE;VALUE=DATE:20270603"
    )
    moved = "UID:1\nSUMMARY:Fair, moved\nRECURRENCE-ID;VALUE=DATE:20280601\nDTSTART;VALUE=DATE:20280605"
    off = "UID:1\nSTATUS:CANCELLED\nRECURRENCE-ID;VALUE=DATE:20260601\nDTSTART;VALUE=DATE:20260601"
    assert closed(series, moved, off) == {"2027-06-03": "Fair", "2028-06-05": "Fair, moved"}


def test_hours_of_a_day_become_a_break() -> None:
    zone = "TZID=Europe/Zurich"
    party = f"SUMMARY:Staff party\nDTSTART;{zone}:20261218T150000\nDTEND;{zone}:20261218T180000"
    assert hours(party) == {"Staff party": {"windows": ["15:00-18:00"], "days": ["2026-12-18"]}}


def test_hours_in_other_zones_are_read_on_the_clock_of_the_calendar() -> None:
    utc = "SUMMARY:Works\nDTSTART:20260701T200000Z\nDURATION:PT4H30M"
    assert hours(utc) == {
        "Works": {"windows": ["00:00-02:30"], "days": ["2026-07-02"]},
        "Works (2)": {"windows": ["22:00-24:00"], "days": ["2026-07-01"]},
    }


def test_a_weekly_meeting_keeps_its_wall_time_across_a_change_of_clocks() -> None:
    meeting = (
        "SUMMARY:Team\nDTSTART;TZID=Europe/Zurich:20261019T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3"
    )
    assert hours(meeting) == {
        "Team": {"windows": ["09:00-10:00"], "days": ["2026-10-19", "2026-10-26", "2026-11-02"]}
    }


def test_what_was_read_is_a_calendar() -> None:
    text = feed(
        "SUMMARY:Ascension\nDTSTART;VALUE=DATE:20260514",
        "SUMMARY:Party\nDTSTART:20260513T150000\nDTEND:20260513T180000",
    )
    fields = holidays_from_ics(text, "Europe/Zurich", *SPAN).as_hours()
    office = {"zone": "Europe/Zurich", "weekly": {"wed": ["08:00-18:00"], "thu": ["08:00-18:00"]}}
    calendar = Calendar.compile(
        WorkingHours.model_validate(office | fields), date(2026, 5, 11), date(2026, 5, 17)
    )
    assert calendar.total == 7 * 3600


def test_folded_lines_escapes_alarms_and_a_byte_order_mark() -> None:
    text = (
        "\ufeffBEGIN:VCALENDAR\r\nPRODID:-//x//y\r\nBEGIN:VTIMEZONE\r\nTZID:X\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n"
        "DTSTART;VALUE=DATE:2026\r\n 1231\r\nSUMMARY;LANGUAGE=en:New Year\\, e\r\n\tve\r\n"
        'ORGANIZER;CN="A: B; C":mailto:a@example.org\r\nBEGIN:VALARM\r\nDTSTART:nonsense\r\nEND:VALARM\r\n'
        "END:VEVENT\r\nEND:VCALENDAR"
    )
    assert holidays_from_ics(text, "UTC", *SPAN).holidays == {date(2026, 12, 31): "New Year, eve"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty."),
        ("date,name\n2026-01-01,x\n", "line 1: 'date,name' is no line of an iCalendar file."),
        ("BEGIN:VCARD\nEND:VCARD", "line 1: this is no iCalendar file: BEGIN:VCALENDAR is wanted here."),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT", "the file breaks off: END:VEVENT is missing."),
        ("BEGIN:VCALENDAR\nEND:VEVENT", "line 2: END:VEVENT ends what was not begun."),
        (feed("SUMMARY:x"), "line 3: the event has no DTSTART."),
        (feed("DTSTART:2026-12-24"), "line 4: '2026-12-24' is neither a date like 20261224 nor a time like"),
        (
            feed("DTSTART;TZID=W. Europe:20261224T120000"),
            "line 4: 'W. Europe' is not a known IANA time zone.",
        ),
        (feed("DTSTART:20261224\nDTEND:20261223"), "line 5: the event ends before it starts."),
        (feed("DTSTART:20261224\nDTEND:20261224T120000Z"), "line 5: the start is a date, the end a time."),
        (feed("DTSTART:20261224T120000\nDURATION:P"), "line 5: 'P' is not a length such as P1D or PT4H."),
        (
            feed("DTSTART:20261224\nRRULE:FREQ=SECONDLY"),
            "line 5: an event may recur DAILY, WEEKLY, MONTHLY, YEARLY",
        ),
        (
            feed("DTSTART:20261224\nRRULE:FREQ=YEARLY;BYDAY=XX"),
            "line 5: this recurrence cannot be understood",
        ),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(IcsError) as refused:
        holidays_from_ics(text, "Europe/Zurich", *SPAN)
    assert str(refused.value).startswith(said)


def test_an_event_of_all_times_is_cut_to_the_span() -> None:
    text = feed("SUMMARY:Ever\nDTSTART;VALUE=DATE:00010101\nDTEND;VALUE=DATE:99991231")
    found = holidays_from_ics(text, "Etc/UTC", date(2026, 1, 1), date(2026, 1, 2))
    assert sorted(found.holidays) == [date(2026, 1, 1), date(2026, 1, 2)]
