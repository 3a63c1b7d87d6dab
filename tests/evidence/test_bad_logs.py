"""Logs as they come: rows that say nothing usable, odd encodings, files that are none. SQLite will do."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from config.errors import BadInputError
from evidence.importer import import_log
from models.database import reading
from models.evidence import Ticket
from tests.evidence.logbook import DESK, HEADER, day, intervals, march, row, write_log

MONDAY, TUESDAY = day(2, "09:00"), day(3, "09:00")
LIFE = [
    row("T1", "new", MONDAY, opened=MONDAY),
    row("T1", "in_progress", day(2, "10:00"), opened=MONDAY),
    row("T1", "resolved", day(2, "15:00"), opened=MONDAY),
]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


BAD_ROWS = {
    "no id": (row("", "new", MONDAY, opened=MONDAY), "no id"),
    "unknown state": (row("T9", "-100", MONDAY, opened=MONDAY), "state '-100' is not in the mapping desk"),
    "no state": (row("T9", "", MONDAY, opened=MONDAY), "state '' is not in the mapping desk"),
    "no time": (("T9", "new", "2026-03-02T09:00Z", "", "H", "2", "D"), "no updated"),
    "not a time": (
        ("T9", "new", "yesterday", "2026-03-02T09:00Z", "H", "2", "D"),
        "opened 'yesterday' is not",
    ),
    "before opening": (row("T9", "new", MONDAY, opened=TUESDAY), "updated lies before the ticket was opened"),
    "too short": (("T9", "new"), "2 cells where there are 7 columns"),
    "nul": (row("T9", "new", MONDAY, opened=MONDAY, group="a\0b"), "a cell holds a NUL character"),
}


@pytest.mark.parametrize("bad", BAD_ROWS)
def test_a_bad_row_goes_to_a_file_and_stops_nothing(engine: Engine, tmp_path: Path, bad: str):
    cells, reason = BAD_ROWS[bad]
    log = write_log(tmp_path / "log.csv", [LIFE[0], cells, *LIFE[1:]])
    summary = import_log(engine, log, DESK, rejected_folder=tmp_path / "out")
    assert (summary.rows, summary.rejected, summary.new_intervals) == (4, 1, 3)
    assert summary.rejected_file is not None and summary.rejected_file.parent == tmp_path / "out"
    with summary.rejected_file.open(newline="") as file:
        header, rejected = csv.reader(file)
    assert header == ["line", "column", "reason", *HEADER]
    assert rejected[0] == "3" and rejected[2].startswith(reason) and rejected[3:] == list(cells)
    assert rejected[1] in ("", "id", "state", "updated", "opened") and rejected[1] in reason


def test_a_quote_that_is_never_closed_swallows_no_rows_in_silence(engine: Engine, tmp_path: Path):
    log = write_log(tmp_path / "log.csv", LIFE[:1])
    with log.open("a") as file:
        file.write('T2,new,2026-03-02T09:00Z,2026-03-02T09:00Z,"Hospital,2,Desk\n')
        file.write("T3,new,2026-03-02T09:00Z,2026-03-02T09:00Z,Hospital,2,Desk\n")
    summary = import_log(engine, log, DESK)
    assert (summary.rejected_first, summary.new_tickets) == ([(3, "", "a quote that is never closed")], 1)
    log.write_text('id,"state\nT1,new\n')
    with pytest.raises(BadInputError, match="line 1: a quote that is never closed"):
        import_log(engine, log, DESK)


def test_what_often_stands_for_nothing_is_told_where_it_is_read_as_it_stands(engine: Engine, tmp_path: Path):
    rows = [row("T1", "new", MONDAY, opened=MONDAY, customer="?", group="NULL"), LIFE[0]]
    summary = import_log(engine, write_log(tmp_path / "log.csv", rows), DESK)
    assert "cells that say ?, NULL are read as they stand, not as missing" in summary.assumed
    known = DESK.model_copy(update={"missing": frozenset({"", "?", "NULL"})})
    again = import_log(engine, write_log(tmp_path / "again.csv", rows), known)
    assert not any("cells that say" in sentence for sentence in again.assumed)


def test_a_line_number_counts_lines_within_cells_too(engine: Engine, tmp_path: Path):
    rows = [
        row("T1", "new", MONDAY, opened=MONDAY, group="two\nlines"),
        row("T2", "?", MONDAY, opened=MONDAY),
    ]
    summary = import_log(engine, write_log(tmp_path / "log.csv", rows), DESK)
    assert summary.rejected_file is not None
    assert summary.rejected_file.parent == tmp_path / "rejected", "beside the product's own data"
    assert summary.rejected_file.read_text().splitlines()[1].startswith("4,")


def test_what_an_earlier_import_rejected_is_kept(engine: Engine, tmp_path: Path):
    log = write_log(tmp_path / "log.csv", [row("T1", "?", MONDAY, opened=MONDAY)])
    for source in ("desk", "desk", "north/desk"):
        import_log(engine, log, DESK.model_copy(update={"source": source}), rejected_folder=tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(names) == 3 and names[2].startswith("log.north_desk.20"), "one for each import"


def test_tickets_that_name_no_customer_are_warned_of(engine: Engine, tmp_path: Path):
    rows = [row(f"T{number}", "new", MONDAY, opened=MONDAY, customer="") for number in range(3)]
    summary = import_log(engine, write_log(tmp_path / "log.csv", [*rows, LIFE[0]]), DESK)
    assert "tickets that name no customer count under no agreement (3)" in summary.assumed
    assert not any("leading digits" in sentence for sentence in summary.assumed)
    digits = DESK.model_copy(update={"priority": "leading digits"})
    again = import_log(engine, write_log(tmp_path / "log.csv", LIFE), digits)
    assert "priorities are their leading digits: '3 - Moderate' is priority 3" in again.assumed
    assert not any("no customer" in sentence for sentence in again.assumed)


def test_a_time_that_the_clocks_skip_is_the_first_instant_after_it_and_told(engine: Engine, tmp_path: Path):
    zurich = DESK.model_copy(update={"zone": "Europe/Zurich"})
    skipped, after = ((f"2026-03-29T{clock}") for clock in ("02:30", "03:00"))
    log = write_log(tmp_path / "log.csv", [("T1", "new", skipped, skipped, "Hospital", "2", "Desk")])
    summary = import_log(engine, log, zurich)
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert [begin for _, begin, _ in intervals(engine)] == [change]
    told = "times that the clocks skip, such as 2026-03-29 02:30, are the first instant after it"
    assert told in summary.assumed
    log = write_log(tmp_path / "log.csv", [("T2", "new", after, after, "Hospital", "2", "Desk")])
    assert told not in import_log(engine, log, zurich).assumed
    assert {begin for _, begin, _ in intervals(engine)} == {change}


def test_times_without_a_zone_are_read_in_the_mappings(engine: Engine, tmp_path: Path):
    mapping = DESK.model_copy(update={"zone": "Europe/Berlin", "date_format": "%d.%m.%Y %H:%M"})
    rows = [("T1", "new", "2.3.2026 10:00", "2.3.2026 10:00", "Hospital", "2", "Desk")]
    summary = import_log(engine, write_log(tmp_path / "log.csv", rows), mapping)
    assert intervals(engine) == [("new", MONDAY, MONDAY)]
    assert "times name no zone and are read in Europe/Berlin" in summary.assumed


def test_customers_may_be_told_by_another_column(engine: Engine, tmp_path: Path):
    import_log(engine, write_log(tmp_path / "log.csv", LIFE), DESK, customer_by="group")
    assert len(march(engine, as_of=day(9), customer="Desk")) == 1


def test_progress_runs_to_the_end_of_the_packed_file(engine: Engine, tmp_path: Path):
    rows = [row(f"T{number}", "new", MONDAY, opened=MONDAY) for number in range(5_000)]
    log, reports = write_log(tmp_path / "log.csv.gz", rows), list[tuple[int, int]]()
    import_log(engine, log, DESK, progress=lambda done, total: reports.append((done, total)))
    size = log.stat().st_size
    assert reports == sorted(reports) and len(reports) > 2
    assert reports[-1] == (size, size) and all(0 < done <= total == size for done, total in reports)


def refusals(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that cannot be imported, each with what the user is told."""
    good = write_log(folder / "good.csv.gz", LIFE * 3_000).read_bytes()
    files = {
        "empty.csv": (b"", "the file is empty"),
        "text.csv.gz": (b"id,state\n", "not packed with gzip, though its name ends in .gz"),
        "damaged.csv.gz": (
            good[:200] + bytes(byte ^ 0x55 for byte in good[200:300]) + good[300:],
            "the packed file is damaged",
        ),
        "latin.csv": (",".join(HEADER).encode() + "\nZürich".encode("latin-1"), "not utf-8-sig text"),
        "other.csv": (
            b"id,state,when\n",
            "no column customer, group, opened, priority, updated (mapping desk)",
        ),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    (folder / "folder.csv").mkdir()
    told = {name: (folder / name, reason) for name, (_, reason) in files.items()}
    return told | {
        "missing": (folder / "missing.csv", "No such file or directory"),
        "folder": (folder / "folder.csv", "Is a directory"),
    }


def test_a_file_that_cannot_be_read_is_refused_in_one_line(engine: Engine, tmp_path: Path):
    for path, reason in refusals(tmp_path).values():
        with pytest.raises(BadInputError) as refused:
            import_log(engine, path, DESK)
        message = str(refused.value)
        assert message.startswith(str(path)) and reason in message and "\n" not in message
    with reading(engine) as session:
        assert session.execute(select(func.count()).select_from(Ticket)).scalar_one() == 0


def test_an_unknown_customer_column_is_refused_with_the_columns_there_are(engine: Engine, tmp_path: Path):
    log = write_log(tmp_path / "log.csv", LIFE)
    with pytest.raises(
        BadInputError, match=r"no column site \(mapping desk\); the columns are id, state, opened"
    ):
        import_log(engine, log, DESK, customer_by="site")


def test_rejected_rows_that_cannot_be_written_stop_the_import(engine: Engine, tmp_path: Path):
    (tmp_path / "out").write_text("a file where a folder should be")
    log = write_log(tmp_path / "log.csv", [*LIFE, row("T9", "?", MONDAY, opened=MONDAY)])
    with pytest.raises(BadInputError, match=r"rejected rows: .*log\.desk\..*rejected.csv"):
        import_log(engine, log, DESK, rejected_folder=tmp_path / "out")
    assert intervals(engine) == [], "nothing half-written"
