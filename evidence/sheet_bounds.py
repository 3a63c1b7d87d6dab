"""Whether a workbook can be read in bounded memory: its parts are gone through before anything holds them."""

import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.parsers import expat

from config.errors import BadInputError
from evidence.packed import Content
from evidence.sheet_parts import TooMuchError, went_through

_PIECE = 1_000_000
_MOST_UNPACKED = 400_000_000
_MOST_ROW_BYTES = 32_000_000
_OTHER_KINDS = {"content.xml", "xl/workbook.bin"}  # which are read where a workbook cannot be
_TABLES = re.compile(rb"[</:](?:sheetData|sst)")
_LONGEST_MARK = 16


def require_bounded(content: Content) -> None:
    """Check the archive that a workbook is, before anything unpacks it into memory.

    Raises:
        BadInputError: if it is damaged, no workbook, or takes more memory than a workbook of tickets does.
    """
    try:
        with content.raw() as raw, zipfile.ZipFile(raw) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" not in names or names & _OTHER_KINDS:
                raise BadInputError(f"{content.path}: a zip archive, but no Excel workbook")
            parts = [_went_through(archive, member) for member in _with_tables(archive)]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise BadInputError(f"{content.path}: a damaged workbook: {error}") from None
    except TooMuchError as error:
        raise BadInputError(f"{content.path}: {error}") from None
    widest, longest = (max((part[of] for part in parts), default=0) for of in (0, 1))
    if widest * longest > _MOST_ROW_BYTES:
        raise BadInputError(
            f"{content.path}: a text of {longest:,} bytes, and rows of {widest:,} cells that may each hold it"
        )


def _with_tables(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The parts that hold cells or texts, whatever they are called."""
    found, unpacked = [], 0
    for member in archive.infolist():
        holds, tail = False, b""
        for piece in _pieces(archive, member):
            unpacked += len(piece)
            if unpacked > _MOST_UNPACKED:
                raise TooMuchError(f"unpacks to over {_MOST_UNPACKED // 1_000_000} MB")
            holds = holds or _TABLES.search(tail + piece) is not None
            tail = piece[-_LONGEST_MARK:]
        if holds:
            found.append(member)
    return found


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as packed:
        while piece := packed.read(_PIECE):
            yield piece


def _went_through(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    try:
        return went_through(lambda: _pieces(archive, member))
    except expat.ExpatError as error:
        raise ValueError(f"{member.filename}: {error}") from None
    except TooMuchError as error:
        raise TooMuchError(f"{_called(archive, member.filename)}: {error}") from None


def _called(archive: zipfile.ZipFile, part: str) -> str:
    """The name of the sheet that a part is; else the part's own."""
    try:
        with archive.open("xl/workbook.xml") as book, archive.open("xl/_rels/workbook.xml.rels") as links:
            sheets, targets = (ElementTree.fromstring(file.read(_PIECE)) for file in (book, links))
    except (KeyError, ElementTree.ParseError):
        return part
    ids = {link.get("Id") for link in targets if part.endswith(link.get("Target", "/").lstrip("/"))}
    named = (sheet.get("name") for sheet in sheets.iter() if ids & set(sheet.attrib.values()))
    return next((f"the sheet '{name}'" for name in named if name), part)
