"""Files made to do harm, and any file at all: refused or set aside in one line, in memory that is bounded."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from config.errors import BadInputError
from evidence.importer import import_log
from evidence.mappings import Mapping, load_mapping, remade
from models.database import open_engine
from tests.evidence.logbook import DESK, HEADER, day, row, write_log

GOOD = row("T1", "new", day(2), opened=day(2))
HEAD = (",".join(HEADER) + "\n" + ",".join(GOOD) + "\n").encode()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def peak_mb(engine: Engine, path: Path, mapping: Mapping) -> tuple[float, str]:
    """The most memory that refusing a file takes, and what is said."""
    tracemalloc.start()
    try:
        with pytest.raises(BadInputError) as refused:
            import_log(engine, path, mapping)
        return tracemalloc.get_traced_memory()[1] / 1e6, str(refused.value)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEAD + b"x" * 30_000_000, "a row of over 1,000,000 characters"),
        (HEAD + b'"' + b"x\n" * 10_000_000, "field larger than field limit"),
        (HEAD + b'"\n",' * 5_000_000, "a row of over 1,000,000 characters"),
        (b"x," * 15_000_000, "a row of over 1,000,000 characters"),
    ],
    ids=["a line", "an open quote", "a row of lines", "a header"],
)
def test_a_csv_bomb_is_refused_in_bounded_memory(engine: Engine, tmp_path: Path, content: bytes, said: str):
    path = tmp_path / "bomb.csv"
    path.write_bytes(content)
    peak, message = peak_mb(engine, path, DESK)
    assert said in message and "\n" not in message and len(message) < 5_000
    assert peak < 40


def test_a_row_of_very_many_columns_is_set_aside(engine: Engine, tmp_path: Path):
    path = tmp_path / "wide.csv"
    path.write_bytes(HEAD + b"x" + b"," * 900_000 + b"\n" + ",".join(GOOD).replace("T1", "T2").encode())
    summary = import_log(engine, path, DESK)
    assert (summary.rejected, summary.new_tickets) == (1, 2)
    assert summary.rejected_first == [(3, "", "900001 cells where there are 7 columns")]
    assert summary.rejected_file is not None and summary.rejected_file.stat().st_size < 10_000


def test_a_decompression_bomb_is_refused_before_a_row_is_read(engine: Engine, tmp_path: Path):
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(HEAD + b"\n" * 90_000_000, compresslevel=9))
    peak, message = peak_mb(engine, path, DESK)
    assert "unpacks to over 200 times its size" in message and peak < 20


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('[{"id": "1"', "not JSON, or cut off"),
        ('[{"id": "1"},', "the list of records does not end"),
        ('{"tickets": []}', "an object, and the mapping names no list in it"),
        ('{"tickets": []', "the JSON object does not end"),
        ('{"tickets": [] "more": 1}', "a comma is missing in the JSON object, or its end"),
        ('["' + "x" * 17_000_000, "a record of over 16,000,000 characters"),
    ],
)
def test_json_that_is_none(engine: Engine, tmp_path: Path, content: str, said: str):
    path = tmp_path / "tickets.json"
    path.write_text(content)
    with pytest.raises(BadInputError) as refused:
        import_log(engine, path, load_mapping("tickets"))
    assert said in str(refused.value) and "\n" not in str(refused.value)


ONE = '{"id": "%d", "opened_at": "2026-03-02T09:00Z"}'


@pytest.mark.parametrize(
    ("between", "after", "said"),
    [
        ("\n", "]", "line 2: a comma is missing in the list of records, or its end"),
        (",,", "]", "line 1: not JSON, or cut off"),
        (",\n", "\n,]", "line 3: nothing follows a comma in the list of records"),
        (",\n", "\n] trailing", "line 3: something follows the end of the JSON document"),
        (",\n", "", "line 2: the list of records does not end"),
    ],
)
@pytest.mark.parametrize("records", ["", "issues"])
def test_json_that_breaks_off_keeps_what_came_before(
    engine: Engine, tmp_path: Path, between: str, after: str, said: str, records: str
):
    path = tmp_path / "tickets.json"
    begin, end = ('{"total": 2, "issues": ', ', "names": {}}') if records else ("", "")
    path.write_text(begin + "[" + ONE % 1 + between + ONE % 2 + after + end * after.endswith("]"))
    mapping = remade(load_mapping("tickets"), {"records": records, "date_format": "iso"})
    with pytest.raises(BadInputError) as refused:
        import_log(engine, path, mapping)
    if not records or "document" not in said:
        assert said in str(refused.value)
    assert "the 1 rows before it are kept" in str(refused.value) or "the 2 rows" in str(refused.value)
    path.write_text(begin + "[" + ONE % 1 + ",\n" + ONE % 2 + "]" + end)
    assert import_log(engine, path, mapping).rows == 2


def test_what_stands_behind_the_records_is_read_to_its_end(engine: Engine, tmp_path: Path):
    path = tmp_path / "tickets.json"
    mapping = remade(load_mapping("tickets"), {"records": "issues", "date_format": "iso"})
    for number, (after, said) in enumerate(
        ((', "x": {}', "the JSON object does not end"), (', "x": 1} trailing', "something follows the end"))
    ):
        path.write_text('{"issues": [' + ONE % number + "]" + after)
        with pytest.raises(BadInputError, match=said):
            import_log(engine, path, mapping)


def test_no_depth_of_json_is_a_fault(engine: Engine, tmp_path: Path):
    path = tmp_path / "tickets.json"
    for depth in range(900, 1_000):
        path.write_text("[" + "[" * depth + "]" * depth + "]")
        said = refusal(engine, path, remade(load_mapping("tickets"), {"date_format": "iso"}))
        assert not said or "nested too deeply" in said


@pytest.mark.parametrize("encoding", ["klingon", "punycode", "hex"])
def test_an_event_log_in_no_encoding_is_refused(engine: Engine, tmp_path: Path, encoding: str):
    path = tmp_path / "log.xes"
    path.write_text(f'<?xml version="1.0" encoding="{encoding}"?><log/>')
    with pytest.raises(BadInputError) as refused:
        import_log(engine, path, load_mapping("xes"))
    assert str(refused.value).startswith(f"{path}: ") and "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["tickets.csv", "tickets.json", "tickets.jsonl"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7"])
def test_a_file_that_is_not_in_the_mappings_encoding_is_refused(
    engine: Engine, tmp_path: Path, name: str, encoding: str
):
    path = tmp_path / name
    path.write_bytes(b'[{"id": "+\xff"}]' if name == "tickets.json" else b'{"id": "+\xff\xff"}')
    with pytest.raises(BadInputError) as refused:
        import_log(
            engine, path, remade(load_mapping("tickets"), {"encoding": encoding, "date_format": "iso"})
        )
    assert "\n" not in str(refused.value)


def test_half_a_character_and_a_deep_line_are_set_aside(engine: Engine, tmp_path: Path):
    path = tmp_path / "tickets.jsonl"
    lines = ['{"id": "\\ud800", "opened_at": "2026-03-02T09:00Z"}', "[" * 100_000, "{}"]
    path.write_text("\n".join([*lines, json.dumps({"id": "1", "opened_at": "2026-03-02T09:00Z"})]))
    summary = import_log(engine, path, remade(load_mapping("tickets"), {"date_format": "iso"}))
    assert [line for line, _, _ in summary.rejected_first] == [1, 2, 3] and summary.new_tickets == 1


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, upgraded_sqlite: Path) -> Engine:
    path = tmp_path_factory.mktemp("fuzz") / "desk.db"
    path.write_bytes(upgraded_sqlite.read_bytes())
    return open_engine(f"sqlite:///{path}")


def refusal(engine: Engine, path: Path, mapping: Mapping) -> str:
    """What is said of a file that is refused; nothing of one that is not."""
    try:
        import_log(engine, path, mapping)
    except BadInputError as error:
        return str(error)
    return ""


PIECES = st.sampled_from(
    [
        b",",
        b'"',
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"T1",
        b"new",
        b"2026-03-02T09:00Z",
        b";",
        b"{",
        b"[",
    ]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([b"", HEAD, HEAD.replace(b",", b";"), b"id,opened_at\n"]),
    st.lists(st.one_of(PIECES, st.binary(max_size=6)), max_size=30).map(b"".join),
    st.sampled_from(["csv", "csv.gz", "json", "jsonl", "xes", "xlsx", "parquet", "log"]),
    st.sampled_from(
        [DESK, load_mapping("tickets"), load_mapping("jira"), load_mapping("xes"), load_mapping("feed")]
    ),
)
def test_any_bytes_are_imported_or_refused_in_one_line(
    desk: Engine, tmp_path: Path, head: bytes, rest: bytes, suffix: str, mapping: Mapping
):
    path = tmp_path / f"any.{suffix}"
    path.write_bytes(head + rest)
    said = refusal(desk, path, mapping)
    assert not said or (said.startswith(str(path)) and "\n" not in said)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=8), min_size=7, max_size=7), max_size=12), st.data())
def test_a_torn_packed_file_never_fails_otherwise(
    desk: Engine, tmp_path: Path, rows: list[list[str]], data: st.DataObject
):
    clean = [[cell.encode("utf-8", "replace").decode() for cell in cells] for cells in rows]
    path = write_log(tmp_path / "torn.csv.gz", [GOOD, *clean])
    content = bytearray(path.read_bytes())
    content = content[: data.draw(st.integers(1, len(content)))]
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(0, 255))
    path.write_bytes(content)
    assert "\n" not in refusal(desk, path, DESK)
