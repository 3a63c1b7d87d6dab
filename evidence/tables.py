"""What every format is read as: rows of text cells with the line they stand on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MOST_LINE_CHARACTERS = 1_000_000
"""A line, or a row of several lines, that is longer is no row of tickets."""

MOST_RECORD_CHARACTERS = 16_000_000
"""A JSON record that is longer, all its history included, is no ticket."""

MOST_CELL_CHARACTERS = 131_072

MARKERS = frozenset({"?", "-", "n/a", "N/A", "#N/A", "NULL", "null", "None", "none", "NaN", "nan", "(empty)"})
"""What files often write for nothing; whether one does so is for its mapping to say."""


class Row(NamedTuple):
    """A row of a file.

    Attributes:
        line: where it stands: a line of text, a row of a sheet.
        cells: a text for each column.
        record: the JSON record that the cells are from; None in other formats.
    """

    line: int
    cells: list[str]
    record: Any = None


class Unusable(NamedTuple):
    """A line that holds no row at all, and why; with the column where one of its cells cannot be read."""

    line: int
    reason: str
    text: str
    column: str = ""


Item = Row | Unusable | None
"""None where a feed pauses, so that what has come can be kept at once."""


@dataclass
class Table:
    """A file as rows.

    Attributes:
        header: the names of its columns.
        rows: read as they are asked for.
        typed: whether cells hold instants, which stand here in ISO 8601.
        places: the column of each thing, where the reader chose the columns by the mapping; None where the
            file has a header of its own.
        assumed: what was taken for granted, a sentence each.
        position: how many bytes of the file have been read.
    """

    header: list[str]
    rows: Iterator[Item]
    typed: bool = False
    places: dict[str, int] | None = None
    assumed: list[str] = field(default_factory=list)
    position: Callable[[], int] = lambda: 0
