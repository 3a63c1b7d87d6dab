"""What a mapping may say: where things stand in a ticket system's file, and what its words mean."""

import codecs
import re
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from evidence.instants import ISO, names_a_date
from models.evidence import TicketState

DETECT = "detect"
_TICKET_TIMES = ("opened_at", "updated_at", "first_response_at", "resolved_at", "closed_at")
TIMES = (*_TICKET_TIMES, "starts_at", "ends_at", "known_at")
ATTRIBUTES = ("customer", "requester", "service", "request_type", "category", "parent", "priority")

_DIGITS = re.compile(r"\s*(\d+)")
_NEEDED = {
    "updates": ("external_id", "state", "updated_at"),
    "tickets": ("external_id", "opened_at"),
    "changelog": ("external_id", "opened_at", "state"),
    "checks": ("service", "state", "updated_at"),
    "values": ("value",),
}
_NO_FILES = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
_OUTAGE_WORDS = (TicketState.NEW, TicketState.RESOLVED)

ColumnName: TypeAlias = (
    str | Annotated[tuple[Annotated[str, StringConstraints(min_length=1)], ...], Field(min_length=1)]
)
"""A column's name; several: the first that is there counts, and a file may have none of them."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Section):
    """The file's column (in JSON: the dotted path) for each thing; empty: the file does not say it."""

    external_id: ColumnName = ""
    state: ColumnName = ""
    opened_at: ColumnName = ""
    updated_at: ColumnName = ""
    first_response_at: ColumnName = ""
    resolved_at: ColumnName = ""
    closed_at: ColumnName = ""
    customer: ColumnName = ""
    requester: ColumnName = ""
    priority: ColumnName = ""
    service: ColumnName = ""
    category: ColumnName = ""
    request_type: ColumnName = ""
    parent: ColumnName = ""
    group: ColumnName = ""
    line: ColumnName = ""
    name: ColumnName = ""
    value: ColumnName = ""
    total: ColumnName = ""
    unit: ColumnName = ""
    starts_at: ColumnName = ""
    ends_at: ColumnName = ""
    period: ColumnName = ""
    known_at: ColumnName = ""

    def named(self) -> dict[str, tuple[str, ...]]:
        """Return the names of each thing that the file says."""
        found = ((thing, getattr(self, thing)) for thing in type(self).model_fields)
        return {thing: (name,) if isinstance(name, str) else name for thing, name in found if name}


class Changes(_Section):
    """Where a nested record keeps the history of its ticket.

    Attributes:
        path: dotted path of the list of changes.
        at: each change's instant.
        items: dotted path within a change to what it changed; empty: the change is one such item itself.
        field: an item's key that names the field.
        old, new: an item's keys of the values before and after.
        state, priority, group, line: how the field is named whose changes are the ticket's.
        export: how the system is asked for the history, for whoever has exported a file without it.
    """

    path: str = Field(min_length=1)
    at: str = Field(min_length=1)
    items: str = ""
    field: str = Field(min_length=1)
    old: str = Field(min_length=1)
    new: str = Field(min_length=1)
    state: str = Field(min_length=1)
    priority: str = ""
    group: str = ""
    line: str = ""
    export: str = "export the tickets with their history"


class Mapping(_Section):
    """How one ticket system's file says what the evidence store wants to know.

    Attributes:
        name: of the mapping, and of the evidence source unless the import says otherwise.
        title: what it is, for people.
        source: the evidence source; empty: the name.
        format: of the file; detected from its first bytes and checked against its name.
        shape: "updates": a row an update of a ticket; "tickets": a row a ticket; "changelog": a record a
            ticket, its history nested; "checks": a row a probe of an endpoint, whose outages become tickets;
            "values": a row a measured value.
        records: the key of the list of records in a JSON object; empty: the file is the list.
        encoding: a Python codec, or "detect".
        delimiter: one character, or "detect".
        zone: the IANA zone in which times without an offset are read.
        date_format: as `datetime.strptime` takes it, "iso" for ISO 8601, or "detect".
        decimal: the mark before the decimals of a measured value.
        missing: texts that stand for nothing.
        priority: whether priorities are taken as they are, or by their leading digits.
        repeated_columns: what becomes of a file in which a column that counts stands more than once.
        id_marks: characters that are no part of a ticket's number, such as the space in "1 234".
        columns: where things stand.
        constants: what every ticket or value has and the file does not say.
        states: the file's words for the states.
        changes: where the history stands; only for the shape "changelog".
    """

    name: str = Field(min_length=1)
    title: str = ""
    source: str = ""
    format: Literal["detect", "csv", "json", "jsonl", "xlsx", "parquet", "xes"] = "detect"
    shape: Literal["updates", "tickets", "changelog", "checks", "values"] = "updates"
    records: str = ""
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    zone: str = "UTC"
    date_format: str = "iso"
    decimal: Literal[".", ","] = "."
    missing: frozenset[str] = frozenset({""})
    priority: Literal["as is", "leading digits"] = "as is"
    repeated_columns: Literal["refuse", "first"] = "refuse"
    id_marks: str = ""
    columns: Columns
    constants: dict[
        Literal["customer", "service", "request_type", "category", "priority", "name", "unit"], str
    ] = {}
    states: dict[str, TicketState] = {}
    changes: Changes | None = None

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (OSError, ValueError, KeyError):
            raise ValueError(f"'{zone}' is not an IANA time zone") from None
        return zone

    @field_validator("date_format")
    @classmethod
    def _names_a_date(cls, date_format: str) -> str:
        if date_format not in (ISO, DETECT) and not names_a_date(date_format):
            raise ValueError(f"'{date_format}' names no day, month and year as Python's strptime reads them")
        return date_format

    @field_validator("encoding")
    @classmethod
    def _is_a_codec(cls, encoding: str) -> str:
        if encoding == DETECT:
            return encoding
        try:
            "".encode(encoding)  # refuses codecs that make no text of bytes
            codec = codecs.lookup(encoding)
        except (LookupError, UnicodeError):
            codec = None
        if codec is None or codec.incrementaldecoder is None or codec.name in _NO_FILES:
            raise ValueError(f"'{encoding}' is not a text encoding")
        return encoding

    @field_validator("delimiter")
    @classmethod
    def _is_a_delimiter(cls, delimiter: str) -> str:
        if delimiter != DETECT and (len(delimiter) != 1 or delimiter in '"\r\n'):
            raise ValueError("one character, or 'detect'")
        return delimiter

    @model_validator(mode="after")
    def _says_what_its_shape_needs(self) -> "Mapping":
        missing = [thing for thing in _NEEDED[self.shape] if not getattr(self.columns, thing)]
        if missing:
            raise ValueError(f"columns.{missing[0]}: needed where the shape is '{self.shape}'")
        if (self.changes is not None) != (self.shape == "changelog"):
            raise ValueError("changes: needed where the shape is 'changelog', and nowhere else")
        if self.shape == "values" and not (self.columns.name or self.constants.get("name")):
            raise ValueError("columns.name: the measure's name is needed, there or under constants")
        if self.shape == "values" and not (self.columns.starts_at or self.columns.period):
            raise ValueError("columns.starts_at: needed where the shape is 'values', or columns.period")
        if self.shape == "checks" and not set(self.states.values()) <= set(_OUTAGE_WORDS):
            raise ValueError("states: a check says 'new' (down) or 'resolved' (up)")
        return self

    @property
    def evidence_source(self) -> str:
        """The name under which its tickets are kept."""
        return self.source or self.name

    def with_customer(self, column: str | None) -> "Mapping":
        """Return the mapping with its customers told by another column; None leaves it as it is."""
        if column is None:
            return self
        return self.model_copy(update={"columns": self.columns.model_copy(update={"customer": column})})

    def normal_priority(self, text: str) -> str:
        """Return a priority in the store's words: "3 - Moderate" may be "3"."""
        digits = _DIGITS.match(text) if self.priority == "leading digits" else None
        return digits.group(1) if digits else text

    def needs(self, thing: str) -> bool:
        """Whether no row of this shape can do without the thing."""
        return thing in _NEEDED[self.shape]
