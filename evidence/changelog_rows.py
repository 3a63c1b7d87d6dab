"""Logs with a record for each ticket and its history nested in it, as JSON exports have them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from evidence.json_tables import text_of, value_at
from evidence.logs import LogRows
from evidence.tables import Row
from evidence.timelines import TicketLog, Update
from evidence.told_rows import Reading, RowError


class _Change(NamedTuple):
    at: int
    thing: str
    old: str
    new: str


class ChangelogRows(LogRows):
    """A record a ticket; before its first change each field had the value that the change took away."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        assert reading.mapping.changes is not None, "a mapping of this shape says where the changes are"
        self._changes = reading.mapping.changes
        named = {
            self._changes.state: "state",
            self._changes.priority: "priority",
            self._changes.group: "group",
        }
        self._things = {name: thing for name, thing in named.items() if name}

    def _add(self, row: Row) -> None:
        external_id, opened_at = self._required(row, "external_id"), self._instant(row, "opened_at")
        changes = sorted(self._told(row), key=lambda change: change.at)
        now = {thing: self._said(row, thing) for thing in ("state", "priority", "group")}
        for change in reversed(changes):
            now[change.thing] = change.old or now[change.thing]
        line = self._said(row, "line")
        ticket = TicketLog(external_id, opened_at, {}, last_row=self.rows)
        ticket.updates.append(self._update(opened_at, now, line))
        ticket.attributes = self._ticket_attributes(row, ticket.updates[0].priority)
        for change in changes:
            if change.at < opened_at:
                raise RowError(
                    f"a change of {change.thing} lies before the ticket was opened", self._changes.path
                )
            now[change.thing] = change.new
            if change.at == ticket.updates[-1].at and len(ticket.updates) > 1:
                ticket.updates.pop()  # changes of one instant are one update
            ticket.updates.append(self._update(change.at, now, line))
        before = self._tickets.get(external_id)
        if before is None or len(before.updates) <= len(ticket.updates):
            self._tickets[external_id] = ticket

    def _update(self, at: int, now: dict[str, str], line: str) -> Update:
        priority = self._mapping.normal_priority(now["priority"]) or self._constants.get("priority", "")
        return Update(at, self._known_state(now["state"]), now["group"], line, priority)

    def _told(self, row: Row) -> Iterator[_Change]:
        """The changes of the fields that count, the earliest of one instant first."""
        listed = value_at(row.record, self._changes.path)
        if listed is None:
            return
        if not isinstance(listed, list):
            raise RowError(f"{self._changes.path} is no list of changes", self._changes.path)
        told = [(self._at(entry), entry) for entry in listed]
        if len(told) > 1 and told[0][0] > told[-1][0]:  # some systems tell the newest first
            told.reverse()
        for at, entry in told:
            items = value_at(entry, self._changes.items) if self._changes.items else [entry]
            for item in items if isinstance(items, list) else []:
                thing = self._things.get(text_of(value_at(item, self._changes.field)))
                if thing is not None:
                    old, new = (value_at(item, key) for key in (self._changes.old, self._changes.new))
                    yield _Change(at, thing, self._texts[text_of(old)], self._texts[text_of(new)])

    def _at(self, entry: Any) -> int:
        text = text_of(value_at(entry, self._changes.at))
        try:
            return self.instants[text]
        except ValueError:
            raise RowError(f"a change's {self._changes.at} '{text}' is no time", self._changes.path) from None
