"""Holidays from iCalendar files, as feeds and calendar programs write them."""

from datetime import date
from typing import Any

import pytest

from levels.calendars import Calendar
from levels.ics import IcsError
from levels.ics_holidays import holidays_from_ics
from levels.working_hours import WorkingHours

SIXTY = ",".join(str(number) for number in range(60))
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


def starts(*events: str) -> list[str]:
    """When a day's closed hours begin, by date."""
    windows = hours(*events).values()
    return sorted(f"{day} {row['windows'][0]}" for row in windows for day in row["days"])


class TestZones:
    """Every time is read in the zone that it names itself."""

    def test_an_end_in_another_zone_than_the_start(self) -> None:
        call = "DTSTART;TZID=Europe/London:20260105T120000\nDTEND;TZID=Europe/Paris:20260105T140000"
        assert starts(call) == ["2026-01-05 13:00-14:00"]

    def test_a_series_in_utc_stays_in_utc(self) -> None:
        series = "DTSTART:20260105T110000Z\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;COUNT=8"
        clocks = [line.split()[1] for line in starts(series)]
        assert clocks == ["12:00-13:00"] * 3 + ["13:00-14:00"] * 5

    def test_a_further_date_in_its_own_zone(self) -> None:
        series = "DTSTART;TZID=Europe/Zurich:20260105T110000\nDURATION:PT1H\n"
        assert starts(series + "RDATE;TZID=America/New_York:20260206T110000") == [
            "2026-01-05 11:00-12:00",
            "2026-02-06 17:00-18:00",
        ]

    @pytest.mark.parametrize(
        "named",
        [
            "EXDATE;TZID=UTC:20260106T100000",
            "EXDATE:20260106T100000Z",
            "EXDATE;TZID=America/New_York:20260106T050000",
            "EXDATE;TZID=Europe/Zurich:20260106T110000",
            "EXDATE:20260106T110000",
            "EXDATE;VALUE=DATE:20260106",
        ],
    )
    def test_the_same_instant_is_excepted_however_it_is_written(self, named: str) -> None:
        series = "DTSTART;TZID=Europe/Zurich:20260105T110000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\n"
        assert starts(series + named) == ["2026-01-05 11:00-12:00", "2026-01-07 11:00-12:00"]

    def test_the_same_instant_is_replaced_however_it_is_written(self) -> None:
        series = "UID:1\nDTSTART;TZID=Europe/Zurich:20260105T110000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2"
        moved = "UID:1\nRECURRENCE-ID:20260106T100000Z\nDTSTART:20260106T140000Z\nDURATION:PT2H"
        assert starts(series, moved) == ["2026-01-05 11:00-12:00", "2026-01-06 15:00-17:00"]

    def test_a_period_has_its_own_length(self) -> None:
        series = "DTSTART:20260105T110000\nDURATION:PT1H\nRDATE;VALUE=PERIOD:"
        periods = "20260106T110000/PT2H,20260107T110000/20260107T120000Z"
        assert starts(series + periods) == [
            "2026-01-05 11:00-12:00",
            "2026-01-06 11:00-13:00",
            "2026-01-07 11:00-13:00",
        ]


class TestLengthsOverAChangeOfClocks:
    """Hours are exact, days and weeks are the wall clock's."""

    @pytest.mark.parametrize(
        ("night", "end", "closing"),
        [
            ("20260328T220000", "DURATION:PT8H", "07:00"),
            ("20260328T220000", "DTEND:20260329T060000", "06:00"),
            ("20261024T220000", "DURATION:PT8H", "05:00"),
            ("20260328T220000", "DURATION:P1D", "22:00"),
            ("20260328T220000", "DURATION:P1DT1H", "23:00"),
        ],
    )
    def test_of_one_night(self, night: str, end: str, closing: str) -> None:
        assert starts(f"DTSTART:{night}\n{end}")[1].endswith(f" 00:00-{closing}")

    def test_a_series_has_the_exact_length_of_its_first_night(self) -> None:
        nights = "DTSTART:20260327T220000\nDTEND:20260328T060000\nRRULE:FREQ=DAILY;COUNT=2"
        assert starts(nights)[-1] == "2026-03-29 00:00-07:00"


def test_no_hours_are_lost_where_names_look_numbered() -> None:
    found = hours(
        "SUMMARY:L\nDTSTART:20260105T100000\nDURATION:PT1H",
        "SUMMARY:L\nDTSTART:20260106T120000\nDURATION:PT1H",
        "SUMMARY:L (2)\nDTSTART:20260107T140000\nDURATION:PT1H",
    )
    assert found == {
        "L": {"windows": ["10:00-11:00"], "days": ["2026-01-05"]},
        "L (2)": {"windows": ["14:00-15:00"], "days": ["2026-01-07"]},
        "L (3)": {"windows": ["12:00-13:00"], "days": ["2026-01-06"]},
    }


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=DAILY;UNTIL=99991231T235959Z",
        "FREQ=DAILY;UNTIL=99991231",
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=1,1,-1",
    ],
)
def test_a_rule_without_an_end_is_cut_to_the_span(rule: str) -> None:
    assert len(closed(f"DTSTART;VALUE=DATE:20200101\nRRULE:{rule}")) == 3 * 365 + 1


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
        (feed("DTSTART:2026124"), "line 4: '2026124' is neither a date like 20261224 nor a time like"),
        (
            feed("DTSTART:20261224T120000\nDURATION:P99999999999999W"),
            "line 5: 'P99999999999999W' is longer than there are dates.",
        ),
        (
            feed("DTSTART:20261224T120000\nDURATION:PT4000000000H"),
            "line 5: 'PT4000000000H' is longer than there are dates.",
        ),
        (
            feed("DTSTART:20261224\nRDATE:20261226T120000"),
            "line 5: the start is a date, this a time.",
        ),
        (feed("DTSTART:20261224\nEXRULE:FREQ=DAILY"), "line 5: EXRULE is not read; EXDATE excepts dates."),
        (
            feed("UID:1\nDTSTART:20261224T120000\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261224T110000"),
            "line 6: a change of all later occurrences (RANGE) is not read;",
        ),
        *(
            (
                feed(f"DTSTART:20261224\nRRULE:FREQ={rule}"),
                "line 5: this recurrence cannot be understood",
            )
            for rule in (
                "DAILY;INTERVAL=0",
                "DAILY;INTERVAL=-1",
                "DAILY;INTERVAL=x",
                "DAILY;BYSETPOS=0",
                "DAILY;COUNT=" + "9" * 5000,
                "DAILY;COUNT=3 4",
                "YEARLY;BYEASTER=0",
            )
        ),
        *(
            (feed(f"DTSTART:20260101\nRRULE:FREQ={rule}"), "line 5: this recurrence never takes place")
            for rule in (
                "DAILY;BYMONTH=2;BYMONTHDAY=30",
                "YEARLY;BYMONTH=13",
                "DAILY;COUNT=0",
                "MONTHLY;BYDAY=MO;BYSETPOS=6",
            )
        ),
        (
            feed(
                "DTSTART:20260101T000000\nDURATION:PT1M\nRRULE:FREQ=DAILY;BYMINUTE="
                + SIXTY
                + ";BYSECOND="
                + SIXTY
            ),
            "line 6: up to this event the file closes more than can be expanded.",
        ),
        (
            feed("DTSTART:20200101T000000\nDURATION:P9999D\nRRULE:FREQ=DAILY"),
            "line 3: up to this event the file closes more than can be expanded.",
        ),
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


def test_hours_of_all_times_are_cut_to_the_span() -> None:
    text = feed("SUMMARY:Ever\nDTSTART:00010101T000000\nDTEND:99991231T235959")
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        found = holidays_from_ics(text, zone, date(2026, 1, 1), date(2026, 1, 2)).as_hours()
        assert found["breaks"] == {"Ever": {"windows": ["00:00-24:00"], "days": ["2026-01-01", "2026-01-02"]}}


def test_a_date_whose_midnight_the_clock_skips_is_one_date() -> None:
    text = feed("DTSTART;VALUE=DATE:20260423\nRRULE:FREQ=DAILY;COUNT=2")
    found = holidays_from_ics(text, "Africa/Cairo", *SPAN)
    assert sorted(found.holidays) == [date(2026, 4, 23), date(2026, 4, 24)]
