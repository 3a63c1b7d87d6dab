"""Nested histories that are missing, malformed or contradict the ticket. SQLite will do."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from evidence.importer import ImportSummary, import_log
from evidence.mappings import load_mapping
from tests.evidence.test_changelog_lines import change, issue, told

DONE = change("15:00", ("status", "In Progress", "Resolved"))
BEGUN = change("10:00", ("status", "Open", "In Progress"))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def brought(
    engine: Engine, folder: Path, *records: dict[str, Any], mapping: str = "jira", batch_rows: int = 100
) -> ImportSummary:
    path = folder / "records.jsonl"
    path.write_text("\n".join(map(json.dumps, records)) + "\n")
    return import_log(engine, path, load_mapping(mapping), batch_rows=batch_rows)


def without_history(status: str) -> dict[str, Any]:
    record = issue(status=status)
    del record["changelog"]
    return record


def zammad(state: str, **more: Any) -> dict[str, Any]:
    return {"number": "22", "state": state, "created_at": "2026-03-02T09:00:00Z", "customer": "H"} | more


def audited(status: str) -> dict[str, Any]:
    return {"number": "INC1", "state": status, "opened_at": "2026-03-02 09:00:00"}


@pytest.mark.parametrize(
    ("mapping", "record", "reason"),
    [
        (
            "jira",
            without_history("Done"),
            "is in the state 'Done' and has no changelog.histories; export with expand=changelog",
        ),
        (
            "jira",
            issue(status="In Progress"),
            "is in the state 'In Progress' and has no changelog.histories; export with expand=changelog",
        ),
        (
            "zammad",
            zammad("closed"),
            "is in the state 'closed' and has no history; put the history of /api/v1/ticket_history/{id} "
            "into each ticket",
        ),
        (
            "servicenow-audit",
            audited("Resolved"),
            "is in the state 'Resolved' and has no audit; put the rows of the table sys_audit into each "
            "incident",
        ),
        (
            "jira",
            issue(BEGUN | {"items": BEGUN["items"][0]}),
            "a change's items is no list",
        ),
        ("jira", issue(BEGUN | {"items": ["status"]}), "a change is no JSON object"),
        ("jira", issue(BEGUN | {"items": [{"field": {"a": 1}}]}), "a change's field is no text"),
        ("jira", issue({"created": "2062-03-02T09:00Z", "items": []}), "lies in the future"),
        ("jira", issue({"items": []}), "a change's created '' is no time"),
        (
            "jira",
            issue(BEGUN),
            "the history ends with the state 'In Progress', and the ticket is in 'Resolved'",
        ),
        (
            "jira",
            issue(BEGUN, DONE, status="Open"),
            "the history ends with the state 'Resolved', and the ticket is in 'Open'",
        ),
    ],
)
def test_a_ticket_without_its_history_is_set_aside(
    engine: Engine, tmp_path: Path, mapping: str, record: dict[str, Any], reason: str
):
    summary = brought(engine, tmp_path, record, mapping=mapping)
    assert (summary.rejected, summary.new_tickets) == (1, 0)
    assert summary.rejected_first[0][1] == load_mapping(mapping).changes.path  # type: ignore[union-attr]
    assert reason in summary.rejected_first[0][2]


def test_a_new_ticket_needs_no_history(engine: Engine, tmp_path: Path):
    summary = brought(engine, tmp_path, without_history("Open"), issue(status="To Do", key="IT-2"))
    assert (summary.rejected, summary.new_tickets) == (0, 2)


def test_a_cut_history_of_a_new_ticket_is_set_aside_too(engine: Engine, tmp_path: Path):
    cut = issue(status="Open")
    cut["changelog"] = {"total": 3}
    reason = "only 0 of its 3 changes are in the file"
    assert brought(engine, tmp_path, cut).rejected_first == [(1, "changelog.histories", reason)]


def test_a_ticket_made_closed_has_a_history_that_tells_no_change_of_state(engine: Engine, tmp_path: Path):
    created = {"object": "Ticket", "type": "created", "created_at": "2026-03-02T09:00:00Z"}
    summary = brought(engine, tmp_path, zammad("closed", history=[created]), mapping="zammad")
    assert told(engine) == ["09:00 new, -, -", "09:00 closed, -, -"]
    opened = "tickets whose history tells no change of state had their present one from their opening"
    assert f"{opened}, such as 22 (1)" in summary.assumed


@pytest.mark.parametrize("batch_rows", [1, 100])
def test_milder_contradictions_are_told_once(engine: Engine, tmp_path: Path, batch_rows: int):
    waiting = change("11:00", ("status", "Pending", "Work in progress"))
    records = [
        issue(BEGUN, waiting, DONE, key="IT-1"),
        issue(BEGUN, change("11:00", ("status", "Work in progress", "Resolved")), key="IT-2"),
        issue(BEGUN, DONE, key="IT-3", status="Closed"),
        issue(BEGUN, key="IT-4", status="Pending"),
        issue(BEGUN, key="IT-5", status="Under review"),
    ]
    summary = brought(engine, tmp_path, *records, batch_rows=batch_rows)
    assert summary.rejected == 0
    assert [line for line in summary.assumed if line.startswith("histories")] == [
        "histories with a change that does not begin with what the one before it left are taken as they "
        "stand, such as IT-1 (1)",
        "histories that end in another open or another done state than the present one are taken as they "
        "stand, such as IT-3 (2)",
    ]
