"""Workbooks that stand for more than they are: refused in one line, in memory that is bounded."""

import resource
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.errors import BadInputError
from evidence.importer import import_log
from evidence.mappings import load_mapping
from tests.evidence.workbooks import MAIN, made_workbook


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


TICKETS = (
    f'<row r="1">{cell("A1", "id")}{cell("B1", "opened_at")}</row>'
    f'<row r="2">{cell("A2", "T1")}{cell("B2", "2026-03-02T09:00Z")}</row>'
)
UNNUMBERED = f"<row>{'<c><v>1</v></c>' * 10_000}</row>" + "<row><c><v>1</v></c></row>" * 1_500
HIDDEN = '<row q=">" r="2000"><c q=">" r="XFD2000"><v>1</v></c></row>'
NAMED = '<c t="s"><v>0</v></c>'


@pytest.mark.parametrize(
    ("rows", "texts", "said"),
    [
        (
            f'<row r="2000">{cell("XFD2000", "x")}</row>',
            "",
            "the sheet 'Tickets': with the cell XFD2000 it spans",
        ),
        (
            f'<row r="1048576">{cell("XFD1048576", "x")}</row>',
            "",
            "with the cell XFD1048576 it spans 1,048,576 rows",
        ),
        (f'<row r="9">{cell("ZZZ1048577", "x")}</row>', "", "the cell ZZZ1048577 lies outside of a sheet"),
        (HIDDEN, "", "XFD2000 it spans"),
        (UNNUMBERED, "", "with the cell A1001 it spans 1,001 rows of 10,000 columns"),
        (f'<row r="9">{cell("$A$9", "x")}</row>', "", "a damaged workbook: '$A$9' is no cell"),
        (
            f"<row>{NAMED * 10_000}</row>",
            f'<sst xmlns="{MAIN}"><si><t>{"x" * 100_000}</t></si></sst>',
            "rows of 10,000 cells that may each hold it",
        ),
        ("", f'<sst xmlns="{MAIN}" uniqueCount="4294967295"/>', "4,294,967,295 texts"),
        ("", f'<sst xmlns="{MAIN}">{"<si/>" * 10_000_001}</sst>', "10,000,001 texts"),
    ],
    ids=[
        "far",
        "farthest",
        "outside",
        "hidden",
        "unnumbered",
        "no cell",
        "a text many times",
        "counted",
        "texts",
    ],
)
def test_a_workbook_that_stands_for_gigabytes_is_refused(
    engine: Engine, tmp_path: Path, rows: str, texts: str, said: str
):
    path = made_workbook(tmp_path / "tickets.xlsx", TICKETS + rows, texts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadInputError) as refused:
        import_log(engine, path, load_mapping("tickets"))
    assert said in str(refused.value) and "\n" not in str(refused.value)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 60


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048576"><c r="XFD1048576" s="1"/></row>',
        f'<row r="1048576">{cell("A1048576", "")}</row>',
        '<row r="3"><c r="A3" t="s"/></row>',
    ],
    ids=["a look and no content", "a long column", "nothing"],
)
def test_cells_that_take_no_room_are_no_harm(engine: Engine, tmp_path: Path, rows: str):
    path = made_workbook(tmp_path / "tickets.xlsx", TICKETS + rows)
    assert import_log(engine, path, load_mapping("tickets")).new_tickets == 1
