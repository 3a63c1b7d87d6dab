"""The bytes of a file, packed or not: told by its first bytes, and never unpacked without bounds."""

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from config.errors import BadInputError

Progress = Callable[[int, int], None]

HEAD_BYTES = 262_144
_PIECE = 262_144
_GZIP = b"\x1f\x8b"
BOMB_BYTES = 64_000_000
BOMB_RATIO = 200
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # which begins as UTF-16 does
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_MAGIC = {b"PK\x03\x04": "xlsx", b"PAR1": "parquet"}
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
    ".xes": "xes",
}
_WORDS = {
    "csv": "plain text",
    "json": "JSON",
    "jsonl": "JSON",
    "xlsx": "an Excel workbook (or another zip archive)",
    "parquet": "Parquet",
    "xes": "XML",
}
_FILES = {"json": "JSON", "jsonl": "JSON", "xlsx": "Excel", "parquet": "Parquet", "xes": "XES"}


@dataclass(frozen=True)
class Content:
    """A file's content, which can be read from its beginning as often as need be.

    Attributes:
        path: of the file; for content that came another way, what it is called in messages.
        held: the content itself, where it is in memory already.
    """

    path: Path
    held: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes, packed."""
        return self.path.stat().st_size if self.held is None else len(self.held)

    @property
    def packed(self) -> bool:
        """Whether the content begins as gzip does.

        Raises:
            BadInputError: the name ends in .gz and the content is not packed.
        """
        with self.raw() as raw:
            packed = raw.read(2) == _GZIP
        if self.held is None and self.path.suffix == ".gz" and not packed and self.size:
            raise BadInputError(f"{self.path}: not packed with gzip, though its name ends in .gz")
        return packed

    @contextmanager
    def raw(self) -> Iterator[BinaryIO]:
        """Give the bytes as they are."""
        with self.path.open("rb") if self.held is None else BytesIO(self.held) as raw:
            yield raw

    @contextmanager
    def opened(self) -> Iterator[tuple[BinaryIO, BinaryIO]]:
        """Give the unpacked bytes, and the packed ones whose position tells how far it has come."""
        with self.raw() as raw:
            unpacked = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if self.packed else raw
            yield unpacked, raw

    def head(self) -> bytes:
        """Return the first unpacked bytes, as many as `HEAD_BYTES`."""
        with self.opened() as (unpacked, _):
            try:
                return unpacked.read(HEAD_BYTES)
            except EOFError:
                return self._readable_head()

    def _readable_head(self) -> bytes:
        """The first bytes of a file that is cut off before there are enough."""
        with self.raw() as raw:
            return zlib.decompressobj(wbits=31).decompress(raw.read(HEAD_BYTES), HEAD_BYTES)


def require_sound(content: Content) -> None:
    """Check a packed file from end to end before a row of it is believed; one that is cut off passes.

    Raises:
        BadInputError: if it is damaged, or unpacks to so much more than it is that it must be a bomb.
    """
    if not content.packed:
        return
    read = written = 0
    with content.raw() as raw:
        member = zlib.decompressobj(wbits=31)
        while piece := raw.read(_PIECE):
            read += len(piece)
            try:
                while piece:
                    if member.eof:
                        if not piece.strip(b"\0"):
                            break
                        member = zlib.decompressobj(wbits=31)
                    written += len(member.decompress(piece, _PIECE))
                    piece = member.unused_data if member.eof else member.unconsumed_tail
                    if written > max(BOMB_BYTES, read * BOMB_RATIO):
                        raise BadInputError(f"{content.path}: unpacks to over {BOMB_RATIO} times its size")
            except zlib.error:
                raise BadInputError(f"{content.path}: the packed file is damaged") from None


def marked_encoding(head: bytes) -> str:
    """Return the encoding that a text's first bytes mark; nothing where there is no mark."""
    return next((encoding for mark, encoding in _MARKS.items() if head.startswith(mark)), "")


def told_format(content: Content, wanted: str) -> str:
    """Return the format of a file, told by its first bytes; `wanted` unless that is "detect".

    Raises:
        BadInputError: if the file is empty, or is not what its name or the mapping says.
    """
    head = content.head()
    if not head:
        raise BadInputError(f"{content.path}: the file is empty")
    found = _format_of(head)
    name = content.path.name.lower().removesuffix(".gz")
    named = next((kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix)), None)
    said = named if wanted == "detect" else wanted
    if said is None or said == found or {said, found} == {"json", "jsonl"}:
        return said or found
    if said == "csv" and found in ("json", "xes"):  # a cell may begin with a bracket
        return said
    if found == "csv":  # told by nothing: it may be text, or any file that is not read here
        raise BadInputError(f"{content.path}: is no {_FILES[said]} file")
    raise BadInputError(f"{content.path}: not {_WORDS[said]} but {_WORDS[found]}")


def _format_of(head: bytes) -> str:
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    begin = head.decode(marked_encoding(head) or "latin-1", "ignore").lstrip()
    if begin.startswith("<"):
        return "xes"
    if begin.startswith("["):
        return "json"
    if begin.startswith("{"):
        return "jsonl" if _first_line_is_whole(begin) else "json"
    return "csv"


def _first_line_is_whole(begin: str) -> bool:
    first, _, rest = begin.partition("\n")
    return first.rstrip().endswith("}") and (not rest.strip() or rest.lstrip().startswith("{"))
