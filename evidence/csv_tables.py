"""CSV files read as tables: encoding and delimiter set or detected, no line without bounds."""

import codecs
import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import StringIO, TextIOWrapper

from config.errors import BadInputError
from evidence.found_columns import places
from evidence.mapping_schema import DETECT, Mapping
from evidence.packed import HEAD_BYTES, Content, marked_encoding
from evidence.tables import MOST_CELL_CHARACTERS, MOST_LINE_CHARACTERS, Item, Row, Table, Unusable

_DELIMITERS = (",", ";", "\t", "|")
_LEGACY = "cp1252"


@contextmanager
def csv_table(content: Content, mapping: Mapping) -> Iterator[Table]:
    """Read a CSV file.

    Raises:
        BadInputError: if it has no header, or from its rows: not text in the encoding, a line or a cell
            beyond all bounds, a packed file that is cut off.
    """
    head = content.head()
    encoding, assumed = text_encoding(head, mapping.encoding)
    delimiter = _delimiter(head, encoding, mapping)
    if mapping.delimiter == DETECT:
        assumed.append(f"cells are separated by {delimiter!r}")
    with content.opened() as (unpacked, raw), TextIOWrapper(unpacked, encoding, newline="") as text:
        reader = _CsvRows(content, text, delimiter, encoding)
        first = next(reader.rows(), None)
        if isinstance(first, Unusable):
            raise BadInputError(f"{content.path}: line {first.line}: {first.reason}")
        header = [name.strip() for name in first.cells] if first else []
        if not any(header):
            raise BadInputError(f"{content.path}: the file is empty")
        yield Table(header, reader.rows(), assumed=assumed, position=raw.tell)


def text_encoding(head: bytes, wanted: str) -> tuple[str, list[str]]:
    """Return the encoding of a text that begins with these bytes, and what was assumed in telling it.

    It is the one that its first bytes mark, else `wanted` unless that is "detect".
    """
    marked = marked_encoding(head)
    if marked and marked != wanted:
        return marked, [f"the encoding is {marked}, as its first bytes say"]
    if wanted != DETECT:
        return wanted, []
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return _LEGACY, [f"the text is not UTF-8 and is read as {_LEGACY}"]
    return "utf-8", [] if head.isascii() else ["the text is UTF-8"]


def _delimiter(head: bytes, encoding: str, mapping: Mapping) -> str:
    """The delimiter with which the header has the mapping's columns; else that with the most columns."""
    if mapping.delimiter != DETECT:
        return mapping.delimiter
    first_line = head.decode(encoding, "replace").lstrip("\ufeff\r\n").splitlines()[:1]

    def columns(delimiter: str) -> tuple[int, int]:
        try:
            header = [name.strip() for name in next(csv.reader(first_line, delimiter=delimiter), [])]
        except csv.Error:
            return 0, 0
        return len(places(mapping, header)[0]), len(header)

    return max(_DELIMITERS, key=columns)


class _CsvRows:
    """Rows of a text, none longer than the bounds."""

    def __init__(self, content: Content, text: Iterable[str], delimiter: str, encoding: str) -> None:
        self._content, self._encoding = content, encoding
        self._pending, self._unclosed = 0, False
        csv.field_size_limit(MOST_CELL_CHARACTERS)
        self._lines = csv.reader(self._bounded(text), delimiter=delimiter)

    def _bounded(self, text: Iterable[str]) -> Iterator[str]:
        assert isinstance(text, TextIOWrapper | StringIO), "only these read a part of a line"
        while line := text.readline(MOST_LINE_CHARACTERS + 1):
            self._pending += len(line)
            if self._pending > MOST_LINE_CHARACTERS:
                raise csv.Error(f"a row of over {MOST_LINE_CHARACTERS:,} characters")
            yield line
        self._unclosed = self._pending > 0  # the last row was still wanting its end

    def rows(self) -> Iterator[Item]:
        path, lines = self._content.path, self._lines
        line = lines.line_num
        try:
            for cells in lines:
                self._pending = 0
                if self._unclosed:
                    yield Unusable(line + 1, "a quote that is never closed", ",".join(cells)[:1000])
                elif cells:
                    yield Row(line + 1, cells)
                line = lines.line_num
        except UnicodeError:
            raise BadInputError(f"{path}: after line {lines.line_num}: not {self._encoding} text") from None
        except csv.Error as error:
            raise BadInputError(f"{path}: after line {lines.line_num}: {error}") from None
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise BadInputError(f"{path}: after line {lines.line_num}: the packed file is cut off") from None
