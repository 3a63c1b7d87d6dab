"""Measured values: every format, the same twice, corrections known later, and rows that cannot be."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from config.clock import simulated
from config.errors import BadInputError
from evidence.importer import ImportSummary, import_feed, import_log
from evidence.mappings import load_mapping, parse_mapping, remade
from evidence.measured_values import ToldValue, Value, add_values, read_values
from evidence.stretches import stretch
from models.database import reading, transaction
from tests.evidence.workbooks import workbook

VALUES = remade(load_mapping("values"), {"source": "desk"})
HEADER = ("id", "name", "service", "customer", "starts_at", "ends_at", "value", "total", "unit", "known_at")
IMPORTED = datetime(2026, 5, 1, tzinfo=UTC)


def at(month: int, day: int = 1, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def requests(number: int, good: object, total: object, known: str = "") -> tuple[str, ...]:
    """The good and all requests of a day in March."""
    starts, ends = f"2026-03-{number:02}T00:00Z", f"2026-03-{number + 1:02}T00:00Z"
    return f"R{number}", "requests", "shop", "Hospital", starts, ends, str(good), str(total), "", known


def written(path: Path, *rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def imported(engine: Engine, path: Path, *rows: tuple[str, ...], now: datetime = IMPORTED) -> ImportSummary:
    with simulated(now):
        return import_log(engine, written(path, *rows), VALUES)


def march(engine: Engine, as_of: datetime, name: str = "requests", service: str = "") -> list[Value]:
    with reading(engine) as session:
        return read_values(session, "desk", "Hospital", name, service, at(3), at(4), as_of)


def counted(engine: Engine, as_of: datetime) -> list[tuple[float, float | None]]:
    return [(row.value, row.total) for row in march(engine, as_of)]


def test_the_same_file_twice_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    rows = requests(2, 990, 1000), requests(3, 1999, 2000)
    first = imported(engine, tmp_path / "values.csv", *rows)
    assert (first.rows, first.new_values, first.rejected, first.tickets) == (2, 2, 0, 0)
    assert imported(engine, tmp_path / "values.csv", *rows).new_values == 0
    assert counted(engine, IMPORTED) == [(990, 1000), (1999, 2000)]


def test_a_correction_is_known_later_and_what_was_known_stays(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path / "a.csv", requests(2, 990, 1000))
    mended = imported(engine, tmp_path / "b.csv", requests(2, 995, 1000), now=at(6))
    assert mended.new_values == 1
    assert counted(engine, at(5, 31)) == [(990, 1000)]
    assert counted(engine, at(6)) == [(995, 1000)]
    assert imported(engine, tmp_path / "b.csv", requests(2, 995, 1000), now=at(7)).new_values == 0
    assert counted(engine, at(3, 2, 23)) == [], "the day is not over"


def test_a_feed_may_say_when_it_recorded_a_value(engine: Engine, tmp_path: Path) -> None:
    accounts = requests(2, 990, 1000, "2026-03-03T01:00Z"), requests(2, 980, 1000, "2026-03-20T01:00Z")
    for rows in (accounts, accounts[::-1], accounts[1:], accounts[:1]):
        imported(engine, tmp_path / "values.csv", *rows)
    assert counted(engine, at(3, 3)) == []
    assert counted(engine, at(3, 19)) == [(990, 1000)]
    assert counted(engine, at(3, 21)) == [(980, 1000)]
    contradicting = requests(2, 970, 1000, "2026-03-20T01:00Z")
    assert imported(engine, tmp_path / "values.csv", contradicting).new_values == 1
    assert imported(engine, tmp_path / "values.csv", contradicting, accounts[1]).new_values == 0
    assert counted(engine, at(3, 21)) == [(980, 1000)]
    assert counted(engine, IMPORTED) == [(970, 1000)]


def test_a_correction_may_move_a_value_out_of_the_window(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path / "a.csv", requests(2, 990, 1000))
    moved = ("R2", *requests(2, 990, 1000)[1:4], "2026-04-02T00:00Z", "2026-04-03T00:00Z", "990", "1000")
    imported(engine, tmp_path / "b.csv", (*moved, "", ""), now=at(6))
    assert len(march(engine, at(5, 2))) == 1
    assert march(engine, at(6)) == []


def test_rows_that_cannot_be_are_set_aside_with_line_column_and_reason(
    engine: Engine, tmp_path: Path
) -> None:
    good = requests(2, 990, 1000)
    summary = imported(
        engine,
        tmp_path / "values.csv",
        good,
        requests(3, 1001, 1000),
        requests(4, -1, 1000),
        requests(5, 0.5, 1000),
        requests(6, "1,000", "2,000"),
        requests(7, "nan", ""),
        ("R8", "", *good[2:]),
        ("R9", *good[1:4], "2026-03-09T00:00Z", "2026-03-08T00:00Z", "1", "1", "", ""),
        ("R10", *good[1:4], "2026-02-30", "", "1", "1", "", ""),
        ("R11", *good[1:6], "", "", "", ""),
    )
    assert summary.rejected_first == [
        (3, "value", "1001 good events among 1000"),
        (4, "value", "events are counted, and there are none below zero"),
        (5, "value", "events are counted in whole numbers"),
        (6, "value", "value '1,000' is no number as the mapping writes it"),
        (7, "value", "value 'nan' is no number as the mapping writes it"),
        (8, "name", "no name of a measure"),
        (9, "ends_at", "ends_at lies before starts_at"),
        (10, "starts_at", "starts_at '2026-02-30' is not a time as the mapping writes it"),
        (11, "value", "no value"),
    ]
    assert (summary.new_values, summary.rejected) == (1, 9)


def test_periods_stand_for_stretches_of_time(engine: Engine, tmp_path: Path) -> None:
    header = ("measure", "period", "value", "currency")
    rows = ("cost", "2026-03", "1180.5", "EUR"), ("cost", "2026-Q9", "1", "EUR")
    with simulated(IMPORTED):
        summary = import_log(engine, written(tmp_path / "c.csv", *rows, header=header), VALUES)
    assert summary.rejected_first == [
        (3, "period", "period '2026-Q9' is no year, quarter, month, week or day such as 2026-03")
    ]
    assert "values that name no customer count for every customer of the source" in summary.assumed
    (row,) = march(engine, IMPORTED, "cost")
    assert row == Value(
        "cost|||2026-03-01T00:00:00Z",
        "",
        int(at(3).timestamp()),
        int(at(4).timestamp()),
        1180.5,
        None,
        "EUR",
    )


@pytest.mark.parametrize(
    ("period", "first", "after"),
    [
        ("2026", "2026-01-01T00:00+01:00", "2027-01-01T00:00+01:00"),
        ("2026-Q1", "2026-01-01T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("2026-Q4", "2026-10-01T00:00+02:00", "2027-01-01T00:00+01:00"),
        ("2026-12", "2026-12-01T00:00+01:00", "2027-01-01T00:00+01:00"),
        ("2026-W01", "2025-12-29T00:00+01:00", "2026-01-05T00:00+01:00"),
        ("2026-03-29", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"),
    ],
)
def test_periods_begin_at_midnight_in_their_zone(period: str, first: str, after: str) -> None:
    starts, ends = stretch(period, "Europe/Zurich")
    assert starts == datetime.fromisoformat(first).timestamp()
    assert ends == datetime.fromisoformat(after).timestamp()


@pytest.mark.parametrize("period", ["March", "2026-13", "2026-W60", "26-03", "2026-02-30", "0001", "9999"])
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(ValueError, match=r"no year|must be|Invalid|month|day"):
        stretch(period, "UTC")


def test_every_format_tells_the_same(engine: Engine, tmp_path: Path) -> None:
    rows = [dict(zip(HEADER, requests(day, 990, 1000), strict=True)) for day in range(2, 5)]
    (tmp_path / "v.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    (tmp_path / "v.json").write_text(json.dumps(rows))
    workbook(tmp_path / "v.xlsx", HEADER, *(tuple(row.values()) for row in rows))
    _parquet(tmp_path / "v.parquet", rows)
    written(tmp_path / "v.csv", *(requests(day, 990, 1000) for day in range(2, 5)))
    for kind, new in (("jsonl", 3), ("json", 0), ("csv", 0), ("xlsx", 0), ("parquet", 0)):
        summary = import_log(engine, tmp_path / f"v.{kind}", VALUES)
        assert (kind, summary.new_values, summary.rows, summary.rejected) == (kind, new, 3, 0)
    lines = io.BytesIO(
        (tmp_path / "v.jsonl").read_bytes() + b"\n" + json.dumps(rows[0] | {"id": "N"}).encode()
    )
    assert import_feed(engine, lines, VALUES).new_values == 1


def _parquet(path: Path, rows: list[dict[str, str]]) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    typed = [row | {"value": float(row["value"]), "total": int(row["total"])} for row in rows]
    parquet.write_table(pyarrow.Table.from_pylist(typed), path)


def test_decimal_commas_and_measures_named_by_the_mapping(engine: Engine, tmp_path: Path) -> None:
    mapping = parse_mapping(
        'name = "bills"\nsource = "desk"\nshape = "values"\ndelimiter = ";"\ndecimal = ","\n'
        'zone = "Europe/Zurich"\ndate_format = "%d.%m.%Y"\n'
        '[columns]\nstarts_at = "Datum"\nvalue = "Betrag"\n'
        '[constants]\nname = "cost"\nunit = "CHF"\ncustomer = "Hospital"\n',
        "here",
    )
    path = tmp_path / "bills.csv"
    path.write_text("Datum;Betrag\n02.03.2026;1180,50\n")
    assert import_log(engine, path, mapping).new_values == 1
    (row,) = march(engine, IMPORTED, "cost")
    assert (row.value, row.unit, row.starts_at) == (1180.5, "CHF", int(at(3, 1, 23).timestamp()))


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ('name = "n"\nvalue = "v"', "columns.starts_at: needed where the shape is 'values'"),
        ('value = "v"\nperiod = "p"', "columns.name: the measure's name is needed"),
        ('name = "n"\nperiod = "p"', "columns.value: needed where the shape is 'values'"),
    ],
)
def test_a_mapping_of_values_says_what_it_needs(columns: str, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        parse_mapping(f'name = "x"\nshape = "values"\n[columns]\n{columns}\n', "here")


def test_a_file_that_does_not_say_when_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "v.csv", ("requests", "1"), header=("name", "value"))
    with pytest.raises(BadInputError, match="no column says when"):
        import_log(engine, path, VALUES)


def test_many_batches_are_the_same_as_one(engine: Engine, tmp_path: Path) -> None:
    begins = [at(3) + timedelta(minutes=2 * number) for number in range(720)]
    rows = [
        ("", "latency", "", "Hospital", start.isoformat(), "", str(number), "", "ms", "")
        for number, start in enumerate(begins)
    ]
    path = written(tmp_path / "v.csv", *rows)
    assert import_log(engine, path, VALUES, batch_rows=100).new_values == len(rows)
    assert import_log(engine, path, VALUES).new_values == 0
    with reading(engine) as session:
        assert session.execute(text("SELECT count(*) FROM measured_values")).scalar_one() == len(rows)


def test_values_of_others_do_not_count(engine: Engine) -> None:
    def told(external_id: str, customer: str, service: str) -> ToldValue:
        start = int(at(3, 2).timestamp())
        return ToldValue(external_id, customer, "requests", service, start, start, 1, 1, "")

    with transaction(engine) as session:
        assert isinstance(session, Session)
        values = [
            told("ours", "Hospital", "shop"),
            told("everybody's", "", "mail"),
            told("another's", "Bank", "shop"),
        ]
        assert add_values(session, "desk", values, int(IMPORTED.timestamp())) == 3
        assert add_values(session, "elsewhere", values[:1], int(IMPORTED.timestamp())) == 1
    assert [row.external_id for row in march(engine, IMPORTED)] == ["everybody's", "ours"]
    assert [row.external_id for row in march(engine, IMPORTED, service="shop")] == ["ours"]
