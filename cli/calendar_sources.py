"""Where a calendar comes from: a file, an agreement, or options on the command line."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cli.terminal import database
from config.errors import BadInputError
from config.texts import read_text
from config.yaml_texts import read_yaml
from levels.windows import WEEKDAYS
from levels.working_hours import WorkingHours
from models.database import reading
from states.agreement_document import parse_document
from states.drafting import find_agreement
from states.stated_targets import by_policy


def from_file(file: Path, name: str | None) -> WorkingHours:
    """Return the working hours in a file, or a calendar of the agreement in it.

    Raises:
        BadInputError: if it is neither, or the agreement's calendar is not clear; says what and where.
    """
    text = read_text(file)
    content = read_yaml(text, str(file))
    if isinstance(content, dict) and "calendars" in content:
        return _chosen(parse_document(text, str(file)).calendars, name, str(file))
    return _validated(content, str(file))


def from_agreement(reference: str, name: str | None) -> WorkingHours:
    """Return a calendar of an agreement's newest version.

    Raises:
        BadInputError: if it is not clear which.
        NotFoundError: if there is no such agreement.
    """
    with database() as engine, reading(engine) as session:
        newest = max(find_agreement(session, reference).versions, key=lambda version: version.number)
        calendars = {row.name: WorkingHours.model_validate(row.hours) for row in newest.calendars}
    return _chosen(calendars, name, reference)


def from_options(
    zone: str | None, windows: list[str], country: str | None, subdivision: str | None, observed: bool
) -> WorkingHours:
    """Return the working hours that options describe; what they leave open is the policy's calendar.

    Raises:
        BadInputError: if an option says what cannot be.
    """
    stated: dict[str, Any] = by_policy().hours.model_dump(mode="json")
    if windows:
        stated["weekly"] = {}
    for text in windows:
        for weekday, opened in _week(text).items():
            stated["weekly"].setdefault(weekday, []).extend(opened)
    chosen = {"zone": zone, "country": country, "subdivision": subdivision}
    stated |= {name: value for name, value in chosen.items() if value is not None}
    return _validated(stated | {"observed": observed}, "options")


def _week(text: str) -> dict[str, list[str]]:
    """Windows such as `mon-fri 08:00-12:00,13:00-17:00` by weekday."""
    days, _, windows = text.strip().partition(" ")
    first, _, last = days.lower().partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS or not windows.strip():
        raise BadInputError(f"--open: '{text}' is not like \"mon-fri 08:00-12:00,13:00-17:00\"")
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    span = range(begin, end + 1 if end >= begin else end + 8)
    return {WEEKDAYS[number % 7]: windows.split(",") for number in span}


def _chosen(calendars: dict[str, WorkingHours], name: str | None, where: str) -> WorkingHours:
    names = ", ".join(sorted(calendars)) or "none"
    if name is None and len(calendars) == 1:
        return next(iter(calendars.values()))
    if name is None:
        raise BadInputError(f"{where}: --calendar must say which; there are: {names}")
    if name not in calendars:
        raise BadInputError(f"{where}: there is no calendar '{name}'; there are: {names}")
    return calendars[name]


def _validated(content: Any, where: str) -> WorkingHours:
    if not isinstance(content, dict):
        raise BadInputError(f"{where}: working hours are a table of fields, such as `zone: Europe/Zurich`")
    try:
        return WorkingHours.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise BadInputError(f"{where}: {field + ': ' if field else ''}{message}") from None
