"""Business-time cases: a calendar, a question about it, and the answer that another system gives."""

from contextlib import suppress
from datetime import datetime
from math import isfinite
from typing import Annotated, Any, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, FiniteFloat, ValidationError, model_validator

from levels.days import Day
from levels.windows import Weekday
from levels.working_hours import WorkingHours

Windows: TypeAlias = list[tuple[str, str]]

_NAMED_HERE: dict[int | str, str] = {"zone": "tz", "weekly": "week", "part_days": "date_overrides"}
_NEEDED = {"elapsed": "end", "add": "seconds", "sub": "seconds", "add_days": "days", "sub_days": "days"}


def _read_instant(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"'{value}' is not an instant; write it like 2026-03-01T09:00:00+01:00.") from None


def _read_expected(value: Any) -> float | datetime:
    with suppress(TypeError, ValueError, OverflowError):
        if isfinite(seconds := float(value)):
            return seconds
    with suppress(ValueError):
        return _read_instant(value)
    raise ValueError(f"'{value}' is neither a number of seconds nor an instant.")


Instant: TypeAlias = Annotated[datetime, BeforeValidator(_read_instant)]


class Case(BaseModel):
    """One question with the answer that is expected; fields that are not named here are ignored.

    An instant without an offset is meant in the case's zone.

    Attributes:
        id: its name in the results.
        tz: IANA time zone; ``naive`` is read as UTC.
        week: windows by weekday; an end of 24:00 is midnight, one not after its start is on the next day.
        holidays: dates closed as a whole; ``*-MM-DD``: every year.
        breaks: by date, what does not count on it.
        date_overrides: by date, the windows that replace its hours, holiday or not.
        op: the operation. ``elapsed`` asks for working seconds from ``start`` to ``end``, ``add`` and
            ``sub`` for the instant ``seconds`` working seconds after or before ``start``, ``add_days`` and
            ``sub_days`` for the same wall time so many working ``days`` away.
        expect: seconds for ``elapsed``, else an instant.
        equivalent_interval: two instants between which every answer has the same working distance.
    """

    id: str
    tz: str
    week: dict[Weekday, Windows]
    holidays: list[Day] = []
    breaks: dict[Day, Windows] = {}
    date_overrides: dict[Day, Windows] = {}
    op: Literal["elapsed", "add", "sub", "add_days", "sub_days"]
    start: Instant
    end: Instant | None = None
    seconds: FiniteFloat | None = None
    days: int | None = None
    expect: Annotated[float | datetime, BeforeValidator(_read_expected)]
    equivalent_interval: tuple[Instant, Instant] | None = None

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if getattr(self, _NEEDED[self.op]) is None:
            raise ValueError(f"the operation {self.op} needs the field '{_NEEDED[self.op]}'.")
        if isinstance(self.expect, datetime) is (self.op == "elapsed"):
            wanted = "a number of seconds" if self.op == "elapsed" else "an instant"
            raise ValueError(f"the operation {self.op} expects {wanted}.")
        try:
            self.hours()
        except ValidationError as error:
            first = error.errors()[0]
            field = _NAMED_HERE.get(first["loc"][0], first["loc"][0]) if first["loc"] else "week"
            raise ValueError(f"{field}: {first['msg'].removeprefix('Value error, ')}") from None
        return self

    def zone(self) -> str:
        """The IANA name of the zone."""
        return "UTC" if self.tz == "naive" else self.tz

    def hours(self) -> WorkingHours:
        """The calendar's specification.

        Raises:
            pydantic.ValidationError: the case describes none.
        """
        breaks = {str(day): {"days": [day], "windows": _texts(taken)} for day, taken in self.breaks.items()}
        return WorkingHours.model_validate(
            {
                "zone": self.zone(),
                "weekly": {weekday: _texts(windows) for weekday, windows in self.week.items()},
                "holidays": self.holidays,
                "part_days": {day: _texts(windows) for day, windows in self.date_overrides.items()},
                "breaks": {name: each for name, each in breaks.items() if each["windows"]},
            }
        )

    def instant(self, written: datetime) -> datetime:
        """An instant of the case, aware."""
        return written if written.tzinfo else written.replace(tzinfo=ZoneInfo(self.zone()))


def _texts(windows: Windows) -> list[str]:
    return [f"{opening}-{closing}" for opening, closing in windows]
