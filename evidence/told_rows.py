"""Rows taken one after another: what every shape of file shares, whatever its rows are made into."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from sqlmodel import Session

from config.errors import BadInputError
from evidence.carried import CarriedTickets
from evidence.found_columns import places, repeated
from evidence.instants import FutureTimeError, Instants
from evidence.mapping_schema import Mapping
from evidence.rejections import RejectedRows
from evidence.tables import MARKERS, Row, Table, Unusable

_MOST_TEXTS = 100_000
_MOST_BYTES = 800  # three texts stand in one key, and PostgreSQL's keys end at 2,704 bytes

Made = TypeVar("Made")


class RowError(ValueError):
    """Why one row is rejected, and the column that it is about."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.column = column


class Added(NamedTuple):
    """How much a batch of rows added to the store."""

    tickets: int = 0
    intervals: int = 0
    values: int = 0


@dataclass
class Reading:
    """What an import gives its reader.

    Attributes:
        path: of the file, for messages.
        mapping: what stands where.
        table: the file.
        carried: the tickets that earlier batches told of.
        rejected: where unusable rows go.
        now: epoch seconds; since when an account of a ticket is known that names no instant.
        open_outage: the external id and opening of an endpoint's outage that is stored and not over by then.
        stored_opening: when a ticket that is stored was opened; None of one that is not.
    """

    path: Path
    mapping: Mapping
    table: Table
    carried: CarriedTickets
    rejected: RejectedRows
    now: int
    open_outage: Callable[[str, int], tuple[str, int] | None]
    stored_opening: Callable[[str], int | None]


class _Texts(dict[str, str]):
    """Cells and what they say, stripped, with nothing for what is missing.

    Attributes:
        markers: texts that often stand for nothing, and were read as they stand.
    """

    def __init__(self, missing: frozenset[str]) -> None:
        super().__init__()
        self.markers: set[str] = set()
        self._missing = missing

    def __missing__(self, cell: str) -> str:
        text = cell.strip()
        if "\0" in text:
            raise RowError("a cell holds a NUL character")
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            raise RowError("a cell holds half a character")
        if len(text) > _MOST_BYTES // 4 and len(text.encode()) > _MOST_BYTES:
            raise RowError(f"a cell of over {_MOST_BYTES} bytes, where a name or a number is wanted")
        if text in MARKERS and text not in self._missing:
            self.markers.add(text)
        if len(self) >= _MOST_TEXTS:
            self.clear()
        self[cell] = said = "" if text in self._missing else text
        return said


class ToldRows(ABC, Generic[Made]):
    """Takes row after row; what it holds can be cut off in batches and added to the store.

    Attributes:
        rows: how many have come, rejected ones included.
        held: how many have come since the last cut.
    """

    def __init__(self, reading: Reading) -> None:
        mapping, table = reading.mapping, reading.table
        self.rows = self.held = 0
        self.instants = Instants(
            mapping.date_format, mapping.zone, typed=table.typed, missing=mapping.missing
        )
        self._reading, self._mapping = reading, mapping
        self._width = len(table.header)
        self._texts = _Texts(mapping.missing)
        self._places, absent = (table.places, []) if table.places else places(mapping, table.header)
        if absent:
            raise BadInputError(
                f"{reading.path}: no column {', '.join(absent)} (mapping {mapping.name}); "
                f"the columns are {', '.join(table.header)}"[:4_000]
            )
        twice = repeated(table.header, self._places) if mapping.repeated_columns == "refuse" else []
        if twice and not table.places:
            raise BadInputError(
                f"{reading.path}: the column {', '.join(twice)} stands there more than once: name each "
                'another way, or set repeated_columns = "first" in the mapping'
            )
        self._names = {thing: table.header[place] for thing, place in self._places.items()}
        self._constants: dict[str, str] = {str(thing): text for thing, text in mapping.constants.items()}

    def take(self, item: Row | Unusable) -> None:
        """Add a row to what is held, or to the rejected ones."""
        self.rows += 1
        self.held += 1
        try:
            if isinstance(item, Unusable):
                raise RowError(item.reason, item.column)
            if len(item.cells) != self._width:
                raise RowError(f"{len(item.cells)} cells where there are {self._width} columns")
            self._add(item)
        except RowError as error:
            self._reading.rejected.add(item, error.column, str(error))

    def assumed(self) -> list[str]:
        """Return what was taken for granted, a sentence each."""
        told = []
        if self.instants.zoneless:
            told.append(f"times name no zone and are read in {self._mapping.zone}")
            if self._mapping.zone != "UTC":
                told.append("an hour that the clocks repeat is its first occurrence")
        if self.instants.skipped:
            told.append(
                f"times that the clocks skip, such as {self.instants.skipped}, are the first instant after it"
            )
        if "priority" in self._names and self._mapping.priority == "leading digits":
            told.append("priorities are their leading digits: '3 - Moderate' is priority 3")
        if "customer" in self._names:
            told.append(f"customers are told by the column {self._names['customer']}")
        elif self._mapping.columns.customer:
            told.append("no column tells customers apart")
        if self._texts.markers:
            markers = ", ".join(sorted(self._texts.markers))
            told.append(f"cells that say {markers} are read as they stand, not as missing")
        return told

    @abstractmethod
    def cut(self, but_newest: int = 0) -> list[Made]:
        """Return what is held, and hold it no longer; what the newest rows tell of may stay."""

    @abstractmethod
    def store(self, session: Session, batch: list[Made]) -> Added:
        """Add what was cut off to the evidence store."""

    @abstractmethod
    def stored(self, batch: list[Made], *, last: bool) -> None:
        """Take note that what was cut off is in the store for good."""

    @abstractmethod
    def _add(self, row: Row) -> None:
        """Take a row, or raise `RowError`."""

    def _said(self, row: Row, thing: str) -> str:
        """What a row says of a thing; nothing where the file has no column for it."""
        place = self._places.get(thing)
        return "" if place is None else self._texts[row.cells[place]]

    def _required(self, row: Row, thing: str) -> str:
        text = self._said(row, thing)
        if not text:
            raise RowError(f"no {self._names.get(thing, thing)}", self._names.get(thing, thing))
        return text

    def _instant(self, row: Row, thing: str) -> int:
        text = self._required(row, thing)
        try:
            return self.instants[text]
        except FutureTimeError:
            column = self._names[thing]
            raise RowError(f"{column} '{text}' lies in the future", column) from None
        except ValueError:
            column = self._names[thing]
            raise RowError(f"{column} '{text}' is not a time as the mapping writes it", column) from None

    def _optional_instant(self, row: Row, thing: str) -> int | None:
        return self._instant(row, thing) if self._said(row, thing) else None
