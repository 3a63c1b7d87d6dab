"""Which reader a file gets: by its format a table, by its mapping's shape what its rows are made into."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

from config.errors import BadInputError
from evidence.changelog_rows import ChangelogRows
from evidence.check_rows import CheckRows
from evidence.csv_tables import csv_table
from evidence.found_columns import places
from evidence.instants import AmbiguousDatesError, told_format
from evidence.json_tables import json_lines_table, json_table
from evidence.mapping_schema import DETECT, TIMES, Mapping
from evidence.packed import Content
from evidence.packed import told_format as told_file_format
from evidence.parquet_tables import parquet_table
from evidence.sheets import sheet_table
from evidence.tables import Row, Table
from evidence.ticket_rows import TicketRows
from evidence.told_rows import ToldRows
from evidence.update_rows import UpdateRows
from evidence.value_rows import ValueRows
from evidence.xes import xes_table

SHAPES: dict[str, type[ToldRows[Any]]] = {
    "updates": UpdateRows,
    "tickets": TicketRows,
    "changelog": ChangelogRows,
    "checks": CheckRows,
    "values": ValueRows,
}
_EXAMPLE_ROWS = 5_000


def open_table(content: Content, mapping: Mapping) -> AbstractContextManager[Table]:
    """Return a context that gives a file as a table.

    Raises:
        BadInputError: if the file is not what its name or the mapping says.
    """
    file_format = told_file_format(content, mapping.format)
    if mapping.shape == "changelog" and file_format not in ("json", "jsonl"):
        raise BadInputError(
            f"{content.path}: the mapping {mapping.name} reads nested JSON, and this is {file_format}"
        )
    if file_format == "csv":
        return csv_table(content, mapping)
    if file_format == "json":
        return json_table(content, mapping)
    if file_format == "jsonl":
        return json_lines_table(content, mapping)
    if file_format == "xlsx":
        return sheet_table(content, mapping)
    if file_format == "parquet":
        return parquet_table(content, mapping)
    return xes_table(content, mapping)


def with_told_dates(content: Content, mapping: Mapping) -> tuple[Mapping, list[str]]:
    """Return the mapping with the date format that the file's first rows tell, where it says "detect".

    Raises:
        BadInputError: if no format or several fit; the line says how to set it.
    """
    if mapping.date_format != DETECT:
        return mapping, []
    with open_table(content, mapping) as table:
        examples = list(islice(_examples(table, mapping), _EXAMPLE_ROWS * len(TIMES)))
    if not examples:
        return mapping.model_copy(update={"date_format": "iso"}), []
    try:
        told = told_format(examples)
    except AmbiguousDatesError as error:
        raise BadInputError(
            f"{content.path}: {error}; set date_format in the mapping, or --date-format"
        ) from None
    return mapping.model_copy(update={"date_format": told}), [
        f"times are written as {told}, as the first rows show"
    ]


def _examples(table: Table, mapping: Mapping) -> Iterator[str]:
    """The times of a table's first rows."""
    found = table.places or places(mapping, table.header)[0]
    chosen = [found[thing] for thing in TIMES if thing in found]
    for row in islice(table.rows, _EXAMPLE_ROWS):
        if isinstance(row, Row) and len(row.cells) == len(table.header):
            texts = (row.cells[place].strip() for place in chosen)
            yield from (text for text in texts if text not in mapping.missing)
