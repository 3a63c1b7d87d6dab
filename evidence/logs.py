"""Rows made into tickets: what every shape of log shares."""

from sqlmodel import Session

from config.clock import now
from evidence.additions import AddedTickets, add_tickets
from evidence.mapping_schema import Mapping
from evidence.outages import OUTAGE
from evidence.tables import Row
from evidence.timelines import TicketLog
from evidence.told_rows import Added, Reading, RowError, ToldRows
from models.evidence import TicketState

_ATTRIBUTES = ("customer", "requester", "service", "request_type", "category", "parent")
_MOST_TEXTS = 100_000


class _Priorities(dict[str, str]):
    """Priorities as a file says them, and as the store does."""

    def __init__(self, mapping: Mapping) -> None:
        super().__init__()
        self._mapping = mapping
        self._unsaid = mapping.constants.get("priority", "")

    def __missing__(self, said: str) -> str:
        if len(self) >= _MOST_TEXTS:
            self.clear()
        self[said] = found = self._mapping.normal_priority(said) or self._unsaid
        return found


class LogRows(ToldRows[TicketLog]):
    """Takes row after row and makes them into tickets; what it holds can be cut off in batches."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self._tickets: dict[str, TicketLog] = {}
        self._nameless = 0
        self._stored = AddedTickets()
        self._attributes = [name for name in _ATTRIBUTES if name in self._places]
        self._priorities = _Priorities(reading.mapping)
        self._id_marks = str.maketrans("", "", reading.mapping.id_marks)

    def assumed(self) -> list[str]:
        """Return what was taken for granted, a sentence each."""
        told = super().assumed()
        if self._nameless:
            told.append(f"tickets that name no customer count under no agreement ({self._nameless})")
        if self._stored.named:
            told.append(
                "tickets that are stored without a customer have this file's, known since this import "
                f"({self._stored.named})"
            )
        if self._stored.otherwise:
            told.append(
                "tickets that are stored with another customer or opening than this file says keep what "
                f"was told first, such as {self._stored.example} ({self._stored.otherwise})"
            )
        return told

    def cut(self, but_newest: int = 0) -> list[TicketLog]:
        """Return the tickets, and hold them no longer.

        The tickets of the newest rows, as many as `but_newest`, stay: their next rows may follow at once.
        """
        newest = self._newest(but_newest) if but_newest else {}
        done = [log for log in self._tickets.values() if log.external_id not in newest]
        self._tickets, self.held = newest, 0
        return done

    def store(self, session: Session, batch: list[TicketLog]) -> Added:
        """Add tickets and their intervals to the evidence store."""
        new = add_tickets(session, self._mapping.evidence_source, batch, int(now().timestamp()))
        self._stored = self._stored.and_then(new)
        return Added(new.tickets, new.intervals)

    def stored(self, batch: list[TicketLog], *, last: bool) -> None:
        """Remember what was told of tickets, whose next rows may follow."""
        self._reading.carried.keep(batch, last=last)

    def _newest(self, rows: int) -> dict[str, TicketLog]:
        found = {
            external_id: log for external_id, log in self._tickets.items() if log.last_row > self.rows - rows
        }
        few_enough = sum(len(log.updates) for log in found.values()) < 2 * rows + 1
        return found if few_enough else {}

    def _external_id(self, row: Row) -> str:
        text = self._required(row, "external_id")
        return text.translate(self._id_marks) if self._id_marks else text

    def _state(self, row: Row) -> TicketState:
        return self._known_state(self._said(row, "state"))

    def _known_state(self, word: str) -> TicketState:
        state = self._mapping.states.get(word)
        if state is None:
            column = self._names.get("state", "state")
            raise RowError(f"state '{word}' is not in the mapping {self._mapping.name}", column)
        return state

    def _priority(self, row: Row) -> str:
        return self._priorities[self._said(row, "priority")]

    def _ticket_attributes(self, row: Row, priority: str) -> dict[str, str]:
        attributes = self._constants.copy()
        for name in self._attributes:
            if text := self._said(row, name):
                attributes[name] = text
        attributes["priority"] = priority
        if not attributes.get("customer") and attributes.get("request_type") != OUTAGE:
            self._nameless += 1
        return attributes

    def _known_ticket(self, external_id: str) -> TicketLog | None:
        """Return the ticket of that name, where a row has told of it already."""
        return self._tickets.get(external_id) or self._reading.carried.find(external_id)
