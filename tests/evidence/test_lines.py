"""Who worked on a ticket when, what was reopened, and which categories cost the most time."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from evidence.baseline_evidence import (
    DETAILS,
    Handled,
    costliest_categories,
    fingerprint,
    handled_tickets,
    reopenings,
)
from evidence.histories import TicketHistories
from evidence.importer import import_log
from evidence.late_records import late_resolutions
from evidence.lines import Lines, lines_of
from evidence.lines_of_intervals import (
    BACK_OFFICE,
    BY_GROUP,
    FIRST_LINE,
    NAMED,
    SUPPLIER,
    UNKNOWN,
    UNNAMED,
)
from evidence.mappings import Mapping
from evidence.store import read_histories
from levels.steps import step_times
from models.database import reading
from tests.evidence.logbook import DESK, HEADER, day, office_hours, row, write_log

NEXT_MONTH = day(1) + timedelta(days=31)
HOUR = 3_600


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def read(engine: Engine, folder: Path, rows: Sequence[Sequence[str]], *more: str) -> TicketHistories:
    columns = DESK.columns.model_dump() | {name: name for name in more}
    mapping = Mapping.model_validate(DESK.model_dump() | {"columns": columns})
    import_log(engine, write_log(folder / "log.csv", rows, (*HEADER, *more)), mapping, rejected_folder=folder)
    with reading(engine) as session:
        return read_histories(session, "desk", "Hospital", day(1), NEXT_MONTH, NEXT_MONTH, details=DETAILS)


def handled(histories: TicketHistories) -> Handled:
    return handled_tickets(histories, office_hours(), ["awaiting_user"])


def settled(lines: Lines) -> dict[str, int]:
    return dict(zip(lines.names, lines.settled_by, strict=True))


def life(ticket: str, *updates: tuple[str, str, str], opened: str = "08:00") -> list[tuple[str, ...]]:
    """Updates of a ticket opened on Monday, each as clock, state and group."""
    return [
        row(ticket, state, day(2, clock), opened=day(2, opened), group=group)
        for clock, state, group in updates
    ]


def test_the_first_group_is_the_first_line_and_any_other_the_back_office(engine: Engine, tmp_path: Path):
    rows = [
        *life("A", ("08:00", "new", "Desk"), ("09:00", "in_progress", "Desk"), ("10:00", "resolved", "Desk")),
        *life(
            "B",
            ("08:00", "new", "Desk"),
            ("11:00", "in_progress", "Network"),
            ("12:00", "resolved", "Network"),
        ),
        *life("C", ("08:00", "in_progress", "Network"), ("09:00", "resolved", "Network")),
        *life(
            "D",
            ("08:00", "new", "Desk"),
            ("09:00", "awaiting_supplier", "Desk"),
            ("17:00", "resolved", "Desk"),
        ),
        *life("E", ("08:00", "new", "Desk"), ("09:00", "in_progress", ""), ("10:00", "resolved", "")),
        *life("F", ("08:00", "new", "Desk"), ("09:00", "in_progress", "Network")),
    ]
    lines = lines_of(handled(read(engine, tmp_path, rows)))
    assert lines.assumption == BY_GROUP
    assert settled(lines) == {FIRST_LINE: 3, BACK_OFFICE: 1, SUPPLIER: 1} and lines.resolved == 5
    assert lines.waited_for_supplier_s == 8 * HOUR
    first, back, supplier = step_times(lines.stays, lines.names)
    assert (first.tickets, first.total_s) == (5, (2 + 3 + 1 + 1 + 2) * HOUR)
    assert first.effective_share == pytest.approx(3 / 9)
    assert (back.tickets, back.total_s, back.effective_share) == (1, HOUR, 1)
    assert (supplier.median_s, supplier.effective_share) == (8 * HOUR, 0)


def test_a_line_that_the_feed_names_is_believed(engine: Engine, tmp_path: Path):
    rows = [
        (*told, line)
        for told, line in zip(
            life(
                "A",
                ("08:00", "in_progress", "Desk"),
                ("09:00", "in_progress", "Lab"),
                ("12:00", "resolved", "Lab"),
            ),
            ("first line", "laboratory", "laboratory"),
            strict=True,
        )
    ]
    lines = lines_of(handled(read(engine, tmp_path, rows, "line")))
    assert lines.assumption == NAMED
    assert settled(lines) == {FIRST_LINE: 0, "laboratory": 1}


def test_without_lines_and_groups_nothing_is_claimed(engine: Engine, tmp_path: Path):
    lines = lines_of(handled(read(engine, tmp_path, life("A", ("09:00", "resolved", "")))))
    assert (lines.names, lines.assumption) == ([UNNAMED], UNKNOWN)


def test_what_a_reopening_adds(engine: Engine, tmp_path: Path):
    rows = [
        *life("A", ("09:00", "resolved", "Desk")),
        *life(
            "B",
            ("09:00", "resolved", "Desk"),
            ("12:00", "in_progress", "Desk"),
            ("14:00", "resolved", "Desk"),
        ),
        *life("C", ("09:00", "in_progress", "Desk")),
        *life("D", ("09:00", "cancelled", "Desk")),
    ]
    served = handled(read(engine, tmp_path, rows))
    found = reopenings(served)
    assert (found.reopened, found.ever_done) == (1, 2)
    assert (found.added_s, found.median_added_s) == (2 * HOUR, 2 * HOUR)
    assert "D" not in served.histories.external_ids


def test_the_costliest_categories_come_first(engine: Engine, tmp_path: Path):
    rows = [
        (*told, category)
        for ticket, clock, category in (
            *(("A", "12:00", "printer"), ("B", "10:00", "printer")),
            *(("C", "18:00", "network"), ("D", "09:00", "")),
        )
        for told in life(ticket, (clock, "resolved", "Desk"))
    ]
    network, printer = costliest_categories(handled(read(engine, tmp_path, rows, "category")), 2)
    assert (network.category, network.tickets, network.seconds) == ("network", 1, 10 * HOUR)
    assert (printer.category, printer.tickets, printer.median_s) == ("printer", 2, 3 * HOUR)
    assert network.share == pytest.approx(10 / 17)


def test_resolutions_written_down_days_later_are_late(engine: Engine, tmp_path: Path):
    """The second update goes back in time: nobody knew of the resolution before the third of March."""
    rows = [
        row("A", "in_progress", day(4, "12:00"), opened=day(2, "08:00")),
        row("A", "resolved", day(2, "09:00"), opened=day(2, "08:00")),
        row("B", "resolved", day(2, "09:00"), opened=day(2, "08:00")),
    ]
    read(engine, tmp_path, rows)
    with reading(engine) as session:
        window = "desk", "Hospital", day(1), NEXT_MONTH
        found = late_resolutions(session, *window, NEXT_MONTH)
        assert (found.resolutions, found.late) == (2, 1)
        assert late_resolutions(session, *window, day(3)).resolutions == 1


def test_the_fingerprint_is_of_everything_that_is_looked_at(engine: Engine, tmp_path: Path):
    rows = [*life("A", ("09:00", "resolved", "Desk")), *life("B", ("10:00", "resolved", "Desk"))]
    whole = read(engine, tmp_path, rows)
    assert fingerprint(whole, {"weeks": 1}) == fingerprint(whole, {"weeks": 1})
    assert fingerprint(whole, {"weeks": 1}) != fingerprint(whole, {"weeks": 2})
    assert fingerprint(whole.where(whole.external_ids == "A"), {}) != fingerprint(whole, {})
    whole.details["group_name"][0] = "Lab"
    assert fingerprint(whole, {"weeks": 1}) != fingerprint(read(engine, tmp_path, rows), {"weeks": 1})
