"""Parquet files read as tables, a batch of rows at a time and only the columns that the mapping names."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib import import_module
from typing import Any

from config.errors import BadInputError
from evidence.mapping_schema import Mapping
from evidence.packed import Content
from evidence.tables import Row, Table

_ROWS_AT_ONCE = 5_000
_MOST_GROUP_BYTES = 2_000_000_000


@contextmanager
def parquet_table(content: Content, mapping: Mapping | None) -> Iterator[Table]:
    """Read a Parquet file; without a mapping all of its columns.

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
            file = parquet.ParquetFile(raw)
            _require_bounded(content, file.metadata)
        except (arrow.ArrowException, OSError) as error:
            raise BadInputError(f"{content.path}: damaged: {_first_line(error)}") from None
        there = list(file.schema_arrow.names)
        wanted = set(there) if mapping is None else _named(mapping)
        header = [name for name in there if name in wanted]
        yield Table(header, _rows(content, file, header, arrow), typed=True, position=raw.tell)


def _named(mapping: Mapping) -> set[str]:
    return {name for names in mapping.columns.named().values() for name in names}


def _rows(content: Content, file: Any, header: list[str], arrow: Any) -> Iterator[Row]:
    line = 0
    try:
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=header):
            columns = [_texts(column.to_pylist()) for column in batch.columns]
            for cells in zip(*columns, strict=True):
                line += 1
                yield Row(line, list(cells))
    except (arrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise BadInputError(f"{content.path}: after row {line}: damaged: {_first_line(error)}") from None


def _texts(values: list[Any]) -> list[str]:
    return [value if isinstance(value, str) else _text(value) for value in values]


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
    if largest > _MOST_GROUP_BYTES:
        raise BadInputError(
            f"{content.path}: a row group of {largest / 1e9:.1f} GB is more than is read at once"
        )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
