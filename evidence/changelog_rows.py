"""Logs with a record for each ticket and its history nested in it, as JSON exports have them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from evidence.json_tables import text_of, value_at
from evidence.logs import LogRows
from evidence.mapping_schema import Changes, Columns
from evidence.tables import Row
from evidence.timelines import TicketLog, Update
from evidence.told_rows import Reading, RowError


class _Change(NamedTuple):
    at: int
    thing: str
    old: str
    new: str


_FOLLOWED = ("state", "priority", "group", "line")
_ALWAYS_SET = ("state", "priority")
_OTHER = "another field"


class ChangelogRows(LogRows):
    """A record a ticket; before its first change each field had the value that the change took away."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        assert reading.mapping.changes is not None, "a mapping of this shape says where the changes are"
        self._changes = reading.mapping.changes
        fields = _fields(self._changes, reading.mapping.columns)
        self._things: dict[str, list[str]] = defaultdict(list)
        for thing, field in fields.items():
            self._things[field].append(thing)
        self._constant = {thing: 0 for thing in _FOLLOWED if thing in self._places and thing not in fields}

    def assumed(self) -> list[str]:
        """Return what was taken for granted, a sentence each."""
        return super().assumed() + [
            f"the history tells no changes of the {thing}: each ticket's present one is taken for its whole "
            f"life ({tickets})"
            for thing, tickets in self._constant.items()
            if tickets
        ]

    def _add(self, row: Row) -> None:
        external_id, opened_at = self._external_id(row), self._instant(row, "opened_at")
        changes = sorted(self._told(row), key=lambda change: change.at)
        changes = [change for change in changes if change.thing != _OTHER or change.at > opened_at]
        now = {thing: self._said(row, thing) for thing in _FOLLOWED}
        for thing in self._constant:
            self._constant[thing] += bool(now[thing])
        for change in reversed(changes):
            if change.old or change.thing not in _ALWAYS_SET:
                now[change.thing] = change.old
        ticket = TicketLog(external_id, opened_at, {}, last_row=self.rows)
        ticket.updates.append(self._update(opened_at, now))
        ticket.attributes = self._ticket_attributes(row, ticket.updates[0].priority)
        for change in changes:
            if change.at < opened_at:
                raise RowError(
                    f"a change of {change.thing} lies before the ticket was opened", self._changes.path
                )
            now[change.thing] = change.new
            if change.at == ticket.updates[-1].at and len(ticket.updates) > 1:
                ticket.updates.pop()  # changes of one instant are one update
            ticket.updates.append(self._update(change.at, now))
        before = self._tickets.get(external_id)
        if before is None or len(before.updates) <= len(ticket.updates):
            self._tickets[external_id] = ticket

    def _update(self, at: int, now: dict[str, str]) -> Update:
        priority = self._priorities[now["priority"]]
        return Update(at, self._known_state(now["state"]), now["group"], now["line"], priority)

    def _told(self, row: Row) -> Iterator[_Change]:
        """The changes, the earliest of one instant first; those of other fields are of no thing."""
        listed = value_at(row.record, self._changes.path)
        if listed is None:
            return
        if not isinstance(listed, list):
            raise RowError(f"{self._changes.path} is no list of changes", self._changes.path)
        self._require_whole(row, len(listed))
        told = [(self._at(entry), entry) for entry in listed]
        if len(told) > 1 and told[0][0] > told[-1][0]:  # some systems tell the newest first
            told.reverse()
        for at, entry in told:
            items = value_at(entry, self._changes.items) if self._changes.items else [entry]
            for item in items if isinstance(items, list) else []:
                field = text_of(value_at(item, self._changes.field))
                if field and field not in self._things:
                    yield _Change(at, _OTHER, "", "")
                for thing in self._things.get(field, ()):
                    old, new = (value_at(item, key) for key in (self._changes.old, self._changes.new))
                    yield _Change(at, thing, self._texts[text_of(old)], self._texts[text_of(new)])

    def _require_whole(self, row: Row, told: int) -> None:
        """Reject a record whose list was cut short, as its own count of changes says."""
        beside = self._changes.path.rpartition(".")[0]
        total = value_at(row.record, f"{beside}.total") if beside else None
        if isinstance(total, int) and total > told:
            raise RowError(f"only {told} of its {total} changes are in the file", self._changes.path)

    def _at(self, entry: Any) -> int:
        text = text_of(value_at(entry, self._changes.at))
        try:
            return self.instants[text]
        except ValueError:
            raise RowError(f"a change's {self._changes.at} '{text}' is no time", self._changes.path) from None


def _fields(changes: Changes, columns: Columns) -> dict[str, str]:
    """The field whose changes each thing follows: its own, else that of a thing that stands in its column."""
    named = {thing: getattr(changes, thing) for thing in _FOLLOWED}
    own = {thing: field for thing, field in named.items() if field}
    by_column = {getattr(columns, thing): field for thing, field in own.items()}
    shared = {thing: by_column.get(getattr(columns, thing), "") for thing in _FOLLOWED}
    return {thing: field for thing, field in shared.items() if field} | own
