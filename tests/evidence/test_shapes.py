"""The shapes of logs: a row a ticket with its corrections, nested changelogs, checks of endpoints."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from config.clock import simulated
from evidence.importer import ImportSummary, import_log
from evidence.mappings import load_mapping, remade
from models.database import reading
from tests.evidence.logbook import day, intervals, march

TICKETS = remade(load_mapping("tickets"), {"source": "desk"})
HEADER = (
    "id",
    "state",
    "opened_at",
    "first_response_at",
    "resolved_at",
    "closed_at",
    "updated_at",
    "customer",
    "priority",
)


def export(path: Path, *rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def at(number: int, clock: str) -> str:
    return f"2026-03-{number:02}T{clock}Z"


def ticket(
    state: str, first: str = "", resolved: str = "", closed: str = "", updated: str = "", priority: str = "2"
):
    return ("T1", state, at(2, "09:00"), first, resolved, closed, updated, "Hospital", priority)


def states(engine: Engine) -> list[str]:
    return [f"{state} {begun:%d %H:%M} known {known:%d %H:%M}" for state, begun, known in intervals(engine)]


def test_a_row_tells_a_whole_life(engine: Engine, tmp_path: Path):
    whole = ticket("closed", at(2, "09:30"), at(2, "15:00"), at(5, "15:00"))
    summary = import_log(engine, export(tmp_path / "log.csv", whole), TICKETS)
    assert states(engine) == [
        "new 02 09:00 known 02 09:00",
        "in_progress 02 09:30 known 02 09:30",
        "resolved 02 15:00 known 02 15:00",
        "closed 05 15:00 known 05 15:00",
    ]
    assert (summary.new_tickets, summary.new_intervals) == (1, 4)
    assert "what a row dates was known when it happened" in summary.assumed
    assert import_log(engine, tmp_path / "log.csv", TICKETS).new_intervals == 0


def test_a_newer_export_goes_on(engine: Engine, tmp_path: Path):
    import_log(engine, export(tmp_path / "a.csv", ticket("new")), TICKETS)
    import_log(
        engine, export(tmp_path / "b.csv", ticket("resolved", at(2, "09:30"), at(2, "15:00"))), TICKETS
    )
    assert [line.split()[0] for line in states(engine)] == ["new", "in_progress", "resolved"]


def test_a_resolution_taken_back_is_known_late_and_the_old_answer_stays(engine: Engine, tmp_path: Path):
    resolved = ticket("resolved", at(2, "09:30"), at(2, "15:00"), updated=at(2, "15:00"))
    moved = ticket("resolved", at(2, "09:30"), at(4, "11:00"), updated=at(4, "11:00"))
    import_log(engine, export(tmp_path / "a.csv", resolved), TICKETS)
    import_log(engine, export(tmp_path / "b.csv", moved), TICKETS)
    assert states(engine)[2:] == [
        "resolved 02 15:00 known 02 15:00",
        "in_progress 02 15:00 known 04 11:00",
        "resolved 04 11:00 known 04 11:00",
    ]
    assert march(engine, day(3)).interval_state.tolist()[-1] == "resolved", "as it was known then"
    now = march(engine, day(9))
    assert now.interval_state.tolist()[-2:] == ["in_progress", "resolved"]
    assert import_log(engine, tmp_path / "b.csv", TICKETS).new_intervals == 0
    assert import_log(engine, tmp_path / "a.csv", TICKETS).new_intervals == 0, (
        "an older account corrects nothing"
    )


def test_a_reopened_ticket_without_a_time_is_known_since_the_import(engine: Engine, tmp_path: Path):
    import_log(
        engine, export(tmp_path / "a.csv", ticket("resolved", at(2, "09:30"), at(2, "15:00"))), TICKETS
    )
    with simulated(day(6, "08:00")):
        opened = ticket("in_progress", at(2, "09:30"), at(2, "15:00"))
        summary = import_log(engine, export(tmp_path / "b.csv", opened), TICKETS)
    assert states(engine)[-1] == "in_progress 02 15:00 known 06 08:00"
    assert any("were reopened" in sentence for sentence in summary.assumed)


def test_two_accounts_in_one_file_are_told_one_after_the_other(engine: Engine, tmp_path: Path):
    first = ticket("resolved", at(2, "09:30"), at(2, "15:00"), updated=at(2, "15:00"))
    second = ticket("resolved", at(2, "09:30"), at(4, "11:00"), updated=at(4, "11:00"))
    summary = import_log(engine, export(tmp_path / "a.csv", first, first, second), TICKETS)
    assert (summary.tickets, summary.new_intervals) == (1, 5)
    assert "rows that repeat a row say nothing new (1)" in summary.assumed
    assert import_log(engine, tmp_path / "a.csv", TICKETS).rows == 3


def test_another_priority_counts_from_when_it_was_told(engine: Engine, tmp_path: Path):
    import_log(engine, export(tmp_path / "a.csv", ticket("new", updated=at(2, "09:00"))), TICKETS)
    urgent = ticket("new", updated=at(2, "12:00"), priority="1")
    assert import_log(engine, export(tmp_path / "b.csv", urgent), TICKETS).new_intervals == 1
    assert march(engine, day(9)).attributes["priority"].tolist() == ["2"], "as it was opened"


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (
            ticket("resolved", resolved=at(1, "09:00")),
            "resolved_at",
            "resolved_at lies before the ticket was opened",
        ),
        (
            ticket("closed", resolved=at(3, "09:00"), closed=at(2, "10:00")),
            "closed_at",
            "before it was resolved",
        ),
        (ticket("dancing"), "state", "state 'dancing' is not in the mapping tickets"),
        (ticket("closed"), "state", "without the time it was closed"),
        (ticket("resolved", resolved="2026-02-30T09:00Z"), "resolved_at", "is not a time"),
        (ticket("resolved", resolved="9999-12-31T00:00Z"), "resolved_at", "lies in the future"),
        (("T1", *ticket("new")[1:2], "", *ticket("new")[3:]), "opened_at", "no opened_at"),
    ],
)
def test_an_impossible_row_is_set_aside(
    engine: Engine, tmp_path: Path, row: tuple[str, ...], column: str, reason: str
):
    good = ("T2", *ticket("new")[1:])
    summary = import_log(engine, export(tmp_path / "log.csv", row, good), TICKETS)
    assert (summary.rejected, summary.new_tickets) == (1, 1)
    line, named, said = summary.rejected_first[0]
    assert (line, named) == (2, column) and reason in said


JIRA = {
    "issues": [
        {
            "key": "IT-1",
            "fields": {
                "status": {"name": "Done"},
                "priority": {"name": "High"},
                "created": "2026-03-02T10:00:00.000+0100",
                "project": {"name": "Hospital"},
                "reporter": {"displayName": "Ward 7"},
                "components": [{"name": "E-mail"}],
                "labels": [],
                "issuetype": {"name": "Incident"},
            },
            "changelog": {
                "histories": [
                    {
                        "created": "2026-03-02T16:00:00.000+0100",
                        "items": [{"field": "status", "fromString": "In Progress", "toString": "Done"}],
                    },
                    {
                        "created": "2026-03-02T11:00:00.000+0100",
                        "items": [
                            {"field": "assignee", "fromString": None, "toString": "Somebody"},
                            {"field": "status", "fromString": "Open", "toString": "In Progress"},
                            {"field": "priority", "fromString": "Low", "toString": "High"},
                        ],
                    },
                ]
            },
        },
        {"key": "IT-2", "fields": {"status": {"name": "Dancing"}, "created": "2026-03-02T10:00:00.000+0100"}},
    ],
    "total": 2,
}


def test_jiras_changelog_newest_first(engine: Engine, tmp_path: Path):
    path = tmp_path / "search.json"
    path.write_text(json.dumps({"startAt": 0, "names": {"a": [1, {"issues": []}]}} | JIRA, indent=2))
    jira = remade(load_mapping("jira"), {"source": "desk"})
    summary = import_log(engine, path, jira)
    assert states(engine) == [
        "new 02 09:00 known 02 09:00",
        "in_progress 02 10:00 known 02 10:00",
        "resolved 02 15:00 known 02 15:00",
    ]
    found = march(engine, day(9))
    assert {name: column.tolist() for name, column in found.attributes.items()} == {
        "priority": ["Low"],
        "service": ["E-mail"],
        "category": [""],
        "request_type": ["Incident"],
        "requester": ["Ward 7"],
    }
    assert (summary.rows, summary.rejected) == (2, 1)
    assert summary.rejected_first[0][1:] == (
        "fields.status.name",
        "state 'Dancing' is not in the mapping jira",
    )
    assert import_log(engine, path, jira).new_intervals == 0


def test_zammads_history_one_ticket_a_line(engine: Engine, tmp_path: Path):
    told = {
        "number": "22001",
        "state": "closed",
        "priority": "3 high",
        "group": "Users",
        "organization": "Hospital",
        "customer": "ward7@hospital.example",
        "created_at": at(2, "09:00"),
        "history": [
            {"attribute": "state", "value_from": "new", "value_to": "open", "created_at": at(2, "09:20")},
            {"attribute": "title", "value_from": "a", "value_to": "b", "created_at": at(2, "09:21")},
            {"attribute": "group", "value_from": "Desk", "value_to": "Users", "created_at": at(2, "10:00")},
            {"attribute": "state", "value_from": "open", "value_to": "closed", "created_at": at(2, "11:00")},
        ],
    }
    path = tmp_path / "tickets.jsonl"
    path.write_text(json.dumps(told) + "\nnot json\n[1]\n")
    summary = import_log(engine, path, remade(load_mapping("zammad"), {"source": "desk"}))
    assert [line.split()[0] for line in states(engine)] == ["new", "in_progress", "in_progress", "closed"]
    assert march(engine, day(9)).attributes["priority"].tolist() == ["3"]
    assert [row[2] for row in summary.rejected_first] == ["not JSON", "not a JSON object"]


CHECKS = ("slug", "status", "last_updated")


def test_outages_become_tickets(engine: Engine, tmp_path: Path):
    told = "web up 09:00, web down 09:10, mail down 09:12, web down 09:20, web degraded 09:40, web down 11:00"
    probes = [(name, state, at(2, clock)) for name, state, clock in map(str.split, told.split(", "))]
    upptime = load_mapping("upptime")
    first = import_log(engine, export(tmp_path / "a.csv", *probes, header=CHECKS), upptime)
    assert (first.new_tickets, first.new_intervals) == (3, 4)
    later = [("web", "down", at(2, "11:20")), ("web", "up", at(2, "12:00")), ("mail", "up", at(2, "12:00"))]
    more = import_log(engine, export(tmp_path / "b.csv", *later, header=CHECKS), upptime)
    assert (more.new_tickets, more.new_intervals) == (0, 2), "the outages that were open end"
    for name in ("a", "b"):
        assert import_log(engine, tmp_path / f"{name}.csv", upptime).new_intervals == 0
    with reading(engine) as session:
        rows = session.execute(
            text("SELECT external_id, service, request_type FROM tickets ORDER BY external_id")
        )
        assert [tuple(row) for row in rows] == [
            ("mail 2026-03-02T09:12:00Z", "mail", "outage"),
            ("web 2026-03-02T09:10:00Z", "web", "outage"),
            ("web 2026-03-02T11:00:00Z", "web", "outage"),
        ]


def shared_import(engine: Engine, path: Path, mapping: str, folder: Path) -> ImportSummary:
    return import_log(engine, path, load_mapping(mapping), rejected_folder=folder)


def test_the_universitys_checks(engine: Engine, shared: Path, tmp_path: Path):
    checks = shared / "data" / "uptime_unibern" / "checks.csv.gz"
    first = shared_import(engine, checks, "upptime", tmp_path)
    assert (first.rows, first.tickets, first.new_intervals, first.rejected) == (10_547, 777, 1_551, 12)
    assert shared_import(engine, checks, "upptime", tmp_path).new_intervals == 0


def test_the_citys_requests(engine: Engine, shared: Path, tmp_path: Path):
    requests = shared / "data" / "boston_311" / "requests_sample.csv"
    first = shared_import(engine, requests, "boston-311", tmp_path)
    assert (first.rows, first.tickets, first.new_intervals, first.rejected) == (593, 593, 1_186, 0)
    assert "times name no zone and are read in America/New_York" in first.assumed
    with reading(engine) as session:
        opened = session.execute(
            text("SELECT opened_at FROM tickets WHERE external_id = '101004213729'")
        ).scalar_one()
    assert datetime.fromtimestamp(opened, UTC) == datetime(2022, 3, 8, 9, 11, 53, tzinfo=UTC)
