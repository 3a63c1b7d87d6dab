"""XES event logs read as tables: a row an event, parsed as it streams, without entities.

Columns are named as pm4py names them: `case:concept:name` and other attributes of the trace with `case:`
before them, the event's own as they are. Source of the format: IEEE 1849 (XES).
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from xml.parsers import expat

from config.errors import BadInputError
from evidence.found_columns import ChosenColumns
from evidence.mapping_schema import Mapping
from evidence.packed import Content
from evidence.tables import MOST_LINE_CHARACTERS, Row, Table

_PIECE = 65_536


@contextmanager
def xes_table(content: Content, mapping: Mapping) -> Iterator[Table]:
    """Read an event log (.xes, .xes.gz).

    Raises:
        BadInputError: from its rows: not XES, an XML file with a document type, one that is cut off.
    """
    chosen = ChosenColumns(mapping)
    with content.opened() as (unpacked, raw):
        rows = _rows(unpacked, chosen, str(content.path))
        yield Table(chosen.header, rows, places=chosen.places, position=raw.tell)


class _Events:
    """The events that the parser has come past and nobody has taken yet."""

    def __init__(self, chosen: ChosenColumns) -> None:
        self.rows: list[Row] = []
        self.root = ""
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._chosen = chosen
        self._wanted = {name for names in chosen.names for name in names}
        self._depth = 0
        self._trace_depth = self._event_depth = -1
        self._trace: dict[str, str] = {}
        self._event: dict[str, str] = {}
        self._line = 0

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        name = tag.rpartition(":")[2]
        if self._depth == 1:
            self.root = name
        elif name == "trace" and self._depth == 2:
            self._trace_depth, self._trace = self._depth, {}
        elif name == "event" and self._depth <= 3:
            self._event_depth, self._event = self._depth, {}
            self._line = self.parser.CurrentLineNumber
        elif self._depth == self._event_depth + 1:
            self._keep(self._event, attributes.get("key", ""), attributes)
        elif self._depth == self._trace_depth + 1:
            self._keep(self._trace, f"case:{attributes.get('key', '')}", attributes)

    def _keep(self, kept: dict[str, str], key: str, attributes: dict[str, str]) -> None:
        if key in self._wanted:
            kept[key] = attributes.get("value", "")

    def _end(self, _tag: str) -> None:
        if self._depth == self._event_depth:
            said = self._trace | self._event
            self.rows.append(Row(self._line, self._chosen.cells(lambda name: said.get(name, ""))))
            self._event_depth = -1
        elif self._depth == self._trace_depth:
            self._trace_depth, self._trace = -1, {}
        self._depth -= 1

    def _refuse(self, *_declared: object) -> None:
        raise ValueError("an event log with a document type is not read")


def _rows(unpacked: BinaryIO, chosen: ChosenColumns, path: str) -> Iterator[Row]:
    events = _Events(chosen)
    parser = events.parser
    fed = 0
    try:
        while piece := unpacked.read(_PIECE):
            fed += len(piece)
            parser.Parse(piece, False)
            if fed - parser.CurrentByteIndex > MOST_LINE_CHARACTERS:
                raise ValueError(f"an element of over {MOST_LINE_CHARACTERS:,} characters")
            if events.root not in ("", "log"):
                raise ValueError(f"not an XES event log: its root is <{events.root[:100]}>")
            yield from events.rows
            events.rows.clear()
        parser.Parse(b"", True)
        yield from events.rows
    except (expat.ExpatError, LookupError) as error:  # an encoding that nobody knows, too
        raise BadInputError(f"{path}: after line {parser.CurrentLineNumber}: {error}") from None
    except ValueError as error:
        raise BadInputError(f"{path}: line {parser.CurrentLineNumber}: {error}") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise BadInputError(
            f"{path}: after line {parser.CurrentLineNumber}: the packed file is cut off"
        ) from None
