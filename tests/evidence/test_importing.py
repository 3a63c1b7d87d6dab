"""Logs come in: whole, twice, in parts, out of order, and with rows that say nothing usable."""

import random
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from sqlalchemy import Engine

from evidence.importer import ImportSummary, import_log
from evidence.mappings import load_mapping
from evidence.ticket_counts import count_opened, tickets_by_customer
from models.database import reading
from tests.evidence.logbook import DESK, day, intervals, march, row, write_log

MONDAY, TUESDAY = day(2, "09:00"), day(3, "09:00")
LIFE = [
    row("T1", "new", MONDAY, opened=MONDAY),
    row("T1", "in_progress", day(2, "10:00"), opened=MONDAY),
    row("T1", "in_progress", day(2, "11:00"), opened=MONDAY),  # a note: nothing that counts has changed
    row("T1", "resolved", day(2, "15:00"), opened=MONDAY),
    row("T1", "closed", day(5, "15:00"), opened=MONDAY),
]


def added(summary: ImportSummary) -> tuple[int, int]:
    return summary.new_tickets, summary.new_intervals


def test_an_update_that_changes_nothing_adds_no_interval(engine: Engine, tmp_path: Path):
    summary = import_log(engine, write_log(tmp_path / "log.csv", LIFE), DESK)
    assert (summary.rows, summary.tickets, added(summary), summary.rejected) == (5, 1, (1, 4), 0)
    assert [state for state, _, _ in intervals(engine)] == ["new", "in_progress", "resolved", "closed"]


def test_the_same_file_twice_changes_nothing(engine: Engine, tmp_path: Path):
    log = write_log(tmp_path / "log.csv.gz", LIFE)
    import_log(engine, log, DESK)
    once = intervals(engine)
    again = import_log(engine, log, DESK)
    assert added(again) == (0, 0) and again.tickets == 1
    assert intervals(engine) == once


def test_a_newer_export_adds_what_happened_since(engine: Engine, tmp_path: Path):
    import_log(engine, write_log(tmp_path / "monday.csv", LIFE[:2]), DESK)
    newer = [*LIFE, row("T2", "new", TUESDAY, opened=TUESDAY)]
    assert added(import_log(engine, write_log(tmp_path / "friday.csv", newer), DESK)) == (1, 3)


def test_an_export_of_only_the_newest_rows_goes_on_where_the_store_stands(engine: Engine, tmp_path: Path):
    import_log(engine, write_log(tmp_path / "whole.csv", LIFE), DESK)
    whole = intervals(engine)
    assert added(import_log(engine, write_log(tmp_path / "rest.csv", LIFE[2:]), DESK)) == (0, 0)
    assert intervals(engine) == whole


def test_a_ticket_told_in_two_parts_is_the_ticket_told_at_once(engine: Engine, tmp_path: Path):
    for number, rows in enumerate((LIFE[:2], LIFE[2:], LIFE[2:])):
        import_log(engine, write_log(tmp_path / f"part{number}.csv", rows), DESK)
    assert [state for state, _, _ in intervals(engine)] == ["new", "in_progress", "resolved", "closed"]


def test_a_ticket_first_seen_at_work_was_new_when_it_was_opened(engine: Engine, tmp_path: Path):
    rows = [row("T1", "in_progress", day(2, "10:00"), opened=MONDAY)]
    import_log(engine, write_log(tmp_path / "log.csv", rows), DESK)
    assert intervals(engine) == [
        ("new", MONDAY, day(2, "10:00")),
        ("in_progress", day(2, "10:00"), day(2, "10:00")),
    ]
    assert len(march(engine, as_of=day(2, "09:30"))) == 0, "nobody knew of it yet"


def test_a_change_of_group_or_priority_adds_an_interval(engine: Engine, tmp_path: Path):
    rows = [
        row("T1", "new", MONDAY, opened=MONDAY),
        row("T1", "new", day(2, "10:00"), opened=MONDAY, group="Back office"),
        row("T1", "new", day(2, "11:00"), opened=MONDAY, group="Back office", priority="1"),
    ]
    assert added(import_log(engine, write_log(tmp_path / "log.csv", rows), DESK)) == (1, 3)
    histories = march(engine, as_of=day(9))
    assert histories.attributes["priority"].tolist() == ["2"], "as it was opened"


def test_an_update_that_goes_back_in_time_is_late_knowledge(engine: Engine, tmp_path: Path):
    rows = [
        row("T1", "new", MONDAY, opened=MONDAY),
        row("T1", "in_progress", day(2, "14:00"), opened=MONDAY),
        row("T1", "awaiting_user", day(2, "11:00"), opened=MONDAY),
        row("T1", "resolved", day(2, "16:00"), opened=MONDAY),
    ]
    summary = import_log(engine, write_log(tmp_path / "log.csv", rows), DESK)
    assert ("awaiting_user", day(2, "11:00"), day(2, "14:00")) in intervals(engine)
    assert any("(1)" in sentence for sentence in summary.assumed)
    assert march(engine, as_of=day(2, "13:00")).interval_state.tolist() == ["new"]
    assert march(engine, as_of=day(3)).interval_state.tolist() == [
        "new",
        "awaiting_user",
        "in_progress",
        "resolved",
    ]
    assert added(import_log(engine, tmp_path / "log.csv", DESK)) == (0, 0)


def test_a_state_left_and_entered_again_within_a_minute_is_the_one_that_lasts(engine: Engine, tmp_path: Path):
    rows = [row("T1", state, at, opened=MONDAY) for state, at in (
        ("new", MONDAY), ("in_progress", TUESDAY), ("resolved", TUESDAY), ("in_progress", TUESDAY),
    )]  # fmt: skip
    for _ in range(2):
        import_log(engine, write_log(tmp_path / "log.csv", rows), DESK)
    assert march(engine, as_of=day(9)).interval_state.tolist() == ["new", "resolved", "in_progress"]


def test_rows_of_a_ticket_may_be_scattered(engine: Engine, tmp_path: Path):
    other = row("T2", "new", TUESDAY, opened=TUESDAY, customer="Works")
    import_log(engine, write_log(tmp_path / "log.csv", [LIFE[0], other, *LIFE[1:]]), DESK)
    with reading(engine) as session:
        month = day(1), datetime(2026, 4, 1, tzinfo=UTC)
        assert tickets_by_customer(session, "desk", *month) == {"Hospital": 1, "Works": 1}
        assert count_opened(session, "desk", "Works", *month, TUESDAY, {"priority": "2"}) == 1
        assert count_opened(session, "desk", "Works", *month, MONDAY, {}) == 0, "opened later"
        assert count_opened(session, "desk", "Works", *month, TUESDAY, {"priority": "1"}) == 0


def test_names_as_long_as_a_key_of_the_database_are_kept_and_longer_ones_set_aside(
    engine: Engine, tmp_path: Path
):
    letters = random.Random(3)  # what does not repeat cannot be packed into a key

    def name(length: int) -> str:
        return "".join(letters.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))

    header = "id", "state", "opened_at", "updated_at", "customer", "priority", "group", "line"
    rows = [
        (name(length), "new", "2026-03-02T09:00Z", "2026-03-02T09:00Z", *(name(length) for _ in range(4)))
        for length in (800, 801)
    ]
    summary = import_log(engine, write_log(tmp_path / "log.csv", rows, header), load_mapping("tickets"))
    reason = "a cell of over 800 bytes, where a name or a number is wanted"
    assert (summary.new_tickets, summary.rejected_first) == (1, [(3, "", reason)])


def test_two_imports_at_once_share_one_history(engine: Engine, tmp_path: Path):
    rows = [
        line
        for number in range(200)
        for line in (
            row(f"T{number}", "new", MONDAY, opened=MONDAY),
            row(f"T{number}", "resolved", TUESDAY, opened=MONDAY),
        )
    ]
    logs = [write_log(tmp_path / f"{n}.csv", rows if n else [*reversed(rows[::2])]) for n in range(2)]
    summaries: list[ImportSummary] = []
    threads = [Thread(target=lambda log=log: summaries.append(import_log(engine, log, DESK))) for log in logs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(summary.new_tickets for summary in summaries) == 200
    assert len(march(engine, as_of=day(9))) == 200 and len(intervals(engine)) == 400
