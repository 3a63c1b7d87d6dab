"""A ticket handed from line to line: a change of line alone is an interval like any other."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import col

from evidence.importer import ImportSummary, import_log
from evidence.mappings import load_mapping, remade
from evidence.store import read_histories
from models.database import reading
from models.evidence import TicketInterval
from tests.evidence.logbook import day, write_log

SAMPLE, TICKETS = load_mapping("sample"), load_mapping("tickets")
LOG_COLUMNS = (
    *("ticket", "state", "opened_at", "updated_at", "customer", "requester"),
    *("priority", "service", "category", "request_type", "group", "line"),
)
OPENED = "2026-03-02T09:00:00Z"


def update(state: str, clock: str, line: str) -> tuple[str, ...]:
    at = f"2026-03-02T{clock}:00Z"
    return "T1", state, OPENED, at, "Hospital", "ward", "2", "Mail", "", "incident", "Desk", line


HANDED_ON = [
    update("new", "09:00", "first line"),
    update("in progress", "10:00", "first line"),
    update("in progress", "11:00", "back office"),
    update("resolved", "15:00", "back office"),
]


def brought(engine: Engine, path: Path, rows: Sequence[Sequence[str]]) -> ImportSummary:
    return import_log(engine, write_log(path, rows, LOG_COLUMNS), SAMPLE)


def lines(engine: Engine) -> list[str]:
    at, known = col(TicketInterval.started_at), col(TicketInterval.known_at)
    with reading(engine) as session:
        found = session.execute(
            select(at, known, col(TicketInterval.state), col(TicketInterval.line)).order_by(
                at, known, col(TicketInterval.id)
            )
        )
        return [f"{begun:%H:%M} known {since:%H:%M} {state}, {line}" for begun, since, state, line in found]


def in_force(engine: Engine) -> list[str]:
    april = datetime(2026, 4, 1, tzinfo=UTC)
    with reading(engine) as session:
        told = read_histories(session, "sample", "Hospital", day(1), april, day(9), details=["line"])
    return [str(line) for line in told.details["line"]]


def test_a_change_of_line_alone_adds_an_interval(engine: Engine, tmp_path: Path):
    summary = brought(engine, tmp_path / "log.csv", HANDED_ON)
    assert lines(engine) == [
        "09:00 known 09:00 new, first line",
        "10:00 known 10:00 in_progress, first line",
        "11:00 known 11:00 in_progress, back office",
        "15:00 known 15:00 resolved, back office",
    ]
    assert (summary.new_tickets, summary.new_intervals) == (1, 4)


def test_the_same_file_again_changes_nothing(engine: Engine, tmp_path: Path):
    brought(engine, tmp_path / "log.csv", HANDED_ON)
    once = lines(engine)
    assert brought(engine, tmp_path / "again.csv", HANDED_ON).new_intervals == 0
    assert brought(engine, tmp_path / "rest.csv", HANDED_ON[2:]).new_intervals == 0
    assert lines(engine) == once


def test_the_rows_in_batches_are_the_log_read_at_once(engine: Engine, tmp_path: Path):
    log = write_log(tmp_path / "log.csv", HANDED_ON, LOG_COLUMNS)
    assert import_log(engine, log, SAMPLE, batch_rows=1).new_intervals == 4
    assert brought(engine, tmp_path / "whole.csv", HANDED_ON).new_intervals == 0


def test_lines_changed_within_one_instant_are_all_kept_and_the_last_one_lasts(engine: Engine, tmp_path: Path):
    rows = [*HANDED_ON[:2], update("in progress", "10:00", "back office")]
    assert brought(engine, tmp_path / "log.csv", rows).new_intervals == 3
    assert in_force(engine) == ["first line", "first line", "back office"]


def test_a_later_export_that_names_another_line_for_the_same_instant_adds_it(engine: Engine, tmp_path: Path):
    brought(engine, tmp_path / "first.csv", HANDED_ON)
    corrected = [*HANDED_ON[:2], update("in progress", "11:00", "supplier"), HANDED_ON[3]]
    assert brought(engine, tmp_path / "later.csv", corrected).new_intervals == 1
    assert lines(engine)[2:4] == [
        "11:00 known 11:00 in_progress, back office",
        "11:00 known 11:00 in_progress, supplier",
    ]
    assert brought(engine, tmp_path / "again.csv", corrected).new_intervals == 0


def test_a_ticket_told_anew_as_a_whole_with_another_line_has_it_since_then(engine: Engine, tmp_path: Path):
    header = "id", "state", "opened_at", "first_response_at", "updated_at", "customer", "line"
    for name, clock, line in (("a", "10:00", "first line"), ("b", "11:00", "back office")):
        at = f"2026-03-02T{clock}:00Z"
        rows = [("T1", "in_progress", OPENED, "2026-03-02T10:00:00Z", at, "Hospital", line)]
        log = write_log(tmp_path / f"{name}.csv", rows, header)
        import_log(engine, log, remade(TICKETS, {"source": "sample"}))
    assert lines(engine) == [
        "09:00 known 09:00 new, first line",
        "10:00 known 10:00 in_progress, first line",
        "11:00 known 11:00 in_progress, back office",
    ]
    assert import_log(engine, log, remade(TICKETS, {"source": "sample"})).new_intervals == 0
