"""Working hours as an agreement states them: weekly windows in a zone, holidays, part days, extra hours."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
DAY_SECONDS = 86_400

_WINDOW = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2}):(\d{2})(?::(\d{2}))?")


def window_seconds(text: str) -> tuple[int, int]:
    """Read a window such as ``08:00-18:00``, ``22:00-06:00`` or ``00:00-24:00``.

    Args:
        text: opening and closing wall-clock time, hours and minutes, seconds if need be.

    Returns:
        Opening and closing in seconds after the midnight that starts the day. A closing time that is not
        later than the opening belongs to the next day, so it comes back as more than 86,400.

    Raises:
        ValueError: the text is not a window.
    """
    match = _WINDOW.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not a window of working hours; write it like 08:00-18:00.")
    opening, closing = (
        _time_of_day(text, match.groups()[:3]),
        _time_of_day(text, match.groups()[3:]),
    )
    if opening == DAY_SECONDS:
        raise ValueError(f"'{text}' is not a window of working hours; 24:00 can only end one.")
    return opening, closing if closing > opening else closing + DAY_SECONDS


def _time_of_day(window: str, parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds = (int(part or 0) for part in parts)
    total = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or total > DAY_SECONDS:
        raise ValueError(f"'{window}' is not a window of working hours; times run from 00:00 to 24:00.")
    return total


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours:02d}:{minutes:02d}" + (f":{left:02d}" if left else "")


def _canonical(texts: Iterable[str]) -> list[str]:
    """The windows in the order of the day, each written one way."""
    windows = sorted({window_seconds(text) for text in texts})
    return [
        f"{_clock(opening)}-{_clock(closing - DAY_SECONDS if closing > DAY_SECONDS else closing)}"
        for opening, closing in windows
    ]


class WorkingHours(BaseModel):
    """The specification of a calendar, as it stands in an agreement's YAML or JSON.

    A window belongs to the day on which it opens: one that runs past midnight ends on the next day even if
    that is a holiday, and a holiday keeps its own evening windows from opening. Windows may overlap; they
    are united. What holds on a date, strongest first: ``extra_hours`` are always added; ``part_days``
    replace the date's other hours, holiday or not; a holiday has none; else the weekly windows.

    Attributes:
        zone: IANA time zone in which every window and date is meant.
        weekly: windows by weekday, ``mon`` to ``sun``; a weekday left out is closed.
        holidays: dates closed for the whole day.
        part_days: dates with the windows open instead of the usual ones; none means closed.
        extra_hours: dates with windows open in addition.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: str
    weekly: dict[Weekday, list[str]]
    holidays: list[date] = Field(default_factory=list)
    part_days: dict[date, list[str]] = Field(default_factory=dict)
    extra_hours: dict[date, list[str]] = Field(default_factory=dict)

    @classmethod
    def always(cls, zone: str = "UTC") -> Self:
        """Twenty-four hours on seven days, without holidays."""
        return cls(zone=zone, weekly={weekday: ["00:00-24:00"] for weekday in WEEKDAYS})

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"'{zone}' is not a known IANA time zone such as Europe/Zurich.") from None
        return zone

    @field_validator("weekly", mode="before")
    @classmethod
    def _known_weekdays(cls, weekly: Any) -> Any:
        for weekday in weekly if isinstance(weekly, dict) else ():
            if weekday not in WEEKDAYS:
                raise ValueError(f"'{weekday}' is not a weekday; use {', '.join(WEEKDAYS)}.")
        return weekly

    @field_validator("weekly")
    @classmethod
    def _week_in_order(cls, weekly: dict[Weekday, list[str]]) -> dict[Weekday, list[str]]:
        return {weekday: _canonical(weekly[weekday]) for weekday in WEEKDAYS if weekly.get(weekday)}

    @field_validator("holidays")
    @classmethod
    def _holidays_in_order(cls, holidays: list[date]) -> list[date]:
        return sorted(set(holidays))

    @field_validator("part_days", "extra_hours")
    @classmethod
    def _dates_in_order(cls, dates: dict[date, list[str]]) -> dict[date, list[str]]:
        return {day: _canonical(dates[day]) for day in sorted(dates)}

    def special_dates(self) -> list[date]:
        """Every date on which something other than the weekly windows holds, in order."""
        return sorted({*self.holidays, *self.part_days, *self.extra_hours})

    def week(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """The weekly windows from Monday to Sunday, each as seconds after that day's midnight."""
        return tuple(tuple(map(window_seconds, self.weekly.get(weekday, ()))) for weekday in WEEKDAYS)

    def windows_on(self, day: date) -> list[tuple[int, int]]:
        """The windows that open on a date, as seconds after that day's midnight; they may overlap."""
        if day in self.part_days:
            texts = self.part_days[day]
        elif day in self.holidays:
            texts = []
        else:
            texts = self.weekly.get(WEEKDAYS[day.weekday()], [])
        return [window_seconds(text) for text in [*texts, *self.extra_hours.get(day, [])]]
