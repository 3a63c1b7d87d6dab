"""Excel workbooks read as tables: the first sheet, whose first row names the columns."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from config.errors import BadInputError
from evidence.packed import Content
from evidence.tables import Row, Table

_MOST_UNPACKED = 400_000_000


@contextmanager
def sheet_table(content: Content) -> Iterator[Table]:
    """Read a workbook (.xlsx).

    Raises:
        BadInputError: if it is damaged, empty, or unpacks to more than a workbook of tickets does.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _require_bounded(content)
    try:
        with content.raw() as raw:
            source = BytesIO(raw.read())
        with CalamineWorkbook.from_filelike(source) as workbook:
            sheet = workbook.get_sheet_by_index(0)
            first = (sheet.start or (0, 0))[0] + 1
            rows = sheet.iter_rows()
            header = [_text(cell).strip() for cell in next(rows, [])]
            if not any(header):
                raise BadInputError(f"{content.path}: the first sheet is empty")
            assumed = [f"the sheet '{sheet.name}' is read"] if len(workbook.sheet_names) > 1 else []
            yield Table(header, _rows(rows, first), typed=True, assumed=assumed)
    except (CalamineError, IndexError) as error:
        raise BadInputError(f"{content.path}: not a workbook that can be read: {error}") from None


def _rows(rows: Iterator[list[Any]], first: int) -> Iterator[Row]:
    for line, cells in enumerate(rows, first + 1):
        if any(cell not in ("", None) for cell in cells):
            yield Row(line, [_text(cell) for cell in cells])


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return "" if cell is None else str(cell)


def _require_bounded(content: Content) -> None:
    """Check the archive that a workbook is, before anything unpacks it into memory."""
    try:
        with content.raw() as raw, zipfile.ZipFile(raw) as archive:
            members = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist():
                raise BadInputError(f"{content.path}: a zip archive, but no Excel workbook")
            unpacked = 0
            for member in members:
                with archive.open(member) as packed:
                    while piece := packed.read(1_000_000):
                        unpacked += len(piece)
                        if unpacked > _MOST_UNPACKED:
                            raise BadInputError(
                                f"{content.path}: unpacks to over {_MOST_UNPACKED // 1_000_000} MB"
                            )
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise BadInputError(f"{content.path}: a damaged workbook: {error}") from None
