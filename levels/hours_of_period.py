"""What holds on each date while one set of working hours is valid: windows, holidays, breaks, extra hours."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from levels.days import Day, WeekdayOrDay, dates_of, every_year, in_order, named_on
from levels.public_holidays import public_holidays
from levels.windows import WEEKDAYS, Weekday, Window, canonical, window_seconds

_ANY_YEAR = 2020
_LEFT_OUT_WHEN_UNSET = ("country", "subdivision", "observed", "pinned", "breaks", "changes")


class Break(BaseModel):
    """A part of working hours that does not count, such as lunch.

    It is meant on the clock of its own date, so one at 02:00 interrupts the shift that began the evening
    before. It may be written as its windows alone, and may run past midnight.

    Attributes:
        windows: when, as wall-clock windows.
        days: weekdays, dates or dates of every year; none named: every day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    windows: list[str] = Field(min_length=1)
    days: list[WeekdayOrDay] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"windows": [value]}
        return {"windows": value} if isinstance(value, list) else value

    @field_validator("windows")
    @classmethod
    def _windows_in_order(cls, windows: list[str]) -> list[str]:
        return canonical(windows)

    @field_validator("days")
    @classmethod
    def _days_in_order(cls, days: list[date | str]) -> list[date | str]:
        weekdays = [weekday for weekday in WEEKDAYS if weekday in days]
        return [*weekdays, *in_order(day for day in days if day not in weekdays)]

    def taken_on(self, day: date) -> bool:
        """Whether the break begins on a date."""
        named = {WEEKDAYS[day.weekday()], day, every_year(day)}
        return not self.days or not named.isdisjoint(self.days)


class HoursOfPeriod(BaseModel):
    """One set of working hours, valid for a period.

    A window belongs to the day on which it opens: one that runs past midnight ends on the next day even if
    that is a holiday, and a holiday keeps its own evening windows from opening. Windows may overlap; they
    are united. What holds on a date, strongest first: ``extra_hours`` are always added; ``part_days``
    replace the date's other hours, holiday or not; a holiday has none; else the weekly windows. ``breaks``
    are taken from all but the extra hours. A full date beats the same date of every year.

    Attributes:
        zone: IANA time zone in which every window and date is meant.
        weekly: windows by weekday, ``mon`` to ``sun``; a weekday left out is closed.
        holidays: days closed as a whole; a day is a date or, for every year, ``MM-DD``.
        part_days: days with the windows open instead of the usual ones; none means closed.
        extra_hours: days with windows open in addition.
        country: ISO 3166-1 code of the country whose public holidays are holidays too.
        subdivision: ISO 3166-2 code of its canton, state or region, without the country.
        observed: whether weekdays count on which a holiday of the weekend is made up for.
        pinned: the country's public holidays by year, as they were known when an agreement was sealed; a year
            that is not there is as the library knows it.
        breaks: what is taken from the hours, by name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: str
    weekly: dict[Weekday, list[str]]
    holidays: list[Day] = Field(default_factory=list)
    part_days: dict[Day, list[str]] = Field(default_factory=dict)
    extra_hours: dict[Day, list[str]] = Field(default_factory=dict)
    country: str | None = None
    subdivision: str | None = None
    observed: bool = True
    pinned: dict[int, dict[date, str]] = Field(default_factory=dict)
    breaks: dict[str, Break] = Field(default_factory=dict)

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
        return {weekday: canonical(weekly[weekday]) for weekday in WEEKDAYS if weekly.get(weekday)}

    @field_validator("holidays")
    @classmethod
    def _holidays_in_order(cls, holidays: list[date | str]) -> list[date | str]:
        return in_order(holidays)

    @field_validator("part_days", "extra_hours")
    @classmethod
    def _days_in_order(cls, days: dict[date | str, list[str]]) -> dict[date | str, list[str]]:
        return {day: canonical(days[day]) for day in in_order(days)}

    @field_validator("breaks")
    @classmethod
    def _breaks_in_order(cls, breaks: dict[str, Break]) -> dict[str, Break]:
        return {name: breaks[name] for name in sorted(breaks)}

    @model_validator(mode="after")
    def _known_country(self) -> Self:
        if self.country is not None:
            public_holidays(self.country, self.subdivision, self.observed, _ANY_YEAR)
        elif self.subdivision is not None:
            raise ValueError(f"The subdivision {self.subdivision} needs its country.")
        return self

    def with_pins(self, years: range) -> Self:
        """Return the same hours, with the public holidays of some years as they are known now."""
        if self.country is None:
            return self
        known = {
            year: dict(public_holidays(self.country, self.subdivision, self.observed, year)) for year in years
        }
        return self.model_copy(update={"pinned": known})

    @model_serializer(mode="wrap")
    def _without_what_is_unset(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        content: dict[str, Any] = dump(self)
        for name in _LEFT_OUT_WHEN_UNSET:
            if name in content and getattr(self, name) == type(self).model_fields[name].get_default(
                call_default_factory=True
            ):
                del content[name]
        return content

    def holiday_on(self, day: date) -> str | None:
        """The name of the holiday on a date, ``holiday`` if the specification gives none; None if it is none.

        ``part_days`` are not asked.
        """
        public = self._public(day.year).get(day)
        if public is not None:
            return public
        return "holiday" if day in self.holidays or every_year(day) in self.holidays else None

    def special_dates(self, first: date, last: date) -> list[date]:
        """The dates of a span on which something other than the weekly windows holds, in order."""
        named = dates_of([*self.holidays, *self.part_days, *self.extra_hours], first, last)
        for year in range(first.year, last.year + 1):
            named.update(day for day in self._public(year) if first <= day <= last)
        return sorted(named)

    def _public(self, year: int) -> Mapping[date, str]:
        if self.country is None:
            return {}
        pinned = self.pinned.get(year)
        if pinned is not None:
            return pinned
        return public_holidays(self.country, self.subdivision, self.observed, year)

    def week(self) -> tuple[tuple[Window, ...], ...]:
        """The weekly windows from Monday to Sunday, each as seconds after that day's midnight."""
        return tuple(tuple(map(window_seconds, self.weekly.get(weekday, ()))) for weekday in WEEKDAYS)

    def usual_on(self, day: date) -> list[Window]:
        """The windows that open on a date, before breaks and extra hours; seconds after its midnight."""
        texts = named_on(self.part_days, day)
        if texts is None:
            texts = [] if self.holiday_on(day) else self.weekly.get(WEEKDAYS[day.weekday()], [])
        return [window_seconds(text) for text in texts]

    def breaks_on(self, day: date) -> list[Window]:
        """The breaks that begin on a date, as seconds after its midnight."""
        taken = (pause for pause in self.breaks.values() if pause.taken_on(day))
        return [window_seconds(text) for pause in taken for text in pause.windows]

    def extra_on(self, day: date) -> list[Window]:
        """The extra hours that open on a date, as seconds after its midnight."""
        return [window_seconds(text) for text in named_on(self.extra_hours, day) or ()]
