"""`slm calendar`: drawing calendars, listing holidays, checking another system's business times."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.command_line import Slm

CASE: dict[str, Any] = {
    "id": "friday evening",
    "tz": "Europe/Zurich",
    "week": {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": ["*-12-25"],
    "op": "add",
    "start": "2026-03-06T16:00:00+01:00",
    "seconds": 7200,
    "expect": "2026-03-09T08:00:00+00:00",
}
OFFICE = {"zone": "Europe/Zurich", "weekly": {"mon": ["08:00-12:00"], "fri": ["22:00-02:00"]}}
ICS = (
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Christmas\nDTSTART;VALUE=DATE:20251225\nDTEND;VALUE=DATE:20251227\n"
    "RRULE:FREQ=YEARLY\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:Party\nDTSTART:20261218T150000\nDURATION:PT2H\n"
    "END:VEVENT\nEND:VCALENDAR\n"
)


def written(tmp_path: Path, content: object, name: str = "cases.json") -> Path:
    file = tmp_path / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


class TestCheck:
    """How an organisation checks its own system's due times."""

    def test_every_case_is_counted_and_every_difference_named(self, slm: Slm, tmp_path: Path) -> None:
        late = CASE | {"id": "late", "expect": "2026-03-09T09:00:00+00:00"}
        held = {"id": "next opening", "seconds": 3600, "expect": "2026-03-09T07:00:00+00:00"}
        days = {"id": "days", "op": "sub_days", "days": 1, "expect": "2026-03-05T16:00:00+01:00"}
        worked = {"id": "worked", "op": "elapsed", "end": "2026-03-06T17:30:00+01:00", "expect": 5400}
        file = written(tmp_path, {"vectors": [CASE, late, CASE | held, CASE | days, CASE | worked]})
        assert slm.tells("calendar", "check", file) == {
            "cases": 5,
            "equal": 2,
            "equivalent": 1,
            "different": [
                {"id": "late", "got": "2026-03-09T09:00:00+01:00", "expect": "2026-03-09T09:00:00+00:00"},
                {"id": "worked", "got": 3600, "expect": 5400},
            ],
        }
        said = slm.does("calendar", "check", file)
        assert "5 cases: 2 equal, 1 equivalent, 2 different" in said
        assert "late" in said

    def test_the_cases_of_seven_libraries(self, slm: Slm, shared: Path) -> None:
        told = slm.tells("calendar", "check", shared / "vectors" / "business_time.json")
        assert told["cases"] == 650
        assert told["equal"] + told["equivalent"] == 649
        assert told["different"] == [{"id": "working_hours-0071", "got": 90000, "expect": 86400}]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("{", "this is no JSON"),
            ("[" * 200_000, "this is no JSON: it is nested too deeply"),
            ('{"vectors": [{"expect": Infinity}]}', "this is no JSON: Infinity is no number of JSON"),
            ([], "a table with a list `vectors` is wanted"),
            ({"vectors": [CASE, {}]}, "vectors.1.id: Field required"),
            ({"vectors": [CASE | {"tz": "Zurich"}]}, "vectors.0: tz: 'Zurich' is not a known IANA time zone"),
            ({"vectors": [CASE | {"op": "multiply"}]}, "vectors.0.op: "),
            ({"vectors": [CASE | {"start": "yesterday"}]}, "vectors.0.start: 'yesterday' is not an instant"),
            (
                {"vectors": [CASE | {"seconds": None}]},
                "vectors.0: the operation add needs the field 'seconds'",
            ),
            (
                {"vectors": [CASE | {"week": {"mon": [["9", "17"]]}}]},
                "vectors.0: week: '9-17' is not a window",
            ),
            (
                {"vectors": [CASE, CASE | {"breaks": {"2026-03-06": [["9", "17"]]}}]},
                "vectors.1: breaks: '9-17' is not a window",
            ),
            ({"vectors": [CASE | {"expect": "nan"}]}, "vectors.0.expect: 'nan' is neither a number of"),
            ('{"vectors": [' + json.dumps(CASE)[:-1] + ', "seconds": 1e999}]}', "vectors.0.seconds: "),
        ],
    )
    def test_a_file_that_is_none_is_refused(
        self, slm: Slm, tmp_path: Path, content: object, said: str
    ) -> None:
        file = written(tmp_path, content)
        assert slm.refuses("calendar", "check", file).startswith(f"{file}: {said}")

    def test_a_question_at_the_end_of_time_is_different(self, slm: Slm, tmp_path: Path) -> None:
        late = CASE | {"start": "9999-12-31T23:00:00+00:00"}
        [different] = slm.tells("calendar", "check", written(tmp_path, {"vectors": [late]}))["different"]
        assert different["got"] == "This lies too near the first or the last year that has dates."

    def test_a_file_that_is_not_there(self, slm: Slm, tmp_path: Path) -> None:
        assert slm.refuses("calendar", "check", tmp_path / "no.json").endswith("No such file or directory")


class TestShow:
    """The next weeks, drawn."""

    def test_by_options(self, slm: Slm) -> None:
        options = ["--zone", "Europe/Zurich", "--open", "mon-fri 08:00-12:00,13:00-17:00", "--weeks", 1]
        told = slm.tells(
            "calendar", "show", *options, "--country", "CH", "--subdivision", "ZH", "--from", "2026-04-27"
        )
        assert (told["zone"], told["from"], told["to"]) == ("Europe/Zurich", "2026-04-27", "2026-05-03")
        assert told["seconds"] == 4 * 8 * 3600
        assert told["days"][4] == {
            "date": "2026-05-01",
            "weekday": "fri",
            "windows": [],
            "seconds": 0,
            "note": "Labor Day",
        }
        assert told["days"][0]["windows"][0] == ["2026-04-27T08:00:00+02:00", "2026-04-27T12:00:00+02:00"]

    def test_a_file_of_working_hours(self, slm: Slm, tmp_path: Path) -> None:
        file = written(
            tmp_path,
            yaml.safe_dump(OFFICE | {"changes": [OFFICE | {"valid_from": "2026-11-01", "zone": "UTC"}]}),
        )
        said = slm.does("calendar", "show", file, "--from", "2026-10-19", "--weeks", 2)
        assert "Europe/Zurich, 2026-10-19 to 2026-11-01" in said
        assert "22:00-24:00" in said
        assert "the clock changes: 25 h" in said
        assert "new hours, UTC" in said
        assert "week: 8 h" in said

    def test_the_policys_own_calendar_from_today(self, slm: Slm) -> None:
        assert len(slm.tells("calendar", "show")["days"]) == 28

    def test_an_agreements_document_and_the_agreement_itself(
        self, slm: Slm, database: Path, tmp_path: Path
    ) -> None:
        person = {"name": "Service manager", "email": "manager@provider.example"}
        document = {
            "reference": "SLA-1",
            "title": "E-mail",
            "provider": {"name": "Provider", "people": [person]},
            "customer": {"name": "Customer"},
            "owner": person["email"],
            "calendars": {"office": OFFICE, "night": OFFICE | {"weekly": {"mon": ["00:00-24:00"]}}},
        }
        file = written(tmp_path, yaml.safe_dump(document), "sla.yaml")
        slm.does("apply", file)
        for source in ([file], ["--agreement", "SLA-1"]):
            told = slm.tells("calendar", "show", *source, "--calendar", "night", "--weeks", 1)
            assert told["seconds"] == 24 * 3600
        assert (
            slm.refuses("calendar", "show", file)
            == f"{file}: --calendar must say which; there are: night, office"
        )
        assert "there is no calendar 'day'" in slm.refuses(
            "calendar", "show", "--agreement", "SLA-1", "--calendar", "day"
        )
        assert "SLA-2" in slm.refuses("calendar", "show", "--agreement", "SLA-2")

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--zone", "Zurich"], "options: zone: 'Zurich' is not a known IANA time zone"),
            (["--country", "XX"], "options: 'XX' is not a country"),
            (["--open", "weekdays 8-17"], "--open: 'weekdays 8-17' is not like"),
            (["--open", "mon 8-17"], "options: weekly: '8-17' is not a window"),
            (["--from", "tomorrow"], "'tomorrow' is no date"),
        ],
    )
    def test_an_option_that_cannot_be(self, slm: Slm, options: list[str], said: str) -> None:
        assert slm.refuses("calendar", "show", *options).startswith(said)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("- 1", "working hours are a table of fields"),
            ("zone: [", "this is no YAML"),
            ("[" * 200_000, "this is no YAML: more than 50 levels deep (line 1, column 51)"),
            (
                "zone: UTC\nholidays: [2026-02-30]",
                "this is no YAML: '2026-02-30' is no date or time (line 2, ",
            ),
            (
                "zone: UTC\nchanges: [{valid_from: 2027-13-01}]",
                "this is no YAML: '2027-13-01' is no date or time (line 2, column 24)",
            ),
            ("zone: UTC\nweekly: {mon: ['8-17']}", "weekly: '8-17' is not a window"),
        ],
    )
    def test_a_file_that_holds_no_hours(self, slm: Slm, tmp_path: Path, content: str, said: str) -> None:
        file = written(tmp_path, content, "hours.yaml")
        assert slm.refuses("calendar", "show", file).startswith(f"{file}: {said}")


class TestHolidays:
    """Holidays of a feed or a country, ready to be pasted into an agreement."""

    def test_of_a_country(self, slm: Slm) -> None:
        span = ["--from", "2027-12-01", "--to", "2027-12-31"]
        said = slm.does("calendar", "holidays", "--country", "GB", "--subdivision", "ENG", *span)
        assert "# Mon 2027-12-27  Christmas Day (observed)" in said
        assert [str(day) for day in yaml.safe_load(said)["holidays"]] == [
            f"2027-12-{day}" for day in (25, 26, 27, 28)
        ]
        told = slm.tells(
            "calendar", "holidays", "--country", "GB", "--subdivision", "ENG", "--no-observed", *span
        )
        assert told["holidays"] == ["2027-12-25", "2027-12-26"]

    def test_of_a_feed(self, slm: Slm, tmp_path: Path) -> None:
        file = written(tmp_path, ICS, "feed.ics")
        said = slm.does("calendar", "holidays", file, "--from", "2026-01-01", "--to", "2026-12-31")
        fields = yaml.safe_load(said)
        assert fields == {
            "holidays": ["2026-12-25", "2026-12-26"],
            "breaks": {"Party": {"windows": ["15:00-17:00"], "days": ["2026-12-18"]}},
        }
        hours = written(tmp_path, yaml.safe_dump(OFFICE | fields), "hours.yaml")
        assert "holiday" in slm.does("calendar", "show", hours, "--from", "2026-12-21", "--weeks", 1)

    def test_what_is_neither(self, slm: Slm, tmp_path: Path) -> None:
        file = written(tmp_path, "nothing", "feed.ics")
        assert (
            slm.refuses("calendar", "holidays", file)
            == f"{file}: line 1: 'nothing' is no line of an iCalendar file."
        )
        assert slm.refuses("calendar", "holidays") == "either a .ics file or --country is wanted"
        assert "'XX' is not a country" in slm.refuses("calendar", "holidays", "--country", "XX")
        turned = ("--from", "2027-01-01", "--to", "2026-01-01")
        said = slm.refuses("calendar", "holidays", "--country", "CH", *turned)
        assert said == "--to 2026-01-01 lies before --from 2027-01-01"


def test_the_documentation_shows_what_works(slm: Slm, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "calendars.md").read_text("utf-8")
    hours, cases = (text.split(f"```{kind}\n")[1].split("```")[0] for kind in ("yaml", "json"))
    told = slm.tells(
        "calendar", "show", written(tmp_path, hours, "hours.yaml"), "--from", "2026-12-21", "--weeks", 2
    )
    assert [day["note"] for day in told["days"][3:5]] == ["holiday", "Christmas Day; extra hours"]
    assert slm.tells("calendar", "check", written(tmp_path, cases))["equal"] == 1
    for command in ("show", "holidays", "check"):
        assert f"slm calendar {command}" in text
