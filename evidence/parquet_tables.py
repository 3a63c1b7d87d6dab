"""Parquet files read as tables, a batch of rows at a time and only the columns that the mapping names."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib import import_module
from typing import Any

from config.errors import BadInputError
from evidence.found_columns import places
from evidence.mapping_schema import Mapping
from evidence.packed import BOMB_BYTES, BOMB_RATIO, Content
from evidence.tables import Row, Table, Unusable

_UNREADABLE = (ValueError, OverflowError, LookupError)  # such as a time out of range, half a character
_ROWS_AT_ONCE = 5_000
_MOST_GROUP_BYTES = 2_000_000_000


@contextmanager
def parquet_table(content: Content, mapping: Mapping | None) -> Iterator[Table]:
    """Read a Parquet file; without a mapping, or where columns that it needs are missing, all columns.

    A row is set aside that has a cell which cannot be read, such as a time beyond the year 9999.

    Raises:
        BadInputError: if it is damaged, its row groups are larger than memory should hold, or pyarrow is
            not installed.
    """
    try:
        parquet, arrow = import_module("pyarrow.parquet"), import_module("pyarrow")
    except ImportError:
        raise BadInputError(
            f"{content.path}: Parquet needs pyarrow: pip install 'slmcycle[parquet]'"
        ) from None
    with content.raw() as raw:
        try:
            metadata = parquet.read_metadata(raw)
            _require_bounded(content, metadata)
            # a text is held once, however many rows repeat it
            file = parquet.ParquetFile(raw, metadata=metadata, read_dictionary=_text_columns(metadata))
        except (arrow.ArrowException, OSError) as error:
            raise BadInputError(f"{content.path}: damaged: {_first_line(error)}") from None
        header = list(file.schema_arrow.names)
        if mapping is not None and not places(mapping, header)[1]:
            wanted = _named(mapping)
            header = [name for name in header if name in wanted]
        yield Table(header, _rows(content, file, header, arrow), typed=True, position=raw.tell)


def _named(mapping: Mapping) -> set[str]:
    return {name for names in mapping.columns.named().values() for name in names}


def _text_columns(metadata: Any) -> list[str]:
    columns = map(metadata.schema.column, range(metadata.num_columns))
    return [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]


def _rows(content: Content, file: Any, header: list[str], arrow: Any) -> Iterator[Row | Unusable]:
    line = 0
    try:
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=header):
            columns, failed = list[list[str]](), dict[int, tuple[str, str]]()
            for name, column in zip(header, batch.columns, strict=True):
                texts, reasons = _texts(column, arrow)
                columns.append(texts)
                failed |= {place: (name, reason) for place, reason in reasons.items()}
            for place, cells in enumerate(zip(*columns, strict=True)):
                line += 1
                if place in failed:
                    name, reason = failed[place]
                    yield Unusable(line, f"{name} cannot be read: {reason}", ",".join(cells)[:1000], name)
                else:
                    yield Row(line, list(cells))
    except (arrow.ArrowException, OSError) as error:
        raise BadInputError(f"{content.path}: after row {line}: damaged: {_first_line(error)}") from None


def _texts(column: Any, arrow: Any) -> tuple[list[str], dict[int, str]]:
    """A column as texts, and why those of some rows, told by their places, cannot be read."""
    if arrow.types.is_dictionary(column.type):
        texts, reasons = _texts(column.dictionary, arrow)
        places_of = column.indices.to_pylist()
        return (
            ["" if place is None else texts[place] for place in places_of],
            {row: reasons[place] for row, place in enumerate(places_of) if place in reasons}
            if reasons
            else {},
        )
    if arrow.types.is_timestamp(column.type) and column.type.unit == "ns":  # finer than datetime
        column = column.cast(arrow.timestamp("us", column.type.tz), safe=False)
    try:
        values, failed = column.to_pylist(), dict[int, str]()
    except _UNREADABLE:
        values, failed = _one_by_one(column)
    return [value if isinstance(value, str) else _text(value) for value in values], failed


def _one_by_one(column: Any) -> tuple[list[Any], dict[int, str]]:
    values, failed = list[Any](), dict[int, str]()
    for place, cell in enumerate(column):
        try:
            values.append(cell.as_py())
        except _UNREADABLE as error:
            values.append(None)
            failed[place] = _first_line(error)
    return values, failed


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _require_bounded(content: Content, metadata: Any) -> None:
    largest = max(
        (metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups)), default=0
    )
    if largest > max(BOMB_BYTES, content.size * BOMB_RATIO):
        raise BadInputError(f"{content.path}: unpacks to over {BOMB_RATIO} times its size")
    if largest > _MOST_GROUP_BYTES:
        raise BadInputError(
            f"{content.path}: a row group of {largest / 1e9:.1f} GB is more than is read at once"
        )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
