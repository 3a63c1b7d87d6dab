"""Excel workbooks read as tables: the first sheet, one of whose first rows names the columns."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import chain, islice
from typing import Any

from config.errors import BadInputError
from evidence.found_columns import places
from evidence.mapping_schema import Mapping
from evidence.packed import Content
from evidence.sheet_bounds import require_bounded
from evidence.tables import Row, Table

_MOST_ROWS_ABOVE = 20


@contextmanager
def sheet_table(content: Content, mapping: Mapping | None) -> Iterator[Table]:
    """Read a workbook (.xlsx).

    A report may have a title above its table: the columns are named by the first row that has those which
    the mapping needs, without a mapping by the first with more than one cell; else by the first row.

    Raises:
        BadInputError: if it is damaged, empty, or takes more memory than a workbook of tickets does.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    require_bounded(content)
    try:
        with content.raw() as raw:
            source = BytesIO(raw.read())
        with CalamineWorkbook.from_filelike(source) as workbook:
            sheet = workbook.get_sheet_by_index(0)
            first = (sheet.start or (0, 0))[0] + 1
            rows = sheet.iter_rows()
            above = [[_text(cell).strip() for cell in row] for row in islice(rows, _MOST_ROWS_ABOVE)]
            if not any(map(any, above)):
                raise BadInputError(f"{content.path}: the first sheet is empty")
            place = _header_place(above, mapping)
            assumed = [f"the sheet '{sheet.name}' is read"] if len(workbook.sheet_names) > 1 else []
            if place:
                assumed.append(f"the columns are named in row {first + place}")
            below: Iterable[list[Any]] = chain(above[place + 1 :], rows)
            yield Table(above[place], _rows(below, first + place), typed=True, assumed=assumed)
    except (CalamineError, IndexError) as error:
        raise BadInputError(f"{content.path}: not a workbook that can be read: {error}") from None


def _header_place(above: Sequence[list[str]], mapping: Mapping | None) -> int:
    """Which of the first rows names the columns."""
    for place, row in enumerate(above):
        if (sum(map(bool, row)) > 1) if mapping is None else not places(mapping, row)[1]:
            return place
    return 0


def _rows(rows: Iterable[list[Any]], first: int) -> Iterator[Row]:
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
