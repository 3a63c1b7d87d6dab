"""Every format, written as its system writes it: text, JSON, workbooks, Parquet, event logs."""

import gzip
import json
import resource
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.errors import BadInputError
from evidence.importer import import_log
from evidence.mappings import load_mapping, remade
from tests.evidence.logbook import day, intervals, march
from tests.evidence.workbooks import workbook

LIFE = ["new 02 09:00", "resolved 02 15:00"]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def states(engine: Engine) -> list[str]:
    return [f"{state} {at:%d %H:%M}" for state, at, _ in intervals(engine)]


SERVICENOW = '"number","state","opened_at","resolved_at","priority","company"\r\n'


def test_servicenows_table(engine: Engine, tmp_path: Path):
    path = tmp_path / "incident.csv"
    line = '"INC1","Resolved","2026-03-02 09:00:00","2026-03-02 15:00:00","2 - High","Hospital"\r\n'
    path.write_text(SERVICENOW + line, "utf-8")
    import_log(engine, path, remade(load_mapping("servicenow"), {"source": "desk"}))
    assert states(engine) == LIFE and march(engine, day(9)).attributes["priority"].tolist() == ["2"]


def test_glpis_semicolons_and_a_legacy_encoding(engine: Engine, tmp_path: Path):
    path = tmp_path / "glpi.csv"
    path.write_bytes(
        "ID;Status;Opening date;Resolution date;Entity;Category\n"
        "7;Solved;2026-03-02 09:00;2026-03-02 15:00;Hospital;Büro\n".encode("cp1252")
    )
    summary = import_log(engine, path, remade(load_mapping("glpi"), {"source": "desk"}))
    assert states(engine) == LIFE and march(engine, day(9)).attributes["category"].tolist() == ["Büro"]
    assert {"cells are separated by ';'", "the text is not UTF-8 and is read as cp1252"} <= set(
        summary.assumed
    )


def test_jiras_csv_names_months_and_halves_of_days(engine: Engine, tmp_path: Path):
    path = tmp_path / "jira.csv"
    path.write_text(
        "Summary,Issue key,Status,Created,Resolved,Project name\n"
        "a,IT-1,Done,02/Mar/26 9:00 AM,02/Mar/26 3:00 PM,Hospital\n"
    )
    summary = import_log(engine, path, remade(load_mapping("jira-csv"), {"source": "desk"}))
    assert states(engine) == LIFE
    assert "times are written as %d/%b/%y %I:%M %p, as the first rows show" in summary.assumed


def test_utf_16_is_told_by_its_first_bytes(engine: Engine, tmp_path: Path):
    path = tmp_path / "tickets.csv"
    path.write_text("id\topened_at\tresolved_at\n1\t2026-03-02T09:00Z\t2026-03-02T15:00Z\n", "utf-16")
    summary = import_log(engine, path, load_mapping("tickets"))
    assert states(engine) == LIFE
    assert "the encoding is utf-16, as its first bytes say" in summary.assumed


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("name", ["tickets.json", "tickets.jsonl", "tickets.jsonl.gz"])
@pytest.mark.parametrize("wanted", ["detect", "utf-8-sig"])
def test_json_says_its_encoding_by_its_first_bytes(
    engine: Engine, tmp_path: Path, name: str, encoding: str, wanted: str
):
    records = [
        {
            "id": number,
            "opened_at": "2026-03-02T09:00Z",
            "resolved_at": "2026-03-02T15:00Z",
            "category": "Büro",
        }
        for number in ("1", "2")
    ]
    text = json.dumps(records) if name == "tickets.json" else "\n".join(map(json.dumps, records))
    content = ("\ufeff" * (encoding == "utf-16-be") + text).encode(encoding)
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    summary = import_log(engine, tmp_path / name, remade(load_mapping("tickets"), {"encoding": wanted}))
    assert summary.new_tickets == 2 and sorted(states(engine)) == sorted(LIFE * 2)


@pytest.mark.parametrize(
    ("opened", "told"), [("31/03/2026 09:00", "%d/%m/%Y %H:%M"), ("03/31/2026 09:00", "%m/%d/%Y %H:%M")]
)
def test_a_day_that_is_no_month_tells_the_order(engine: Engine, tmp_path: Path, opened: str, told: str):
    path = tmp_path / "tickets.csv"
    path.write_text(f"id,opened_at\n1,02/03/2026 09:00\n2,{opened}\n")
    assert (
        f"times are written as {told}, as the first rows show"
        in import_log(engine, path, load_mapping("tickets")).assumed
    )


def test_days_that_could_be_months_are_refused_until_somebody_says(engine: Engine, tmp_path: Path):
    path = tmp_path / "tickets.csv"
    path.write_text("id,opened_at\n1,02/03/2026 09:00\n2,04/03/2026 09:00\n")
    with pytest.raises(
        BadInputError, match="may be %d/%m/%Y %H:%M or %m/%d/%Y %H:%M.*set date_format"
    ) as refused:
        import_log(engine, path, load_mapping("tickets"))
    assert "\n" not in str(refused.value) and intervals(engine) == []
    said = remade(load_mapping("tickets"), {"date_format": "%d/%m/%Y %H:%M"})
    assert import_log(engine, path, said).new_tickets == 2


def test_a_json_list_and_json_lines_say_the_same(engine: Engine, tmp_path: Path):
    records = [{"id": str(number), "opened_at": "2026-03-02T09:00Z"} for number in range(3)]
    (tmp_path / "a.json").write_text(json.dumps(records))
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, records)).encode()))
    assert import_log(engine, tmp_path / "a.json", load_mapping("tickets")).new_tickets == 3
    assert import_log(engine, tmp_path / "b.jsonl.gz", load_mapping("tickets")).new_tickets == 0


def test_a_workbooks_dates_are_dates(engine: Engine, tmp_path: Path):
    path = workbook(
        tmp_path / "tickets.xlsx", ("id", "opened_at", "resolved_at"), ("T1", 46083.375, 46083.625)
    )
    summary = import_log(engine, path, load_mapping("tickets"))
    assert states(engine) == LIFE and summary.rows == 1
    assert "times name no zone and are read in UTC" in summary.assumed


def test_a_workbook_that_is_damaged_or_none(engine: Engine, tmp_path: Path):
    whole = workbook(tmp_path / "whole.xlsx", ("id", "opened_at"), ("T1", 46083.375)).read_bytes()
    (tmp_path / "half.xlsx").write_bytes(whole[: len(whole) // 2])
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    (tmp_path / "text.xlsx").write_text("id,opened_at\n")
    (tmp_path / "named.csv").write_bytes(whole)
    for name in ("paper.xlsx", "paper.parquet"):
        (tmp_path / name).write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for name, said in {
        "half.xlsx": "a damaged workbook",
        "other.xlsx": "a zip archive, but no Excel workbook",
        "text.xlsx": "text.xlsx: is no Excel file",
        "paper.xlsx": "paper.xlsx: is no Excel file",
        "paper.parquet": "paper.parquet: is no Parquet file",
        "named.csv": "not plain text but an Excel workbook",
    }.items():
        with pytest.raises(BadInputError) as refused:
            import_log(engine, tmp_path / name, load_mapping("tickets"))
        assert said in str(refused.value) and "\n" not in str(refused.value)


def test_parquet_in_batches_of_rows(engine: Engine, tmp_path: Path):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    opened, resolved = (day(2, clock) for clock in ("09:00", "15:00"))
    columns = {
        "id": ["T1"],
        "opened_at": [opened],
        "resolved_at": [resolved],
        "customer": [None],
        "more": [1.5],
    }
    path = tmp_path / "tickets.parquet"
    parquet.write_table(arrow.table(columns), path)
    import_log(engine, path, load_mapping("tickets"))
    assert states(engine) == LIFE
    content = path.read_bytes()
    path.write_bytes(content[:-20])
    with pytest.raises(BadInputError, match="damaged") as refused:
        import_log(engine, path, load_mapping("tickets"))
    assert "\n" not in str(refused.value)


def test_a_parquet_row_that_cannot_be_read_is_set_aside(engine: Engine, tmp_path: Path):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    first = int(day(2, "09:00").timestamp()) * 1_000_000
    path = tmp_path / "tickets.parquet"
    columns = {
        "id": arrow.array(["T1", "T2"]),
        "opened_at": arrow.array([first, 2**61], arrow.timestamp("us", "UTC")),
        "resolved_at": arrow.array([first * 1000 + 1, None], arrow.timestamp("ns", "UTC")),
    }
    parquet.write_table(arrow.table(columns), path)
    summary = import_log(engine, path, load_mapping("tickets"))
    assert (summary.rows, summary.new_tickets) == (2, 1)
    ((line, column, reason),) = summary.rejected_first
    assert (line, column) == (2, "opened_at") and "opened_at cannot be read: " in reason
    assert states(engine) == ["new 02 09:00", "resolved 02 09:00"]


def test_a_parquet_file_without_a_column_names_those_it_has(engine: Engine, tmp_path: Path):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "tickets.parquet"
    parquet.write_table(arrow.table({"key": ["T1"], "begun": [day(2)]}), path)
    with pytest.raises(BadInputError, match="no column .*; the columns are key, begun$"):
        import_log(engine, path, load_mapping("tickets"))


@pytest.mark.parametrize("dictionary", [True, False], ids=["repeated", "packed"])
def test_a_parquet_file_that_stands_for_gigabytes_takes_little(
    engine: Engine, tmp_path: Path, dictionary: bool
):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "tickets.parquet"
    rows = 3_000 if dictionary else 100
    long = arrow.DictionaryArray.from_arrays(
        arrow.array([0] * rows, arrow.int32()), arrow.array(["x" * 1_000_000])
    )
    table = arrow.table({"id": long, "opened_at": arrow.array([day(2)] * rows)})
    parquet.write_table(table, path, use_dictionary=dictionary, store_schema=False, compression="zstd")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if dictionary:
        assert import_log(engine, path, load_mapping("tickets")).rejected == rows
    else:
        with pytest.raises(BadInputError, match="unpacks to over 200 times its size"):
            import_log(engine, path, load_mapping("tickets"))
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 300


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <trace>
    <string key="concept:name" value="1-364"/>
    <event>
      <string key="org:group" value="V30"/>
      <string key="lifecycle:transition" value="In Progress"/>
      <date key="time:timestamp" value="2026-03-02T10:00:00+01:00"/>
      <string key="impact" value="Medium"><string key="impact" value="nested"/></string>
    </event>
    <event>
      <string key="lifecycle:transition" value="Resolved"/>
      <date key="time:timestamp" value="2026-03-02T16:00:00+01:00"/>
      <string key="impact" value="Medium"/>
    </event>
  </trace>
</log>
"""


def test_an_event_log_is_a_row_an_event(engine: Engine, tmp_path: Path):
    (tmp_path / "log.xes").write_text(XES)
    (tmp_path / "log.xes.gz").write_bytes(gzip.compress(XES.encode()))
    first = import_log(engine, tmp_path / "log.xes", load_mapping("xes"))
    assert states(engine) == ["new 02 09:00", "in_progress 02 09:00", "resolved 02 15:00"]
    assert "tickets whose opening no row tells were opened with their first update (1)" in first.assumed
    assert import_log(engine, tmp_path / "log.xes.gz", load_mapping("xes")).new_intervals == 0


def test_an_event_log_may_be_in_utf_16(engine: Engine, tmp_path: Path):
    (tmp_path / "log.xes").write_text(XES.replace("UTF-8", "UTF-16"), "utf-16")
    import_log(engine, tmp_path / "log.xes", load_mapping("xes"))
    assert states(engine) == ["new 02 09:00", "in_progress 02 09:00", "resolved 02 15:00"]


def test_an_event_log_declares_no_entities(engine: Engine, tmp_path: Path):
    bomb = '<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    for name, content, said in (
        ("bomb.xes", XES.replace("<log", bomb + "<log", 1), "a document type is not read"),
        ("other.xes", "<html></html>", "not an XES event log: its root is <html>"),
        ("half.xes", XES[: len(XES) // 2], "after line"),
        ("wide.xes", XES.replace("Medium", "x" * 3_000_000, 1), "an element of over 1,000,000 characters"),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(BadInputError) as refused:
            import_log(engine, tmp_path / name, load_mapping("xes"))
        assert said in str(refused.value) and "\n" not in str(refused.value)
