"""Audit logs read: a CSV file, packed or not, made into tickets with their updates and rejected rows."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast
from zoneinfo import ZoneInfo

from config.errors import BadInputError
from evidence.mappings import Mapping
from evidence.timelines import TicketLog, Update

Progress = Callable[[int, int], None]

_ROWS_BETWEEN_REPORTS = 2_000
_ATTRIBUTES = ("customer", "requester", "service", "request_type", "category")


class RejectedRow(NamedTuple):
    """A row that says nothing usable: its line in the file, why, and what it holds."""

    line: int
    reason: str
    cells: list[str]


class _RowError(ValueError):
    """Why one row is rejected."""


@dataclass
class AuditLog:
    """What a file holds.

    Attributes:
        header: the names of its columns.
        rows: how many rows it has, rejected ones included.
        tickets: by external id, in the order of their first row.
        rejected: rows left out, with line and reason.
        zoneless: whether a time without an offset was read in the mapping's zone.
        back_in_time: updates dated before the update that precedes them.
    """

    header: list[str]
    rows: int = 0
    tickets: dict[str, TicketLog] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)
    zoneless: bool = False
    back_in_time: int = 0


def read_log(path: Path, mapping: Mapping, progress: Progress | None = None) -> AuditLog:
    """Read an audit log; its rows stand in the order in which they were recorded, ticket by ticket or mixed.

    Args:
        path: a CSV file; packed with gzip if its name ends in .gz.
        mapping: what stands where in it.
        progress: told how many bytes of the file have been read, of how many.

    Raises:
        BadInputError: if the file cannot be read, or lacks a column that the mapping names.
    """
    line = 0
    try:
        with _opened(path, mapping.encoding) as (text, raw):
            lines = csv.reader(text, delimiter=mapping.delimiter)
            header = [name.strip() for name in next(lines, [])]
            reader = _RowReader(path, mapping, header)
            total = path.stat().st_size
            line = lines.line_num
            for cells in lines:
                if cells:
                    reader.take(line + 1, cells)
                line = lines.line_num
                if progress and reader.log.rows % _ROWS_BETWEEN_REPORTS == 0:
                    progress(min(raw.tell(), total), total)
            if progress:
                progress(total, total)
    except UnicodeDecodeError:
        raise BadInputError(f"{path}: after line {line}: not {mapping.encoding} text") from None
    except csv.Error as error:
        raise BadInputError(f"{path}: after line {line}: {error}") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        if line == 0 and str(error).startswith("Not a gzipped file"):
            raise BadInputError(f"{path}: not packed with gzip, though its name ends in .gz") from None
        raise BadInputError(f"{path}: after line {line}: the packed file is cut off or damaged") from None
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror or error}") from None
    return reader.log


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[tuple[TextIOWrapper, BinaryIO]]:
    with path.open("rb") as raw:
        packed = path.suffix == ".gz"
        content = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw
        with TextIOWrapper(content, encoding=encoding, newline="") as text:
            yield text, raw


class _RowReader:
    """Takes row after row into a log."""

    def __init__(self, path: Path, mapping: Mapping, header: list[str]) -> None:
        if not any(header):
            raise BadInputError(f"{path}: the file is empty")
        named = mapping.columns.model_dump()
        absent = sorted({name for name in named.values() if name and name not in header})
        if absent:
            raise BadInputError(
                f"{path}: no column {', '.join(absent)} (mapping {mapping.name}); "
                f"the columns are {', '.join(header)}"
            )
        self.log = AuditLog(header)
        self._mapping = mapping
        self._zone = ZoneInfo(mapping.zone)
        self._places = {thing: header.index(name) for thing, name in named.items() if name}
        self._instants: dict[str, int] = {}

    def take(self, line: int, cells: list[str]) -> None:
        """Add a row to its ticket, or to the rejected ones."""
        self.log.rows += 1
        try:
            self._add(cells)
        except _RowError as error:
            self.log.rejected.append(RejectedRow(line, str(error), cells))

    def _add(self, cells: list[str]) -> None:
        if len(cells) != len(self.log.header):
            raise _RowError(f"{len(cells)} cells where there are {len(self.log.header)} columns")
        said = {thing: self._text(cells[place]) for thing, place in self._places.items()}
        if not said["external_id"]:
            raise _RowError(f"no {self._mapping.columns.external_id}")
        priority = self._mapping.normal_priority(said.get("priority", ""))
        state = self._mapping.states.get(said["state"])
        if state is None:
            raise _RowError(f"state '{said['state']}' is not in the mapping {self._mapping.name}")
        at = self._instant(said, "updated_at")
        ticket = self.log.tickets.get(said["external_id"])
        opened_at = ticket.opened_at if ticket else self._instant(said, "opened_at")
        if at < opened_at:
            raise _RowError(f"{self._mapping.columns.updated_at} lies before the ticket was opened")
        if ticket is None:
            attributes = {name: said.get(name, "") for name in _ATTRIBUTES} | {"priority": priority}
            ticket = TicketLog(said["external_id"], opened_at, attributes)
            self.log.tickets[ticket.external_id] = ticket
        elif at < ticket.updates[-1].at:
            self.log.back_in_time += 1
        ticket.updates.append(Update(at, state, said.get("group", ""), said.get("line", ""), priority))

    def _text(self, cell: str) -> str:
        text = cell.strip()
        if "\0" in text:
            raise _RowError("a cell holds a NUL character")
        return "" if text in self._mapping.missing else text

    def _instant(self, said: dict[str, str], thing: str) -> int:
        text = said[thing]
        if text not in self._instants:
            self._instants[text] = self._parsed(text, getattr(self._mapping.columns, thing))
        return self._instants[text]

    def _parsed(self, text: str, column: str) -> int:
        if not text:
            raise _RowError(f"no {column}")
        try:
            moment = self._mapping.wall_time(text)
            if moment.tzinfo is None:
                self.log.zoneless = True
                moment = moment.replace(tzinfo=self._zone)
            return int(moment.timestamp())
        except (ValueError, OverflowError):
            raise _RowError(f"{column} '{text}' is not a time as the mapping writes it") from None
