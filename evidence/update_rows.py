"""Logs with a row for each update of a ticket."""

from evidence.logs import LogRows
from evidence.tables import Row
from evidence.timelines import TicketLog, Update
from evidence.told_rows import Reading, RowError


class UpdateRows(LogRows):
    """A log with a row for each update of a ticket, in the order in which they were recorded."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self._back_in_time = 0
        self._id_place, self._state_place, self._at_place = (
            self._places[thing] for thing in ("external_id", "state", "updated_at")
        )
        self._group_place, self._line_place, self._priority_place = (
            self._places.get(thing) for thing in ("group", "line", "priority")
        )
        self._states = reading.mapping.states
        self._must_tell_opening = isinstance(reading.mapping.columns.opened_at, str)

    def assumed(self) -> list[str]:
        """Return what was taken for granted, a sentence each."""
        told = super().assumed()
        if self._back_in_time:
            told.append(
                "updates dated before the row that precedes them are known since that row "
                f"({self._back_in_time})"
            )
        if self._stored.unopened:
            told.append(
                "tickets whose opening no row tells were opened with their first update "
                f"({self._stored.unopened})"
            )
        return told

    def _add(self, row: Row) -> None:
        # asked for each of millions of rows: what nearly every row has is read without a detour
        cells, texts = row.cells, self._texts
        external_id = texts[cells[self._id_place]]
        if not external_id or self._id_marks:
            external_id = self._external_id(row)
        state = self._states.get(texts[cells[self._state_place]]) or self._state(row)
        try:
            at = self.instants[cells[self._at_place]]
        except ValueError:
            at = self._instant(row, "updated_at")
        group = "" if self._group_place is None else texts[cells[self._group_place]]
        line = "" if self._line_place is None else texts[cells[self._line_place]]
        said = "" if self._priority_place is None else texts[cells[self._priority_place]]
        priority = self._priorities[said]
        ticket = self._tickets.get(external_id)
        if ticket is None:
            ticket = self._known_ticket(external_id) or self._new_ticket(external_id, row, at, priority)
        if at < ticket.opened_at:
            self._open_as_stored(ticket, at)
        if at < (ticket.updates[-1].at if ticket.updates else ticket.known_before):
            self._back_in_time += 1
        self._tickets[external_id] = ticket
        ticket.last_row = self.rows
        ticket.updates.append(Update(at, state, group, line, priority))

    def _new_ticket(self, external_id: str, row: Row, first_update: int, priority: str) -> TicketLog:
        told = self._said(row, "opened_at") or ("opened_at" in self._places and self._must_tell_opening)
        opened_at = self._instant(row, "opened_at") if told else first_update
        attributes = self._ticket_attributes(row, priority)
        return TicketLog(external_id, opened_at, attributes, opening_told=bool(told))

    def _open_as_stored(self, ticket: TicketLog, at: int) -> None:
        """Let a ticket whose opening no row tells begin where the store has it, or reject its update."""
        stored = None if ticket.opening_told else self._reading.stored_opening(ticket.external_id)
        if stored is None or at < stored:
            column = self._names["updated_at"]
            raise RowError(f"{column} lies before the ticket was opened", column)
        ticket.opened_at = stored
