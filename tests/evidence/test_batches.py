"""A log in batches: the same history whatever their size, kept up to where a file breaks off."""

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from config.errors import BadInputError
from evidence.importer import import_log
from models.database import open_engine, transaction
from tests.evidence.logbook import DESK, day, intervals, row, write_log

MONDAY = day(2, "09:00")
STATES = ("new", "in_progress", "awaiting_user", "resolved")


def forget(engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(text("DELETE FROM ticket_updates"))
        session.execute(text("DELETE FROM ticket_intervals"))
        session.execute(text("DELETE FROM tickets"))


def told(engine: Engine) -> list[tuple[object, ...]]:
    """The intervals, then the updates that began none."""
    with transaction(engine) as session:
        return [
            tuple(found)
            for statement in (
                "SELECT external_id, t.known_at, opened_at, customer, state, started_at, i.known_at "
                "FROM ticket_intervals i JOIN tickets t ON t.id = ticket_id "
                "ORDER BY external_id, started_at, i.known_at, state",
                "SELECT external_id, at, u.known_at "
                "FROM ticket_updates u JOIN tickets t ON t.id = ticket_id ORDER BY external_id, at",
            )
            for found in session.execute(text(statement))
        ]


def scattered(number: int = 60) -> list[tuple[str, ...]]:
    """Three tickets told by turns, one update of each dated back by hours."""
    rows = []
    for step in range(number // 3):
        hour, minute = divmod(step * 17, 60)
        for ticket in range(3):
            at = day(2 + ticket, f"{9 + hour}:{minute:02}")
            if step == 9:
                at = day(2 + ticket, "09:30")
            rows.append(row(f"T{ticket}", STATES[step % 4], at, opened=MONDAY))
    return rows


@pytest.mark.parametrize("batch_rows", [1, 7, 25, 40])
def test_scattered_rows_in_batches_are_the_log_read_at_once(engine: Engine, tmp_path: Path, batch_rows: int):
    log = write_log(tmp_path / "log.csv", scattered())
    whole = import_log(engine, log, DESK)
    history = told(engine)
    forget(engine)
    parts = import_log(engine, log, DESK, batch_rows=batch_rows)
    assert told(engine) == history
    assert (parts.tickets, parts.new_tickets, parts.new_intervals) == (3, 3, whole.new_intervals)
    assert parts.assumed == whole.assumed and any("(3)" in sentence for sentence in parts.assumed)
    again = import_log(engine, log, DESK, batch_rows=11)
    assert (again.new_tickets, again.new_intervals) == (0, 0)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, upgraded_sqlite: Path) -> Engine:
    path = tmp_path_factory.mktemp("batches") / "desk.db"
    path.write_bytes(upgraded_sqlite.read_bytes())
    return open_engine(f"sqlite:///{path}")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(STATES), st.integers(1, 500)),
        min_size=1,
        max_size=25,
        unique_by=lambda update: update[2],
    ),
    st.integers(1, 8),
)
def test_any_log_in_any_batches(
    desk: Engine, tmp_path: Path, updates: list[tuple[str, str, int]], batch_rows: int
):
    rows = [
        row(ticket, state, day(2 + at // 24, f"{at % 24}:00"), opened=day(1)) for ticket, state, at in updates
    ]
    log = write_log(tmp_path / "log.csv", rows)
    forget(desk)
    import_log(desk, log, DESK)
    history = told(desk)
    assert import_log(desk, log, DESK, batch_rows=batch_rows).new_intervals == 0, "nothing new in batches"
    forget(desk)
    import_log(desk, log, DESK, batch_rows=batch_rows)
    assert told(desk) == history
    assert import_log(desk, log, DESK).new_intervals == 0, "nothing new at once"
    assert told(desk) == history


def cut_off(path: Path, rows: list[tuple[str, ...]]) -> Path:
    packed = write_log(path, rows).read_bytes()
    path.write_bytes(packed[: len(packed) * 2 // 3])
    return path


def many(number: int) -> list[tuple[str, ...]]:
    return [
        row(
            f"T{n // 2}",
            ("new", "resolved")[n % 2],
            day(2, f"09:{n % 60:02}"),
            opened=day(2),
            group=str(n * 7919),
        )
        for n in range(number)
    ]


def test_a_file_that_is_cut_off_keeps_what_stands_before_and_resumes(engine: Engine, tmp_path: Path):
    rows = many(6_000)
    log = cut_off(tmp_path / "log.csv.gz", rows)
    with pytest.raises(BadInputError) as refused:
        import_log(engine, log, DESK, batch_rows=1_000)
    message = str(refused.value)
    assert "the packed file is cut off; the " in message and "importing again resumes after them" in message
    kept = int(message.partition("off; the ")[2].partition(" rows")[0].replace(",", ""))
    assert kept > 1_000 and f"after line {kept + 1}" in message
    before = len(intervals(engine))
    assert before > kept // 2

    mended = import_log(engine, write_log(log, rows), DESK, batch_rows=1_000)
    assert mended.new_intervals == len(intervals(engine)) - before > 0
    assert mended.rows == 6_000 and mended.tickets == 3_000


def test_a_damaged_file_is_refused_before_a_row_of_it_is_believed(engine: Engine, tmp_path: Path):
    log = write_log(tmp_path / "log.csv.gz", many(4_000))
    content = bytearray(log.read_bytes())
    content[-6] ^= 0x55  # the checksum alone
    log.write_bytes(content)
    with pytest.raises(BadInputError, match="the packed file is damaged"):
        import_log(engine, log, DESK, batch_rows=100)
    assert intervals(engine) == []


def test_text_in_another_encoding_further_down_keeps_what_stands_before(engine: Engine, tmp_path: Path):
    log = write_log(tmp_path / "log.csv", many(4_000))
    log.write_bytes(log.read_bytes() + "T1,new,Zürich".encode("latin-1"))
    with pytest.raises(BadInputError, match="not utf-8-sig text; the [0-9,]+ rows before it are kept"):
        import_log(engine, log, DESK)
    assert len(intervals(engine)) > 3_000


def test_members_of_a_packed_file_are_read_one_after_another(engine: Engine, tmp_path: Path):
    log = write_log(tmp_path / "log.csv", many(100))
    lines = log.read_bytes().splitlines(keepends=True)
    packed = tmp_path / "two.csv.gz"
    packed.write_bytes(gzip.compress(b"".join(lines[:50])) + gzip.compress(b"".join(lines[50:])))
    assert import_log(engine, packed, DESK).rows == 100
