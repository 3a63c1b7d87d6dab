"""Logs with a row for each ticket: when it was opened, first answered, resolved and closed."""

from evidence.logs import LogRows
from evidence.tables import Row
from evidence.timelines import TicketLog, Update
from evidence.told_rows import Reading, RowError
from models.evidence import TicketState

_DONE = (TicketState.RESOLVED, TicketState.CLOSED, TicketState.CANCELLED)


class TicketRows(LogRows):
    """A row a ticket; one that comes again is a later account of the same ticket."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self._reopened = self._undated = self._repeated = 0

    def assumed(self) -> list[str]:
        """Return what was taken for granted, a sentence each."""
        told = [*super().assumed(), "what a row dates was known when it happened"]
        if "updated_at" not in self._places:
            told.append("a change of what was known is known since this import")
        if "first_response_at" not in self._places:
            told.append(
                "no column dates the first response: it came no later than the next state that is dated"
            )
        if self._reopened:
            told.append(
                f"tickets that stand open were reopened, whatever resolution is dated ({self._reopened})"
            )
        if self._undated:
            told.append(
                f"tickets that are done without a time were done at their last update ({self._undated})"
            )
        if self._repeated:
            told.append(f"rows that repeat a row say nothing new ({self._repeated})")
        return told

    def _add(self, row: Row) -> None:
        external_id = self._external_id(row)
        opened_at, told_at = self._instant(row, "opened_at"), self._optional_instant(row, "updated_at")
        priority, group, line = self._priority(row), self._said(row, "group"), self._said(row, "line")
        updates = [
            Update(at, state, group, line, priority) for at, state in self._life(row, opened_at, told_at)
        ]
        account = TicketLog(
            external_id,
            opened_at,
            self._ticket_attributes(row, priority),
            updates,
            last_row=self.rows,
            told_at=self._reading.now if told_at is None else told_at,
        )
        self._take_account(account)

    def _take_account(self, account: TicketLog) -> None:
        first = self._tickets.setdefault(account.external_id, account)
        if first is account:
            return
        last = (first, *first.later)[-1]
        if (last.updates, last.attributes) == (account.updates, account.attributes):
            self._repeated += 1
        else:
            first.later.append(account)

    def _life(self, row: Row, opened_at: int, told_at: int | None) -> list[tuple[int, TicketState]]:
        """The states that a row dates, in the order of time."""
        first = self._after(row, "first_response_at", opened_at, "the ticket was opened")
        resolved = self._after(row, "resolved_at", opened_at, "the ticket was opened")
        begin = opened_at if resolved is None else resolved
        what = "the ticket was opened" if resolved is None else "it was resolved"
        closed = self._after(row, "closed_at", begin, what)
        current = self._state(row) if self._said(row, "state") else None
        done = [(resolved, TicketState.RESOLVED), (closed, TicketState.CLOSED)]
        dated = [(at, state) for at, state in done if at is not None]
        if current is TicketState.CANCELLED and dated:
            dated = [(dated[-1][0], TicketState.CANCELLED)]
        elif current is not None and current not in _DONE and dated:
            self._reopened += 1
            dated = []
        elif current in _DONE and not dated:
            dated = [(self._last_touched(row, opened_at, told_at, current), current)]
        life = [(opened_at, TicketState.NEW)]
        if first is not None and all(first < at for at, _ in dated):
            life.append((first, TicketState.IN_PROGRESS))
        if current is not None and current not in _DONE and told_at is not None:
            dated = [(told_at, current)] if told_at >= life[-1][0] and current is not life[-1][1] else []
        return life + dated

    def _last_touched(self, row: Row, opened_at: int, told_at: int | None, state: TicketState) -> int:
        if told_at is None or told_at < opened_at:
            column = self._names["state"]
            raise RowError(
                f"state '{self._said(row, 'state')}' without the time it was {state.value}", column
            )
        self._undated += 1
        return told_at

    def _after(self, row: Row, thing: str, begin: int, what: str) -> int | None:
        at = self._optional_instant(row, thing)
        if at is not None and at < begin:
            column = self._names[thing]
            raise RowError(f"{column} lies before {what}", column)
        return at
