"""Mappings: how one ticket system's audit log says what the evidence store wants to know."""

import re
import tomllib
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from config.errors import BadInputError
from models.evidence import TicketState

_SHIPPED = resources.files("evidence") / "mappings"
_DIGITS = re.compile(r"\s*(\d+)")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Section):
    """The log's column for each thing; an empty name means that the log does not say it."""

    external_id: str = Field(min_length=1)
    state: str = Field(min_length=1)
    opened_at: str = Field(min_length=1)
    updated_at: str = Field(min_length=1)
    customer: str = ""
    requester: str = ""
    priority: str = ""
    service: str = ""
    category: str = ""
    request_type: str = ""
    group: str = ""
    line: str = ""


class Mapping(_Section):
    """One ticket system's audit log: a CSV file with a row for each update of a ticket.

    Attributes:
        name: of the mapping, and of the evidence source unless the import says otherwise.
        title: what it is, for people.
        source: the evidence source; empty: the name.
        encoding: a Python codec.
        delimiter: one character.
        zone: the IANA zone in which times without an offset are read.
        date_format: as `datetime.strptime` takes it, or "iso" for ISO 8601.
        missing: texts that stand for nothing.
        priority: whether priorities are taken as they are, or by their leading digits.
        columns: where things stand.
        states: the log's words for the states.
    """

    name: str = Field(min_length=1)
    title: str = ""
    source: str = ""
    encoding: str = "utf-8-sig"
    delimiter: str = Field(",", min_length=1, max_length=1)
    zone: str = "UTC"
    date_format: str = "iso"
    missing: frozenset[str] = frozenset({""})
    priority: Literal["as is", "leading digits"] = "as is"
    columns: Columns
    states: dict[str, TicketState]

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (OSError, ValueError, KeyError):
            raise ValueError(f"'{zone}' is not an IANA time zone") from None
        return zone

    @field_validator("encoding")
    @classmethod
    def _is_a_codec(cls, encoding: str) -> str:
        try:
            "".encode(encoding)
        except LookupError:
            raise ValueError(f"'{encoding}' is not a text encoding") from None
        return encoding

    @property
    def evidence_source(self) -> str:
        """The name under which its tickets are kept."""
        return self.source or self.name

    def with_customer(self, column: str | None) -> "Mapping":
        """Return the mapping with its customers told by another column; None leaves it as it is."""
        if column is None:
            return self
        return self.model_copy(update={"columns": self.columns.model_copy(update={"customer": column})})

    def wall_time(self, text: str) -> datetime:
        """Read a time as the log writes it: aware if it says its offset, otherwise naive.

        Raises:
            ValueError: if it is not written as `date_format` says.
        """
        if self.date_format == "iso":
            return datetime.fromisoformat(text)
        return datetime.strptime(text, self.date_format)  # noqa: DTZ007 - the reader adds the zone

    def normal_priority(self, text: str) -> str:
        """Return a priority in the store's words: "3 - Moderate" may be "3"."""
        digits = _DIGITS.match(text) if self.priority == "leading digits" else None
        return digits.group(1) if digits else text


def known_mappings() -> dict[str, str]:
    """Return the title of every shipped mapping by its name."""
    return {name: load_mapping(name).title for name in _shipped_names()}


def load_mapping(name_or_path: str | Path) -> Mapping:
    """Read a shipped mapping by its name, or one of one's own from a TOML file.

    Raises:
        BadInputError: if there is none of that name, or the file is not a mapping.
    """
    text = str(name_or_path)
    if text in _shipped_names():
        return _parsed((_SHIPPED / f"{text}.toml").read_text("utf-8"), f"mapping {text}")
    if not text.endswith(".toml"):
        known = ", ".join(_shipped_names())
        raise BadInputError(f"there is no mapping '{text}'; there are {known}, or a path to a .toml file")
    try:
        return _parsed(Path(text).read_text("utf-8"), f"mapping {text}")
    except OSError as error:
        raise BadInputError(f"mapping {text}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInputError(f"mapping {text}: not UTF-8 text") from None


def _shipped_names() -> list[str]:
    names = (entry.name for entry in _SHIPPED.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def _parsed(text: str, where: str) -> Mapping:
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInputError(f"{where}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInputError(f"{where}: {place}: {first['msg']}") from None
