"""JSON read as tables: a list of records, or a record a line, one after another however long the file is."""

import codecs
import gzip
import json
import select
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from config.errors import BadInputError
from evidence.csv_tables import text_encoding
from evidence.found_columns import ChosenColumns
from evidence.json_stream import JsonRecords
from evidence.mapping_schema import Mapping
from evidence.packed import Content
from evidence.tables import MOST_LINE_CHARACTERS, Item, Row, Table, Unusable

_PIECE = 65_536
_PAUSE_SECONDS = 1.0
_NAMING = ("displayName", "name", "value", "display_value", "key")


@contextmanager
def json_table(content: Content, mapping: Mapping) -> Iterator[Table]:
    """Read a JSON file: the list of records that it is, or that it keeps under the mapping's `records`.

    Raises:
        BadInputError: from its rows: not JSON, no such list, a record beyond all bounds, a packed file that
            is cut off.
    """
    with content.opened() as (unpacked, raw):
        encoding, assumed = text_encoding(content.head(), mapping.encoding)
        stream = JsonRecords(_text_pieces(unpacked, encoding, content), str(content.path))
        chosen = ChosenColumns(mapping)
        rows = (_row(number, record, chosen) for number, record in stream.records(mapping.records))
        yield Table(chosen.header, rows, places=chosen.places, assumed=assumed, position=raw.tell)


@contextmanager
def json_lines_table(content: Content, mapping: Mapping) -> Iterator[Table]:
    """Read JSON lines; a line that is no JSON object is set aside.

    Raises:
        BadInputError: from its rows: a line beyond all bounds, a packed file that is cut off.
    """
    with content.opened() as (unpacked, raw):
        encoding, assumed = text_encoding(content.head(), mapping.encoding)
        pieces = _text_pieces(unpacked, encoding, content)
        chosen = ChosenColumns(mapping)
        rows = _line_rows(pieces, chosen, str(content.path))
        yield Table(chosen.header, rows, places=chosen.places, assumed=assumed, position=raw.tell)


@contextmanager
def feed_table(feed: BinaryIO, name: str, mapping: Mapping) -> Iterator[Table]:
    """Read JSON lines as they come, with a None wherever the feed pauses for a second."""
    chosen = ChosenColumns(mapping)
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    pieces = (piece if piece is None else decode(piece) for piece in _arriving(feed))
    yield Table(chosen.header, _line_rows(pieces, chosen, name), places=chosen.places)


def value_at(record: Any, path: str) -> Any:
    """Return what stands at a dotted path of a record; None where nothing does."""
    if isinstance(record, dict) and path in record:
        return record[path]
    for part in path.split("."):
        if isinstance(record, list):
            record = record[0] if record else None
        record = record.get(part) if isinstance(record, dict) else None
    return record


def text_of(value: Any) -> str:
    """Return a value as a cell: a named object by its name, the first of a list, nothing for none."""
    while isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = next((value[key] for key in _NAMING if key in value), None)
    if value is None or isinstance(value, dict | list):
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _row(line: int, record: Any, chosen: ChosenColumns) -> Item:
    if not isinstance(record, dict):
        text = ""
        with suppress(RecursionError):  # writing takes a little more depth than reading did
            text = json.dumps(record)[:1000]
        return Unusable(line, "not a JSON object", text)
    return Row(line, chosen.cells(lambda path: text_of(value_at(record, path))), record)


def _line_rows(pieces: Iterator[str | None], chosen: ChosenColumns, name: str) -> Iterator[Item]:
    number, rest = 0, ""
    for piece in pieces:
        if piece is None:
            yield None
            continue
        *lines, rest = (rest + piece).split("\n")
        for line in lines:
            number += 1
            if line.strip():
                yield _line_row(number, line, chosen)
        if len(rest) > MOST_LINE_CHARACTERS:
            raise BadInputError(
                f"{name}: after line {number}: a line of over {MOST_LINE_CHARACTERS:,} characters"
            )
    if rest.strip():
        yield _line_row(number + 1, rest, chosen)


def _line_row(number: int, line: str, chosen: ChosenColumns) -> Item:
    if "\ufffd" in line:  # what stands for bytes that are none in UTF-8
        return Unusable(number, "not UTF-8 text", line[:1000])
    try:
        return _row(number, json.loads(line), chosen)
    except (ValueError, RecursionError):
        return Unusable(number, "not JSON", line[:1000])


def _text_pieces(unpacked: BinaryIO, encoding: str, content: Content) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := unpacked.read(_PIECE):
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    except UnicodeError:
        raise BadInputError(f"{content.path}: not {encoding} text") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise BadInputError(f"{content.path}: the packed file is cut off") from None


def _arriving(feed: BinaryIO) -> Iterator[bytes | None]:
    """What a pipe holds, as soon as it holds anything."""
    read: Callable[[int], bytes] = getattr(feed, "read1", feed.read)
    waits = _can_wait(feed)
    silent = True
    while True:
        if waits and not silent and not select.select([feed], [], [], _PAUSE_SECONDS)[0]:
            silent = True
            yield None
            continue
        piece = read(_PIECE)
        if not piece:
            return
        silent = False
        yield piece


def _can_wait(feed: BinaryIO) -> bool:
    try:
        select.select([feed], [], [], 0)
    except (OSError, ValueError, TypeError):
        return False
    return True
