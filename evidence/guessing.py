"""A mapping proposed from a file's header, first rows and states, to be read and mended by a person."""

import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import islice

from config.errors import BadInputError
from evidence.csv_tables import csv_table
from evidence.found_columns import repeated
from evidence.guessed_histories import fitting_mapping
from evidence.guessed_states import guessed_states
from evidence.instants import AmbiguousDatesError, told_format
from evidence.json_tables import json_lines_table, json_table
from evidence.mapping_schema import DETECT, TIMES, Mapping
from evidence.packed import Content, require_sound
from evidence.packed import told_format as told_file_format
from evidence.parquet_tables import parquet_table
from evidence.sheets import sheet_table
from evidence.tables import MARKERS, Row, Table

_ROWS = 2_000
_NAMES = {
    "external_id": r"(ticket|issue|incident|case|request)?_?(id|number|key|no)|ticket|.*_enquiry_id",
    "state": r"(incident_|ticket_|case_)?(state|status)",
    "opened_at": r"(opened|created|open|creation|opening|reported)(_(at|on|date|dt|time))?|open_dt",
    "updated_at": r"(sys_)?(last_)?(updated?|modified|changed)(_(at|on|date|dt|time))?|timestamp|at|time",
    "first_response_at": r"(first_)?(response|responded|reaction)(_(at|on|date|dt|time))?",
    "resolved_at": r"(resolved|resolution|solved|solution)(_(at|on|date|dt|time))?",
    "closed_at": r"(closed|close|closing|completed)(_(at|on|date|dt|time))?",
    "customer": r"customer|company|organi[sz]ations?|client|entity|account|site|location",
    "requester": r"requester|caller(_id)?|reporter|contact|user",
    "priority": r"priority|prio|severity|urgency",
    "service": r"(business_)?service|product|application|cmdb_ci|configuration_item|component_?s?",
    "category": r"(sub)?category|reason|topic",
    "request_type": r"(request_|issue_|ticket_)?type",
    "group": r"(assignment_|assigned_|support_)?(group|team|queue)",
    "line": r"(support_)?(line|tier|level)",
}


def guessed_mapping(content: Content, name: str) -> str:
    """Return a mapping for a file as TOML, with a comment wherever a person must decide.

    Raises:
        BadInputError: if the file cannot be read, or no column looks like a ticket's number.
    """
    require_sound(content)
    kind = told_file_format(content, DETECT)
    if kind in ("json", "jsonl") and (proposed := fitting_mapping(content, kind)):
        return proposed
    header, rows, assumed = _sampled(content, kind)
    columns = _columns(header)
    if "external_id" not in columns or not {"opened_at", "updated_at"} & columns.keys():
        raise BadInputError(
            f"{content.path}: no column looks like a ticket's number and a time; the columns are "
            f"{', '.join(header)}"[:2_000]
        )
    several = len({row[header.index(columns["external_id"])] for row in rows}) < len(rows)
    updates = {"state", "updated_at"} <= columns.keys() and (several or "opened_at" not in columns)
    return "\n".join(
        [
            "# Proposed from the header, the first rows and the states of all rows: read it, mend it, "
            "import with --mapping FILE.",
            *(f"# found: {sentence}" for sentence in assumed),
            f"name = {_quoted(name)}",
            f'format = "{kind}"',
            f'shape = "{"updates" if updates else "tickets"}"'
            f"          # {'a row an update' if updates else 'a row a ticket'}",
            'encoding = "detect"',
            'delimiter = "detect"',
            'zone = "UTC"                # in which times without an offset are read: set yours',
            _dates(header, rows, columns),
            f"missing = {json.dumps(['', *_markers(header, rows, columns)])}",
            'priority = "leading digits" # "3 - Moderate" is priority 3; or "as is"',
            *_repeated(header, columns),
            "",
            "[columns]",
            *(f"{thing} = {_quoted(column)}" for thing, column in columns.items()),
            "",
            "[states]                    # the file's words on the left; read every line",
            *guessed_states(_words(content, kind, header, columns)),
            "",
        ]
    )


def _sampled(content: Content, kind: str) -> tuple[list[str], list[list[str]], list[str]]:
    with _opened(content, kind) as table:
        header = table.header
        rows = [item for item in islice(table.rows, _ROWS) if isinstance(item, Row)]
        if kind in ("json", "jsonl"):
            header = list(dict.fromkeys(key for row in rows for key in row.record))
            cells = [[str(row.record.get(key) or "") for key in header] for row in rows]
        else:
            cells = [row.cells for row in rows if len(row.cells) == len(header)]
        return header, cells, table.assumed


def _opened(content: Content, kind: str) -> AbstractContextManager[Table]:
    any_columns = Mapping.model_validate(
        {
            "name": "guess",
            "shape": "tickets",
            "encoding": DETECT,
            "delimiter": DETECT,
            "columns": {"external_id": ("id",), "opened_at": ("opened_at",)},
        }
    )
    if kind == "csv":
        return csv_table(content, any_columns)
    if kind == "xlsx":
        return sheet_table(content, None)
    if kind == "parquet":
        return parquet_table(content, None)
    if kind == "jsonl":
        return json_lines_table(content, any_columns)
    if kind == "json":
        return json_table(content, any_columns)
    raise BadInputError(f"{content.path}: a mapping for {kind} is not guessed; begin with the mapping xes")


def _columns(header: list[str]) -> dict[str, str]:
    plain = {name: re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in header}
    found: dict[str, str] = {}
    for thing, pattern in _NAMES.items():
        own = [name for name in header if plain[name] == thing]
        like = [
            name
            for name in header
            if re.fullmatch(pattern, plain[name]) and (plain[name] not in _NAMES or plain[name] == thing)
        ]
        left = [name for name in own + like if name not in found.values()]
        if left:
            found[thing] = left[0]
    return found


def _dates(header: list[str], rows: list[list[str]], columns: dict[str, str]) -> str:
    places = [header.index(columns[thing]) for thing in TIMES if thing in columns]
    examples = [row[place].strip() for row in rows for place in places]
    examples = [text for text in examples if text and text not in MARKERS]
    try:
        return f"date_format = {_quoted(told_format(examples) if examples else 'iso')}"
    except AmbiguousDatesError as error:
        return f'date_format = "detect"      # set it, as Python\'s strptime takes it: {error}'


def _repeated(header: list[str], columns: dict[str, str]) -> list[str]:
    twice = repeated(header, {thing: header.index(column) for thing, column in columns.items()})
    return [f'repeated_columns = "first" # of {", ".join(twice)}, which stand there twice'] if twice else []


def _markers(header: list[str], rows: list[list[str]], columns: dict[str, str]) -> list[str]:
    places = [header.index(column) for column in columns.values()]
    return sorted(MARKERS & {row[place].strip() for row in rows for place in places})


def _words(content: Content, kind: str, header: list[str], columns: dict[str, str]) -> Iterator[str]:
    """The words for states in all rows."""
    if "state" not in columns:
        return
    column, place = columns["state"], header.index(columns["state"])
    with _opened(content, kind) as table:
        for item in table.rows:
            if isinstance(item, Row) and kind in ("json", "jsonl"):
                yield str(item.record.get(column) or "").strip()
            elif isinstance(item, Row) and len(item.cells) == len(header):
                yield item.cells[place].strip()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
