"""One import under way: rows taken, batches added, and what that did."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from config.clock import now
from config.errors import BadInputError
from config.settings import settings
from evidence.additions import open_outage, stored_opening
from evidence.carried import CarriedTickets
from evidence.mapping_schema import Mapping
from evidence.packed import Progress
from evidence.readers import SHAPES
from evidence.rejections import RejectedRows
from evidence.tables import Item, Table
from evidence.told_rows import Added, Reading, ToldRows
from models.database import reading, transaction

_ROWS_BETWEEN_REPORTS = 2_000
_PACKINGS = (".gz", ".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".parquet", ".xes")


@dataclass(frozen=True)
class ImportSummary:
    """What an import did.

    Attributes:
        file: the file read.
        source: the evidence source that its tickets belong to.
        rows: rows in the file, rejected ones included.
        tickets: different tickets in the file.
        new_tickets, new_intervals, new_values: what the store did not have before.
        rejected: rows left out.
        rejected_file: where they stand with line, column and reason; None if there are none.
        rejected_first: the first of them as `(line, column, reason)`.
        assumed: what was taken for granted, a sentence each.
        seconds: how long it took.
    """

    file: Path
    source: str
    rows: int
    tickets: int
    new_tickets: int
    new_intervals: int
    rejected: int
    rejected_file: Path | None
    rejected_first: list[tuple[int, str, str]]
    assumed: list[str]
    seconds: float
    new_values: int = 0


class ImportRun:
    """One import under way."""

    def __init__(
        self, engine: Engine, path: Path, mapping: Mapping, rejected_folder: Path | None, batch_rows: int
    ) -> None:
        self._engine, self._path, self._mapping, self._batch_rows = engine, path, mapping, batch_rows
        self._folder = rejected_folder or settings().var / "rejected"
        self._began = time.perf_counter()
        self._refused: BadInputError | None = None
        self._added = Added()

    def of(
        self,
        opened: AbstractContextManager[Table],
        assumed: list[str],
        progress: Progress | None,
        size: int,
    ) -> ImportSummary:
        """Import a table, and tell what that did."""
        with opened as table, closing(CarriedTickets()) as carried:
            rejected = RejectedRows(self._folder, self._name(), table.header)
            with closing(rejected):
                given = Reading(
                    self._path,
                    self._mapping,
                    table,
                    carried,
                    rejected,
                    _seconds_now(),
                    self._open_outage,
                    self._stored_opening,
                )
                rows = SHAPES[self._mapping.shape](given)
                self._import(rows, given, progress, size)
            told = [*assumed, *table.assumed, *rows.assumed()]
            if self._refused is not None:
                raise self._told_halfway(rows.rows)
            return ImportSummary(
                self._path,
                self._mapping.evidence_source,
                rows.rows,
                len(carried),
                self._added.tickets,
                self._added.intervals,
                rejected.count,
                rejected.path,
                rejected.first,
                told,
                time.perf_counter() - self._began,
                self._added.values,
            )

    def _name(self) -> str:
        """What tells this import from others: the file, the source and the time."""
        return f"{_stem(self._path)}.{self._mapping.evidence_source}.{now():%Y%m%dT%H%M%SZ}"

    def _import(self, rows: ToldRows[Any], given: Reading, progress: Progress | None, size: int) -> None:
        table = given.table
        for item in self._readable(table):
            if item is None:
                self._add(rows)
                continue
            rows.take(item)
            if rows.held >= self._batch_rows:
                self._add(rows, but_newest=self._batch_rows // 20)
            if progress and rows.rows % _ROWS_BETWEEN_REPORTS == 0:
                progress(min(table.position(), size), size)
        self._add(rows, last=True)
        if progress:
            progress(size, size)

    def _readable(self, table: Table) -> Iterator[Item]:
        """The rows up to where the file is refused."""
        try:
            yield from table.rows
        except BadInputError as error:
            self._refused = error
        except OSError as error:
            self._refused = BadInputError(f"{self._path}: {error.strerror or error}")

    def _add(self, rows: ToldRows[Any], but_newest: int = 0, last: bool = False) -> None:
        batch = rows.cut(but_newest)
        if batch:
            with transaction(self._engine) as session:
                new = rows.store(session, batch)
            self._added = Added(*(was + more for was, more in zip(self._added, new, strict=True)))
            rows.stored(batch, last=last)

    def _told_halfway(self, rows: int) -> BadInputError:
        assert self._refused is not None, "asked only then"
        if not rows:
            return self._refused
        return BadInputError(
            f"{self._refused}; the {rows:,} rows before it are kept, and importing again resumes after them"
        )

    def _open_outage(self, endpoint: str, at: int) -> tuple[str, int] | None:
        with reading(self._engine) as session:
            return open_outage(session, self._mapping.evidence_source, endpoint, at)

    def _stored_opening(self, external_id: str) -> int | None:
        with reading(self._engine) as session:
            return stored_opening(session, self._mapping.evidence_source, external_id)


def _seconds_now() -> int:
    return int(now().timestamp())


def _stem(path: Path) -> str:
    stem = "feed" if path.name == "-" else path.name
    for suffix in _PACKINGS:
        stem = stem.removesuffix(suffix)
    return stem
