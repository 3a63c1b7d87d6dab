"""The parts of a workbook that hold cells or texts, gone through without holding them.

What reads sheets keeps the whole rectangle that a sheet's cells span, so that one stray cell far off stands
for gigabytes, and it makes room for as many texts as the workbook says that it has.
"""

import re
from collections.abc import Callable, Iterator
from xml.parsers import expat

_MOST_CELLS = 10_000_000
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_USUAL_COLUMNS = 256
_MOST_TAG = 1_000_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII | re.IGNORECASE)
_ANY_CELL = re.compile(rb"[<:]c(?=[\s/>])")
_USUAL_COLUMN = re.compile(rb'<c r="([A-Z]{1,3})[0-9]{1,7}"')
_USUAL_ROW = re.compile(rb'<c r="[A-Z]{1,3}([0-9]{1,7})"')
_ANY_TEXT = re.compile(rb"[<:]s(?:st|i)[\s/>]")
_PLAIN = bytes(code if code >= 32 or code in b"\t\n\r" else 32 for code in range(256))


class TooMuchError(Exception):
    """What would take too much memory."""


def went_through(pieces: Callable[[], Iterator[bytes]]) -> tuple[int, int]:
    """Return the most cells in one of a part's rows, and the bytes of its longest text.

    Raises:
        ExpatError: if it is no XML.
        ValueError: if a row or a cell is numbered otherwise than in a workbook.
        TooMuchError: if its cells span too much, or there are too many texts.
    """
    if columns := _usual_columns(pieces()):
        return columns, 0
    # what reads sheets takes a part for UTF-8 whatever it says, and control characters as they come
    parser = expat.ParserCreate("utf-8")
    part = _Part(parser)
    for piece in pieces():
        parser.Parse(piece.translate(_PLAIN), False)
    parser.Parse(b"", True)
    part.end_text()
    return part.widest, part.longest


def _usual_columns(pieces: Iterator[bytes]) -> int:
    """The columns of a sheet that is written as usual and is small enough; 0 of any other part.

    That is told by patterns alone, which takes a fifth of the time of going through its elements.
    """
    rest, columns, last = b"", set[bytes](), 0
    for piece in pieces:
        whole, mark, begun = (rest + piece).rpartition(b"<")
        rest = mark + begun
        found = _USUAL_COLUMN.findall(whole)
        if len(found) < len(_ANY_CELL.findall(whole)) or len(rest) > _MOST_TAG or _ANY_TEXT.search(whole):
            return 0
        columns.update(found)
        last = max(last, *map(int, set(_USUAL_ROW.findall(whole))), 0)
    widest = max((_column_number(letters.decode()) for letters in columns), default=0)
    return widest if widest <= _USUAL_COLUMNS and last * widest <= _MOST_CELLS and last <= _MOST_ROWS else 0


class _Part:
    """What a part holds, as its parser comes past it.

    Attributes:
        widest: the most cells in a row.
        longest: the bytes of its longest text.
    """

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.widest = self.longest = 0
        self._parser = parser
        self._row = self._column = 0
        self._place: tuple[int, int] | None = None
        self._low, self._high = (_MOST_ROWS, _MOST_COLUMNS), (0, 0)
        self._filled_row = self._filled = 0
        self._texts = self._text_began = 0
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._refuse

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self._come_to(attributes.get("r"))
        elif name in ("v", "is"):
            self._fill()
        elif name == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif name == "si":
            self.end_text()
            self._texts += 1
            self._require_few(self._texts)
        elif name == "sst":
            self._require_few(int(attributes.get("uniqueCount", 0)))

    def _come_to(self, reference: str | None) -> None:
        row, self._column = self._row, self._column + 1
        if reference is not None:
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                raise ValueError(f"'{reference[:50]}' is no cell")
            row, self._column = int(match[2]), _column_number(match[1])
        self._place = row, self._column

    def _fill(self) -> None:
        if self._place is None:
            return
        (row, column), self._place = self._place, None
        if row > _MOST_ROWS or column > _MOST_COLUMNS:
            raise TooMuchError(f"the cell {_reference(row, column)} lies outside of a sheet")
        self._low = min(row, self._low[0]), min(column, self._low[1])
        self._high = max(row, self._high[0]), max(column, self._high[1])
        rows, columns = self._high[0] - self._low[0] + 1, self._high[1] - self._low[1] + 1
        if rows * columns > _MOST_CELLS:
            raise TooMuchError(
                f"with the cell {_reference(row, column)} it spans {rows:,} rows of {columns:,} columns, "
                f"and over {_MOST_CELLS:,} cells are not read; delete what stands far off"
            )
        self._filled = self._filled + 1 if row == self._filled_row else 1
        self.widest = max(self.widest, self._filled if row >= self._filled_row else columns)
        self._filled_row = row

    def end_text(self) -> None:
        """Take the bytes since a text began for its length."""
        ended = self._parser.CurrentByteIndex
        if self._texts:
            self.longest = max(self.longest, ended - self._text_began)
        self._text_began = ended

    def _require_few(self, texts: int) -> None:
        if texts > _MOST_CELLS:
            raise TooMuchError(f"{texts:,} texts, and over {_MOST_CELLS:,} are not read")

    def _refuse(self, *_declared: object) -> None:
        raise ValueError("a part with a document type")


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _reference(row: int, column: int) -> str:
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row}"
