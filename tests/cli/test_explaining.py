"""`slm explain`: every second of a ticket, as a table for people and as JSON, and what it refuses."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_line import Slm
from tests.scenes.granite_works import HEADER, REFERENCE, agreement, write_agreement

TOLD = (  # what happened to the ticket, and who had it
    ("new", "2026-03-02T09:00Z", "first line"),
    ("in progress", "2026-03-02T10:00Z", "first line"),
    ("awaiting user", "2026-03-02T12:00Z", "first line"),
    ("in progress", "2026-03-03T09:00Z", "back office"),
    ("resolved", "2026-03-03T11:00Z", "back office"),
)


ZURICH = {
    "zone": "Europe/Zurich",
    "weekly": {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
}


def log_of(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, HEADER, restval="")
        writer.writeheader()
        writer.writerows({"customer": "Granite Works"} | row for row in rows)
    return path


@pytest.fixture
def in_zurich(slm: Slm, database: Path, tmp_path: Path) -> None:
    """A request of 08:04 and two outages in the summer, on a calendar of Zurich."""
    urgent = agreement()["targets"][0]
    up: dict[str, Any] = {"id": "UP", "indicator": "availability", "objective": "99 %", "calendar": "office"}
    up["population"] = {"service": "E-mail"}
    requirements = [{"text": "It works", "target": "UP", "settlement": "accepted"}]
    whole: dict[str, Any] = {
        "targets": [urgent, up],
        "calendars": {"office": ZURICH},
        "requirements": requirements,
    }
    slm.does("apply", write_agreement(tmp_path / "granite.yaml", **whole))
    request = {"ticket": "REQ1", "priority": "2", "service": "E-mail", "opened_at": "2026-07-06T06:04Z"}
    down = {"request_type": "outage", "opened_at": "2026-07-06T15:00Z"}
    happened = [
        request | {"state": "new", "updated_at": "2026-07-06T06:04Z"},
        request | {"state": "resolved", "updated_at": "2026-07-06T07:00Z"},
    ]
    for name, service, customer in (
        ("OUT1", "E-mail", "Granite Works"),
        ("OUT2", "E-mail", ""),
        ("OUT3", "Files", ""),
    ):
        outage = down | {"ticket": name, "service": service, "customer": customer}
        happened += [
            outage | {"state": "new", "updated_at": "2026-07-06T15:00Z"},
            outage | {"state": "resolved", "updated_at": "2026-07-07T07:30Z"},
        ]
    slm.does("import", log_of(tmp_path / "log.csv", *happened), "--mapping", "sample")


def test_times_are_read_on_the_calendars_clock_and_the_zone_is_named(slm: Slm, in_zurich: None) -> None:
    lines = slm.does("explain", "REQ1", "--as-of", "2026-07-09").splitlines()
    assert lines[1].endswith("on the calendar 'office', times in Europe/Zurich")
    assert " ".join(lines[3].split()) == "2026-07-06 08:04 2026-07-06 09:00 56 min running new counts"
    [told] = slm.tells("explain", "REQ1", "--as-of", "2026-07-09")
    assert (told["zone"], told["ledger"][0]["from"]) == ("Europe/Zurich", "2026-07-06T06:04:00+00:00")


def test_an_outage_is_told_under_the_availability_it_takes_from(slm: Slm, in_zurich: None) -> None:
    lines = slm.does("explain", "OUT1", "--as-of", "2026-07-09").splitlines()
    assert lines[1].startswith("UP: ") and lines[1].endswith("times in Europe/Zurich")
    assert [" ".join(line.split()) for line in lines[3:]] == [
        "2026-07-06 17:00 2026-07-06 18:00 1 h down it stood within service hours",
        "2026-07-06 18:00 2026-07-07 08:00 14 h outside hours no service hours",
        "2026-07-07 08:00 2026-07-07 09:30 1 h 30 min down it stood within service hours",
        "down 2 h 30 min, outside hours 14 h; 2 h 30 min count as down, it is over",
    ]
    assert "it still stands" in slm.does("explain", "OUT1", "--as-of", "2026-07-06T20:00Z")


def test_programs_read_an_outage_alike_and_one_of_nobody_hits_everybody(slm: Slm, in_zurich: None) -> None:
    for name in ("OUT1", "OUT2"):
        [told] = slm.tells("explain", name, "--as-of", "2026-07-09")
        assert (told["target"], told["consumed_s"], told["stopped"], told["outcome"]) == (
            "UP",
            9000,
            True,
            None,
        )
        assert told["totals_s"] == {
            "down": 9000,
            "excluded": 0,
            "outside hours": 14 * 3600,
            "not measured": 0,
        }
        assert told["ledger"][0]["state"] == "new"
    assert slm.does("explain", "OUT3", "--as-of", "2026-07-09").splitlines() == [
        f"OUT3 does not count under P2 of {REFERENCE}, version 1, not in force when it was opened: "
        "it names no customer, and only an availability is everybody's",
        f"OUT3 does not count under UP of {REFERENCE}, version 1, not in force when it was opened: "
        "its service is Files, not E-mail",
    ]


@pytest.fixture
def disputed(slm: Slm, database: Path, tmp_path: Path) -> None:
    """A ticket of Monday, resolved on Tuesday, under a promise for all and one for the first line."""
    urgent, other = agreement()["targets"]
    step = urgent | {"id": "L1", "indicator": "step", "line": "first line", "threshold": "4 h"}
    slm.does("apply", write_agreement(tmp_path / "granite.yaml", targets=[urgent, other, step]))
    log = tmp_path / "log.csv"
    with log.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for state, at, line in TOLD:
            named = {"ticket": "INC1", "customer": "Granite Works", "priority": "2", "line": line}
            row = named | {"state": state, "opened_at": TOLD[0][1], "updated_at": at}
            writer.writerow(row.get(name, "") for name in HEADER)
    slm.does("import", log, "--mapping", "sample")


def test_people_read_when_it_ran_and_why_not(slm: Slm, disputed: None) -> None:
    lines = slm.does("explain", "INC1", "--target", "L1", "--as-of", "2026-03-09").splitlines()
    assert lines[0] == f"INC1 under {REFERENCE}, version 1, not in force when it was opened"
    assert lines[1].endswith("in first line for at most 4 h on the calendar 'office', times in UTC")
    assert [" ".join(line.split()) for line in lines[2:]] == [
        "from to time counts as why",
        "2026-03-02 09:00 2026-03-02 10:00 1 h running in first line",
        "2026-03-02 10:00 2026-03-02 12:00 2 h running in first line",
        "2026-03-02 12:00 2026-03-02 18:00 6 h paused awaiting user pauses",
        "2026-03-02 18:00 2026-03-03 08:00 14 h outside hours no service hours",
        "2026-03-03 08:00 2026-03-03 09:00 1 h paused awaiting user pauses",
        "2026-03-03 09:00 2026-03-03 11:00 2 h paused in back office",
        "running 3 h, paused 9 h, outside hours 14 h; consumed 3 h of 4 h, stopped: hit",
    ]


def test_a_ticket_resolved_at_its_opening_is_told_in_a_sentence(
    slm: Slm, disputed: None, tmp_path: Path
) -> None:
    once = {
        "ticket": "INC2",
        "priority": "2",
        "opened_at": "2026-03-02T09:00Z",
        "updated_at": "2026-03-02T09:00Z",
    }
    log = log_of(tmp_path / "once.csv", once | {"state": "new"}, once | {"state": "resolved"})
    slm.does("import", log, "--mapping", "sample")
    lines = slm.does("explain", "INC2", "--target", "P2", "--as-of", "2026-03-09").splitlines()
    assert lines[2:] == [
        "it stopped in the second in which it was opened; consumed 0 min of 8 h, stopped: hit"
    ]


def test_programs_read_the_same(slm: Slm, disputed: None) -> None:
    told = slm.tells("explain", "INC1", "--as-of", "2026-03-09")
    assert [row["target"] for row in told] == ["L1", "P2"]
    for row in told:
        assert (row["version"], row["calendar"], row["stopped"]) == (1, "office", True)
        assert sum(line["seconds"] for line in row["ledger"]) == 26 * 3600
        assert row["consumed_s"] == row["totals_s"]["running"]
        assert set(row["totals_s"]) == {"running", "paused", "excluded", "outside hours", "not measured"}
        assert row["ledger"][0]["from"] == "2026-03-02T09:00:00+00:00"
    assert told[1]["ledger"][2] | {"from": "", "to": ""} == {
        "from": "",
        "to": "",
        "seconds": 6 * 3600,
        "counts": "paused",
        "state": "awaiting_user",
        "why": "awaiting user pauses",
    }


def test_it_never_sees_what_was_known_later(slm: Slm, disputed: None) -> None:
    [told] = slm.tells("explain", "INC1", "--target", "P2", "--as-of", "2026-03-02T12:30Z")
    assert (told["consumed_s"], told["stopped"], told["outcome"]) == (3 * 3600, False, "undecided")
    assert slm.refuses("explain", "INC1", "--as-of", "2026-03-01").startswith("there is no ticket 'INC1'")


def test_a_target_that_is_not_there_is_named(slm: Slm, disputed: None) -> None:
    assert slm.refuses("explain", "INC1", "--target", "P9", "--as-of", "2026-03-09") == (
        "ticket INC1 of Granite Works falls under no target named 'P9'"
    )


def test_a_ticket_that_does_not_count_is_told_why(slm: Slm, disputed: None, tmp_path: Path) -> None:
    low = {"ticket": "INC2", "priority": "9", "state": "cancelled", "opened_at": "2026-03-02T09:00Z"}
    log = log_of(tmp_path / "low.csv", low | {"updated_at": "2026-03-02T09:00Z"})
    slm.does("import", log, "--mapping", "sample")
    told = slm.tells("explain", "INC2", "--target", "P2", "--as-of", "2026-03-09")
    assert [(row["target"], row["counts"], row["why"]) for row in told] == [
        ("P2", False, ["its priority is 9, not 2", "it stands cancelled: nobody had to serve it"])
    ]
    assert len(slm.does("explain", "INC2", "--as-of", "2026-03-09").splitlines()) == 3, "one a target"
