"""Nested histories whose tickets go from line to line: the line follows what the history tells of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from evidence.importer import ImportSummary, import_log
from evidence.mapping_schema import Mapping
from evidence.mappings import load_mapping, remade
from models.database import reading
from models.evidence import TicketInterval

SUPPORT_LINE = "customfield_10100"
NOT_TOLD = (
    "the history tells no changes of the {}: each ticket's present one is taken for its whole life ({})"
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def jira(line: str = "", **columns: str) -> Mapping:
    """Jira's mapping with a field of one's own for the line, whose changes the history may tell."""
    plain = load_mapping("jira").model_dump(exclude_none=True)
    named = {"line": f"fields.{SUPPORT_LINE}"} | columns
    return remade(
        Mapping.model_validate(
            plain | {"columns": plain["columns"] | named, "changes": plain["changes"] | {"line": line}}
        ),
        {"source": "desk"},
    )


def change(clock: str, *items: tuple[str, str | None, str | None]) -> dict[str, Any]:
    told = [{"field": field, "fromString": old, "toString": new} for field, old, new in items]
    return {"created": f"2026-03-02T{clock}:00.000+0000", "items": told}


def issue(
    *histories: dict[str, Any], line: str = "Back office", key: str = "IT-1", status: str = "Resolved"
) -> dict[str, Any]:
    return {
        "key": key,
        "fields": {
            "status": {"name": status},
            "priority": {"name": "High"},
            "created": "2026-03-02T09:00:00.000+0000",
            "project": {"name": "Hospital"},
            "reporter": {"displayName": "Ward 7"},
            "issuetype": {"name": "Incident"},
            SUPPORT_LINE: {"value": line},
        },
        "changelog": {"histories": list(histories)},
    }


HANDED_ON = issue(
    change("10:00", ("status", "Open", "In Progress")),
    change("11:00", ("Support line", "First line", "Back office")),
    change("15:00", ("status", "In Progress", "Resolved")),
)


def brought(engine: Engine, path: Path, mapping: Mapping, *issues: dict[str, Any]) -> ImportSummary:
    path.write_text(json.dumps({"issues": issues}))
    return import_log(engine, path, mapping)


def told(engine: Engine) -> list[str]:
    at = col(TicketInterval.started_at)
    with reading(engine) as session:
        found = session.execute(
            select(
                at, col(TicketInterval.state), col(TicketInterval.group_name), col(TicketInterval.line)
            ).order_by(at, col(TicketInterval.id))
        )
        return [
            f"{begun:%H:%M} {state}, {group or '-'}, {line or '-'}" for begun, state, group, line in found
        ]


def test_the_line_follows_the_history(engine: Engine, tmp_path: Path):
    summary = brought(engine, tmp_path / "search.json", jira("Support line"), HANDED_ON)
    assert told(engine) == [
        "09:00 new, -, First line",
        "10:00 in_progress, -, First line",
        "11:00 in_progress, -, Back office",
        "15:00 resolved, -, Back office",
    ]
    assert not any("whole life" in sentence for sentence in summary.assumed)
    assert brought(engine, tmp_path / "again.json", jira("Support line"), HANDED_ON).new_intervals == 0


def test_a_line_that_was_given_later_was_none_before(engine: Engine, tmp_path: Path):
    given = issue(
        change("10:00", ("status", "Open", "In Progress"), ("Support line", None, "Back office")),
        change("15:00", ("status", "In Progress", "Resolved")),
    )
    brought(engine, tmp_path / "search.json", jira("Support line"), given)
    assert told(engine) == [
        "09:00 new, -, -",
        "10:00 in_progress, -, Back office",
        "15:00 resolved, -, Back office",
    ]


def test_a_line_whose_changes_are_not_told_is_an_assumption(engine: Engine, tmp_path: Path):
    untouched = issue(key="IT-2", status="Open")
    summary = brought(engine, tmp_path / "search.json", jira(), HANDED_ON, untouched)
    assert NOT_TOLD.format("line", 2) in summary.assumed
    assert {line.rpartition(", ")[2] for line in told(engine)} == {"Back office"}


def test_a_file_that_says_no_line_assumes_none(engine: Engine, tmp_path: Path):
    silent = issue(change("10:00", ("status", "Open", "Resolved")), line="")
    summary = brought(engine, tmp_path / "search.json", jira(), silent)
    assert not any("whole life" in sentence for sentence in summary.assumed)


def test_a_line_that_is_the_group_goes_with_it(engine: Engine, tmp_path: Path):
    zammad = load_mapping("zammad").model_dump(exclude_none=True)
    mapping = Mapping.model_validate(zammad | {"columns": zammad["columns"] | {"line": "group"}})
    moved = {"attribute": "group", "value_from": "1st Level", "value_to": "2nd Level"}
    ticket = {
        "number": "22001",
        "state": "open",
        "priority": "2 normal",
        "group": "2nd Level",
        "customer": "ward7@hospital.example",
        "created_at": "2026-03-02T09:00:00.000Z",
        "history": [moved | {"created_at": "2026-03-02T11:00:00.000Z"}],
    }
    path = tmp_path / "tickets.jsonl"
    path.write_text(json.dumps(ticket) + "\n")
    summary = import_log(engine, path, mapping)
    assert told(engine) == [
        "09:00 new, 1st Level, 1st Level",
        "09:00 in_progress, 1st Level, 1st Level",
        "11:00 in_progress, 2nd Level, 2nd Level",
    ]
    assert not any("whole life" in sentence for sentence in summary.assumed)
