"""Values as people write them in an agreement document: `4 h`, `90 %`, a population of tickets."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from config.errors import BadInputError
from levels.windows import WEEKDAYS, Weekday

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h)")
_DAYS = re.compile(r"(\d{1,3})\s*(?:(?:working|business|calendar) )?d(?:ays?)?", re.IGNORECASE)
POPULATION_ATTRIBUTES = ("priority", "service", "category", "request_type")
_LONGEST_S = 366 * 86_400  # a year: what is promised later than that is no service level
_SURELY_SECONDS = 60  # a smaller bare number was meant as hours or minutes
_SECONDS = {"s": 1, "min": 60, "h": 3600}


def _seconds(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("write a working time like 4 h, 30 min or 90 s")
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip())
        if days := _DAYS.fullmatch(value.strip()):
            hours = 10 * int(days[1])
            raise ValueError(
                f"state {days[0]} in hours of the calendar, such as {hours} h where a day has 10"
            )
        if match is None:
            raise ValueError("write a working time like 4 h, 30 min or 90 s")
        return round(float(match[1]) * _SECONDS[match[2]])
    if isinstance(value, int | float) and 0 < value < _SURELY_SECONDS:
        raise ValueError(f"{value:g} of what? Write a working time like 4 h, 30 min or 90 s")
    return value


def working_time(seconds: int) -> str:
    """Return a working time as it is written in a document: "8 h", "90 min", "100 s"."""
    unit = next(unit for unit in ("h", "min", "s") if seconds % _SECONDS[unit] == 0)
    return f"{seconds // _SECONDS[unit]} {unit}"


def _text(value: Any) -> Any:
    """Take a bare number as the text it is meant as: `priority: 2`."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _share(value: Any) -> Any:
    if isinstance(value, str):
        try:
            stated = float(value.strip().removesuffix("%"))
        except ValueError:
            raise ValueError("write a share like 90 % or 0.9") from None
        # 99.9 / 100 is not quite 0.999
        value = round(stated / 100, 12) if value.strip().endswith("%") else stated
    if isinstance(value, int | float) and not isinstance(value, bool) and (value > 1 or value <= 0):
        raise ValueError(
            f"a share lies between 0 % and 100 %, and {100 * value:g} % does not: write 90 % or 0.9"
        )
    return value


def _provable(value: Any) -> Any:
    if value == 1 and not isinstance(value, bool):
        raise ValueError(
            "100 % can never be shown by evidence, however many tickets are without a miss: "
            "write less, such as 99.9 %"
        )
    return value


def _known_attributes(population: dict[str, str]) -> dict[str, str]:
    for name in population:
        if name not in POPULATION_ATTRIBUTES:
            known = ", ".join(POPULATION_ATTRIBUTES)
            raise ValueError(f"there is no ticket attribute {name!r}; there are: {known}")
    return population


def _each_once_in_order(weekdays: list[Weekday]) -> list[Weekday]:
    return [day for day in WEEKDAYS if day in weekdays]


def read_value(kind: Any, text: str | None, name: str) -> Any:
    """Return what somebody typed as a value of a kind, such as `WorkingTime`; None for nothing typed.

    Raises:
        BadInputError: if it is none; `name` says in the message what was typed wrongly.
    """
    if text is None or not text.strip():
        return None
    typed = text.strip()
    try:
        return TypeAdapter(kind).validate_python(
            float(typed) if typed.replace(".", "", 1).isdigit() else typed
        )
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadInputError(f"{name} {typed!r}: {message}") from None


KEY = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
WorkingTime = Annotated[int, BeforeValidator(_seconds), Field(gt=0, le=_LONGEST_S)]
# the last validator is the first to look
Share = Annotated[float, BeforeValidator(_provable), BeforeValidator(_share), Field(gt=0, lt=1)]
Demanded = Annotated[float, BeforeValidator(_share), Field(gt=0, le=1)]
"""A share that somebody asks for: all of it too, which nobody can promise."""
Population = Annotated[
    dict[str, Annotated[str, BeforeValidator(_text), Field(min_length=1)]], AfterValidator(_known_attributes)
]
Weekdays = Annotated[list[Weekday], AfterValidator(_each_once_in_order)]
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
