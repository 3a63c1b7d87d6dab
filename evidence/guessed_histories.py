"""Files of records with nested histories: the shipped mapping that fits is what is proposed."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

from config.errors import BadInputError
from evidence.guessed_states import guessed_states
from evidence.json_tables import json_lines_table, json_table, value_at
from evidence.mapping_schema import Mapping
from evidence.mappings import known_mappings, shipped_mapping, shipped_text
from evidence.packed import Content
from evidence.tables import Row, Table


def fitting_mapping(content: Content, kind: str) -> str | None:
    """Return a copy of the shipped mapping that fits a JSON file, with the states that it lacks."""
    for name in known_mappings():
        mapping = shipped_mapping(name)
        if mapping.changes is None or not _fits(content, kind, mapping):
            continue
        return "\n".join(
            [
                f"# The shipped mapping {name} fits: import with --mapping {name}; or mend this copy, and "
                "import with --mapping FILE.",
                *(['format = "json"'] if mapping.records and not _is_lines(content, kind, mapping) else []),
                shipped_text(name).rstrip(),
                *guessed_states(_further_words(content, kind, mapping)),
                "",
            ]
        )
    return None


def _fits(content: Content, kind: str, mapping: Mapping) -> bool:
    """Whether the first record has what the mapping needs, and stands or has its history where it says."""
    row = _first(_table(content, kind, mapping))
    if row is None or mapping.changes is None:
        return False
    named = mapping.columns.named()
    needed = (cell for thing, cell in zip(named, row.cells, strict=True) if mapping.needs(thing))
    in_place = bool(mapping.records) and not _is_lines(content, kind, mapping)
    return all(needed) and (in_place or isinstance(value_at(row.record, mapping.changes.path), list))


def _table(content: Content, kind: str, mapping: Mapping) -> AbstractContextManager[Table]:
    lines = _is_lines(content, kind, mapping)
    return json_lines_table(content, mapping) if lines else json_table(content, mapping)


def _is_lines(content: Content, kind: str, mapping: Mapping) -> bool:
    """Whether a file has a record a line; one whose only line holds the list of records has not."""
    return kind == "jsonl" and (not mapping.records or _first(json_table(content, mapping)) is None)


def _first(opened: AbstractContextManager[Table]) -> Row | None:
    with opened as table:
        try:
            item = next(table.rows, None)
        except BadInputError:
            return None
    return item if isinstance(item, Row) else None


def _further_words(content: Content, kind: str, mapping: Mapping) -> Iterator[str]:
    """The words for states that the mapping does not have."""
    place = list(mapping.columns.named()).index("state")
    with _table(content, kind, mapping) as table:
        for item in table.rows:
            if isinstance(item, Row) and item.cells[place].strip() not in mapping.states:
                yield item.cells[place].strip()
