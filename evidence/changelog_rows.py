"""Logs with a record for each ticket and its history nested in it, as JSON exports have them."""

from collections.abc import Mapping

from evidence.json_tables import value_at
from evidence.logs import LogRows
from evidence.nested_changes import FOLLOWED, OTHER, Change, NestedChanges
from evidence.tables import Row
from evidence.timelines import TicketLog, Update
from evidence.told_rows import Reading, RowError
from models.evidence import TicketState

_ALWAYS_SET = ("state", "priority")
_DONE = (TicketState.RESOLVED, TicketState.CLOSED, TicketState.CANCELLED)
_UNCHANGED = "tickets whose history tells no change of state had their present one from their opening"
_GAPS = "histories with a change that does not begin with what the one before it left are taken as they stand"
_ENDS = (
    "histories that end in another open or another done state than the present one are taken as they stand"
)


class ChangelogRows(LogRows):
    """A record a ticket; before its first change each field had the value that the change took away."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        changes = reading.mapping.changes
        assert changes is not None, "a mapping of this shape says where the changes are"
        self._path, self._export = changes.path, changes.export
        self._changes = NestedChanges(changes, reading.mapping.columns, self.instants, self._texts)
        told = self._changes.things
        self._constant = {thing: 0 for thing in FOLLOWED if thing in self._places and thing not in told}
        self._odd: dict[str, tuple[int, str]] = {}

    def assumed(self) -> list[str]:
        """Return what was taken for granted, a sentence each."""
        constant = [
            f"the history tells no changes of the {thing}: each ticket's present one is taken for its whole "
            f"life ({tickets})"
            for thing, tickets in self._constant.items()
            if tickets
        ]
        odd = [f"{what}, such as {example} ({tickets})" for what, (tickets, example) in self._odd.items()]
        return super().assumed() + constant + odd

    def _add(self, row: Row) -> None:
        external_id, opened_at = self._external_id(row), self._instant(row, "opened_at")
        present = self._state(row)
        changes = self._told(row, opened_at, present)
        now = {thing: self._said(row, thing) for thing in FOLLOWED}
        for thing in self._constant:
            self._constant[thing] += bool(now[thing])
        for change in reversed(changes):
            if change.old or change.thing not in _ALWAYS_SET:
                now[change.thing] = change.old
        ticket = TicketLog(external_id, opened_at, {}, last_row=self.rows)
        ticket.updates.append(self._update(opened_at, now))
        gaps = 0
        for change in changes:
            gaps += self._leaves_a_gap(change, now)
            now[change.thing] = change.new
            if change.at == ticket.updates[-1].at and len(ticket.updates) > 1:
                ticket.updates.pop()  # changes of one instant are one update
            ticket.updates.append(self._update(change.at, now))
        end = ticket.updates[-1].state
        if (end in _DONE) != (present in _DONE):
            raise RowError(
                f"the history ends with the state '{now['state']}', and the ticket is in '"
                f"{self._said(row, 'state')}'",
                self._path,
            )
        ticket.attributes = self._ticket_attributes(row, ticket.updates[0].priority)
        unchanged = present is not TicketState.NEW and all(change.thing != "state" for change in changes)
        for what, found in ((_UNCHANGED, unchanged), (_GAPS, gaps), (_ENDS, end is not present)):
            if found:
                tickets, example = self._odd.get(what, (0, external_id))
                self._odd[what] = tickets + 1, example
        before = self._tickets.get(external_id)
        if before is None or len(before.updates) <= len(ticket.updates):
            self._tickets[external_id] = ticket

    def _told(self, row: Row, opened_at: int, present: TicketState) -> list[Change]:
        """The changes since the opening; a ticket that is no longer new has a history, or is rejected."""
        changes = self._changes.of(row.record)
        if present is not TicketState.NEW and not value_at(row.record, self._path):
            raise RowError(
                f"is in the state '{self._said(row, 'state')}' and has no {self._path}; {self._export}",
                self._path,
            )
        changes = [change for change in changes if change.thing != OTHER or change.at > opened_at]
        if changes and changes[0].at < opened_at:
            raise RowError(f"a change of {changes[0].thing} lies before the ticket was opened", self._path)
        return changes

    def _leaves_a_gap(self, change: Change, now: Mapping[str, str]) -> bool:
        """Whether a change took something else away than the one before it had left."""
        if change.thing == OTHER or change.old == now[change.thing]:
            return False
        if change.thing == "state":
            words = self._mapping.states
            return bool(change.old) and words.get(change.old) is not words.get(now["state"])
        if change.thing == "priority":
            return bool(change.old) and self._priorities[change.old] != self._priorities[now["priority"]]
        return True

    def _update(self, at: int, now: dict[str, str]) -> Update:
        priority = self._priorities[now["priority"]]
        return Update(at, self._known_state(now["state"]), now["group"], now["line"], priority)
