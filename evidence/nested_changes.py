"""The changes nested in a record: read one by one, or the record is rejected."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from evidence.instants import FutureTimeError, Instants
from evidence.json_tables import text_of, value_at
from evidence.mapping_schema import Changes, Columns
from evidence.told_rows import RowError

FOLLOWED = ("state", "priority", "group", "line")
"""The things of a ticket whose changes count."""

OTHER = "another field"
"""What a change is of that is none of these things."""


class Change(NamedTuple):
    """A change of a thing at an instant in epoch seconds, with what was there before and after."""

    at: int
    thing: str
    old: str
    new: str


class NestedChanges:
    """Reads the changes of a record.

    Attributes:
        things: those of `FOLLOWED` whose changes the history tells.
    """

    def __init__(
        self, changes: Changes, columns: Columns, instants: Instants, texts: Mapping[str, str]
    ) -> None:
        self._changes, self._instants, self._texts = changes, instants, texts
        fields = _fields(changes, columns)
        self.things = fields.keys()
        self._things: dict[str, list[str]] = defaultdict(list)
        for thing, field in fields.items():
            self._things[field].append(thing)

    def of(self, record: Any) -> list[Change]:
        """Return a record's changes in the order of time; none where it has no list of them.

        Raises:
            RowError: if the list is cut short, or a part of it is not what the mapping says.
        """
        listed = value_at(record, self._changes.path)
        if listed is not None and not isinstance(listed, list):
            raise self._error(f"{self._changes.path} is no list of changes")
        entries = listed or []
        self._require_whole(record, len(entries))
        told = [(self._at(entry), entry) for entry in entries]
        if len(told) > 1 and told[0][0] > told[-1][0]:  # some systems tell the newest first
            told.reverse()
        changes = [change for at, entry in told for change in self._within(at, entry)]
        return sorted(changes, key=lambda change: change.at)

    def _within(self, at: int, entry: Any) -> Iterator[Change]:
        """The changes of one instant; those of other fields are of no thing."""
        items = value_at(entry, self._changes.items) if self._changes.items else [entry]
        if not isinstance(items, list):
            raise self._error(f"a change's {self._changes.items} is no list")
        for item in items:
            field = self._field(item)
            if field and field not in self._things:
                yield Change(at, OTHER, "", "")
            for thing in self._things.get(field, ()):
                old, new = (value_at(item, key) for key in (self._changes.old, self._changes.new))
                yield Change(at, thing, self._texts[text_of(old)], self._texts[text_of(new)])

    def _field(self, item: Any) -> str:
        """The field that an item names; "" where it names none, as notifications do."""
        if not isinstance(item, dict):
            raise self._error("a change is no JSON object")
        named = value_at(item, self._changes.field)
        field = text_of(named)
        if named and not field:
            raise self._error(f"a change's {self._changes.field} is no text")
        return field

    def _require_whole(self, record: Any, told: int) -> None:
        """Reject a record whose list was cut short, as its own count of changes says."""
        beside = self._changes.path.rpartition(".")[0]
        total = value_at(record, f"{beside}.total") if beside else None
        if isinstance(total, int) and total > told:
            raise self._error(f"only {told} of its {total} changes are in the file")

    def _at(self, entry: Any) -> int:
        text = text_of(value_at(entry, self._changes.at))
        try:
            return self._instants[text]
        except FutureTimeError:
            raise self._error(f"a change's {self._changes.at} '{text}' lies in the future") from None
        except ValueError:
            raise self._error(f"a change's {self._changes.at} '{text}' is no time") from None

    def _error(self, reason: str) -> RowError:
        return RowError(reason, self._changes.path)


def _fields(changes: Changes, columns: Columns) -> dict[str, str]:
    """The field whose changes each thing follows: its own, else that of a thing that stands in its column."""
    named = {thing: getattr(changes, thing) for thing in FOLLOWED}
    own = {thing: field for thing, field in named.items() if field}
    by_column = {getattr(columns, thing): field for thing, field in own.items()}
    shared = {thing: by_column.get(getattr(columns, thing), "") for thing in FOLLOWED}
    return {thing: field for thing, field in shared.items() if field} | own
