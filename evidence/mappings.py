"""Mappings read: those that come with the product, and one's own TOML files."""

from collections.abc import Mapping as TypingMapping
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from config.errors import BadInputError
from config.texts import read_text, read_toml
from evidence.mapping_schema import Columns, Mapping

__all__ = ["Columns", "Mapping", "known_mappings", "load_mapping", "remade", "shipped_mapping"]

_SHIPPED = resources.files("evidence") / "mappings"


def known_mappings() -> dict[str, str]:
    """Return the title of every shipped mapping by its name."""
    return {name: shipped_mapping(name).title for name in _shipped_names()}


def shipped_mapping(name: str) -> Mapping:
    """Read a mapping that comes with the product; files are not looked for.

    Raises:
        BadInputError: if there is none of that name.
    """
    if name not in _shipped_names():
        raise BadInputError(f"there is no mapping '{name}'; there are {', '.join(_shipped_names())}")
    return parse_mapping(shipped_text(name), f"mapping {name}")


def shipped_text(name: str) -> str:
    """Return the TOML of a mapping that comes with the product."""
    return (_SHIPPED / f"{name}.toml").read_text("utf-8")


def load_mapping(name_or_path: str | Path) -> Mapping:
    """Read a shipped mapping by its name, or one of one's own from a TOML file.

    Raises:
        BadInputError: if there is none of that name, or the file is not a mapping.
    """
    text = str(name_or_path)
    if text in _shipped_names():
        return shipped_mapping(text)
    if not text.endswith(".toml"):
        known = ", ".join(_shipped_names())
        raise BadInputError(f"there is no mapping '{text}'; there are {known}, or a path to a .toml file")
    return parse_mapping(read_text(Path(text), "mapping"), f"mapping {text}")


def parse_mapping(text: str, where: str) -> Mapping:
    """Read a mapping from TOML text; `where` begins the line of an error.

    Raises:
        BadInputError: if the text is not a mapping.
    """
    try:
        return Mapping.model_validate(read_toml(text, where))
    except ValidationError as error:
        raise BadInputError(_first_line(error, where)) from None


def remade(mapping: Mapping, changes: TypingMapping[str, str | None]) -> Mapping:
    """Return a mapping with some of its values replaced; None leaves one as it is.

    Raises:
        BadInputError: if a value is none that a mapping may have.
    """
    told = {name: value for name, value in changes.items() if value is not None}
    try:
        return Mapping.model_validate(mapping.model_dump(exclude_none=True) | told)
    except ValidationError as error:
        raise BadInputError(_first_line(error, f"mapping {mapping.name}")) from None


def _first_line(error: ValidationError, where: str) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return ": ".join(filter(None, (where, place, first["msg"].removeprefix("Value error, "))))


def _shipped_names() -> list[str]:
    names = (entry.name for entry in _SHIPPED.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))
