"""A mapping proposed from a file's header and first rows, to be read and mended by a person."""

import json
import re
from contextlib import AbstractContextManager
from itertools import islice

from config.errors import BadInputError
from evidence.csv_tables import csv_table
from evidence.instants import AmbiguousDatesError, told_format
from evidence.json_tables import json_lines_table, json_table
from evidence.mapping_schema import DETECT, TIMES, Mapping
from evidence.packed import Content, require_sound
from evidence.packed import told_format as told_file_format
from evidence.parquet_tables import parquet_table
from evidence.sheets import sheet_table
from evidence.tables import Row, Table

_ROWS = 2_000
_MOST_STATES = 40
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
_STATES = {
    "new": r"new|neu|open(ed)?|offen|to do|registered|logged",
    "awaiting_user": r".*(await|wait|pending|hold).*",
    "awaiting_supplier": r".*(await|wait|pending|hold).*(vendor|supplier|third|3rd|provider).*",
    "awaiting_problem": r".*(await|wait|pending|hold).*(problem|change).*",
    "awaiting_evidence": r".*(await|wait|pending|hold).*evidence.*",
    "resolved": r".*(resolved|solved|done|fixed|gelöst).*",
    "closed": r".*(closed|completed|geschlossen).*",
    "cancelled": r".*(cancel|withdrawn|reject|merged|duplicate|declined).*",
}


def guessed_mapping(content: Content, name: str) -> str:
    """Return a mapping for a file as TOML, with a comment wherever a person must decide.

    Raises:
        BadInputError: if the file cannot be read, or no column looks like a ticket's number.
    """
    require_sound(content)
    kind = told_file_format(content, DETECT)
    header, rows, assumed = _sampled(content, kind)
    columns = _columns(header)
    if "external_id" not in columns or not {"opened_at", "updated_at"} & columns.keys():
        raise BadInputError(
            f"{content.path}: no column looks like a ticket's number and a time; the columns are "
            f"{', '.join(header)}"[:2_000]
        )
    several = len({row[header.index(columns["external_id"])] for row in rows}) < len(rows)
    updates = several and {"state", "updated_at"} <= columns.keys()
    return "\n".join(
        [
            "# Proposed from the header and the first rows: read it, mend it, import with --mapping FILE.",
            *(f"# found: {sentence}" for sentence in assumed),
            f"name = {_quoted(name)}",
            f'format = "{kind}"',
            f'shape = "{"updates" if updates else "tickets"}"'
            f"          # {'a row an update' if updates else 'a row a ticket'}",
            'encoding = "detect"',
            'delimiter = "detect"',
            'zone = "UTC"                # in which times without an offset are read: set yours',
            _dates(header, rows, columns),
            'missing = ["", "?", "n/a", "N/A", "NULL"]',
            'priority = "leading digits" # "3 - Moderate" is priority 3; or "as is"',
            "",
            "[columns]",
            *(f"{thing} = {_quoted(column)}" for thing, column in columns.items()),
            "",
            "[states]                    # the file's words on the left; read every line",
            *_states(header, rows, columns),
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
        return sheet_table(content)
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
    examples = [text for text in examples if text not in ("", "?", "n/a", "N/A", "NULL")]
    try:
        return f"date_format = {_quoted(told_format(examples) if examples else 'iso')}"
    except AmbiguousDatesError as error:
        return f'date_format = "detect"      # set it, as Python\'s strptime takes it: {error}'


def _states(header: list[str], rows: list[list[str]], columns: dict[str, str]) -> list[str]:
    if "state" not in columns:
        return []
    place = header.index(columns["state"])
    words = [word for word in dict.fromkeys(row[place].strip() for row in rows) if word]
    return [f'{_quoted(word)} = "{_state(word)}"' for word in words[:_MOST_STATES]]


def _state(word: str) -> str:
    found = [state for state, pattern in _STATES.items() if re.fullmatch(pattern, word.lower())]
    return found[-1] if found else "in_progress"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
