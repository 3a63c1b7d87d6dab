"""Rows made into tickets: what every shape of log shares."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.errors import BadInputError
from evidence.carried import CarriedTickets
from evidence.found_columns import places
from evidence.instants import Instants
from evidence.mapping_schema import Mapping
from evidence.rejections import RejectedRows
from evidence.tables import Row, Table, Unusable
from evidence.timelines import TicketLog
from models.evidence import TicketState

_ATTRIBUTES = ("customer", "requester", "service", "request_type", "category", "parent")
_MOST_TEXTS = 100_000


class RowError(ValueError):
    """Why one row is rejected, and the column that it is about."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.column = column


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
    """

    path: Path
    mapping: Mapping
    table: Table
    carried: CarriedTickets
    rejected: RejectedRows
    now: int
    open_outage: Callable[[str, int], tuple[str, int] | None]


class _Texts(dict[str, str]):
    """Cells and what they say, stripped, with nothing for what is missing."""

    def __init__(self, missing: frozenset[str]) -> None:
        super().__init__()
        self._missing = missing

    def __missing__(self, cell: str) -> str:
        text = cell.strip()
        if "\0" in text:
            raise RowError("a cell holds a NUL character")
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            raise RowError("a cell holds half a character")
        if len(self) >= _MOST_TEXTS:
            self.clear()
        self[cell] = said = "" if text in self._missing else text
        return said


class LogRows(ABC):
    """Takes row after row; what it holds can be cut off in batches.

    Attributes:
        rows: how many have come, rejected ones included.
        held: how many have come since the last cut.
    """

    def __init__(self, reading: Reading) -> None:
        mapping, table = reading.mapping, reading.table
        self.rows = self.held = 0
        self.instants = Instants(mapping.date_format, mapping.zone, typed=table.typed)
        self._reading, self._mapping = reading, mapping
        self._tickets: dict[str, TicketLog] = {}
        self._width = len(table.header)
        self._texts = _Texts(mapping.missing)
        self._places, absent = (table.places, []) if table.places else places(mapping, table.header)
        if absent:
            raise BadInputError(
                f"{reading.path}: no column {', '.join(absent)} (mapping {mapping.name}); "
                f"the columns are {', '.join(table.header)}"[:4_000]
            )
        self._names = {thing: table.header[place] for thing, place in self._places.items()}
        self._attributes = [name for name in _ATTRIBUTES if name in self._places]
        self._constants = dict(mapping.constants)
        self._priorities: dict[str, str] = {}

    def take(self, item: Row | Unusable) -> None:
        """Add a row to its ticket, or to the rejected ones."""
        self.rows += 1
        self.held += 1
        try:
            if isinstance(item, Unusable):
                raise RowError(item.reason)
            if len(item.cells) != self._width:
                raise RowError(f"{len(item.cells)} cells where there are {self._width} columns")
            self._add(item)
        except RowError as error:
            self._reading.rejected.add(item, error.column, str(error))

    def cut(self, but_newest: int = 0) -> list[TicketLog]:
        """Return the tickets, and hold them no longer.

        The tickets of the newest rows, as many as `but_newest`, stay: their next rows may follow at once.
        """
        newest = self._newest(but_newest) if but_newest else {}
        done = [log for log in self._tickets.values() if log.external_id not in newest]
        self._tickets, self.held = newest, 0
        return done

    def assumed(self) -> list[str]:
        """Return what was taken for granted, a sentence each."""
        told = []
        if self.instants.zoneless:
            told.append(f"times name no zone and are read in {self._mapping.zone}")
            if self._mapping.zone != "UTC":
                told.append("an hour that the clocks repeat is its first occurrence")
        if self._mapping.columns.customer:
            told.append(
                f"customers are told by the column {self._names.get('customer', 'that is not there')}"
            )
        return told

    @abstractmethod
    def _add(self, row: Row) -> None:
        """Take a row, or raise `RowError`."""

    def _newest(self, rows: int) -> dict[str, TicketLog]:
        found = {
            external_id: log for external_id, log in self._tickets.items() if log.last_row > self.rows - rows
        }
        few_enough = sum(len(log.updates) for log in found.values()) < 2 * rows + 1
        return found if few_enough else {}

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
        except ValueError:
            column = self._names[thing]
            raise RowError(f"{column} '{text}' is not a time as the mapping writes it", column) from None

    def _optional_instant(self, row: Row, thing: str) -> int | None:
        return self._instant(row, thing) if self._said(row, thing) else None

    def _state(self, row: Row) -> TicketState:
        return self._known_state(self._said(row, "state"))

    def _known_state(self, word: str) -> TicketState:
        state = self._mapping.states.get(word)
        if state is None:
            column = self._names.get("state", "state")
            raise RowError(f"state '{word}' is not in the mapping {self._mapping.name}", column)
        return state

    def _priority(self, row: Row) -> str:
        said = self._said(row, "priority")
        found = self._priorities.get(said)
        if found is None:
            found = self._priorities[said] = self._mapping.normal_priority(said)
            if len(self._priorities) > _MOST_TEXTS:
                self._priorities.clear()
        return found or self._constants.get("priority", "")

    def _ticket_attributes(self, row: Row, priority: str) -> dict[str, str]:
        said = {name: self._said(row, name) for name in self._attributes}
        return self._constants | {name: text for name, text in said.items() if text} | {"priority": priority}

    def _ticket(
        self, external_id: str, opened_at: Callable[[], int], attributes: Callable[[], dict[str, str]]
    ) -> TicketLog:
        """Return the ticket of that name, as it was told of first."""
        ticket = self._tickets.get(external_id)
        if ticket is None:
            ticket = self._reading.carried.find(external_id)
        return TicketLog(external_id, opened_at(), attributes()) if ticket is None else ticket
