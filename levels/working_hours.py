"""The specification of a calendar: working hours, and from which dates other working hours hold."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Self

from pydantic import Field, field_validator

from levels.hours_of_period import HoursOfPeriod
from levels.windows import WEEKDAYS

__all__ = ["WEEKDAYS", "ChangedHours", "WorkingHours"]


class ChangedHours(HoursOfPeriod):
    """Working hours that replace, as a whole, those before them.

    Attributes:
        valid_from: the first date, in this period's own zone, on which they hold.
    """

    valid_from: date


class WorkingHours(HoursOfPeriod):
    """The specification of a calendar, as it stands in an agreement's YAML or JSON.

    It is what `HoursOfPeriod` says, and the changes to come: next year's hours stand beside this year's
    and rewrite nothing. A window belongs to the period of the date on which it opens, so a night shift that
    began under the old hours ends under them.

    Attributes:
        changes: later hours by the date from which they hold; each may have its own zone.
    """

    changes: list[ChangedHours] = Field(default_factory=list)

    @classmethod
    def always(cls, zone: str = "UTC") -> Self:
        """Twenty-four hours on seven days, without holidays."""
        return cls(zone=zone, weekly={weekday: ["00:00-24:00"] for weekday in WEEKDAYS})

    @field_validator("changes")
    @classmethod
    def _changes_in_order(cls, changes: list[ChangedHours]) -> list[ChangedHours]:
        ordered = sorted(changes, key=lambda change: change.valid_from)
        for former, latter in pairwise(ordered):
            if former.valid_from == latter.valid_from:
                raise ValueError(f"Two changes are valid from {latter.valid_from}.")
        return ordered

    def with_pins(self, years: range) -> Self:
        """Return the same hours, with the public holidays of some years as they are known now."""
        changes = [change.with_pins(years) for change in self.changes]
        return super().with_pins(years).model_copy(update={"changes": changes})

    def on(self, day: date) -> HoursOfPeriod:
        """The hours that hold on a date."""
        valid: HoursOfPeriod = self
        for change in self.changes:
            if change.valid_from <= day:
                valid = change
        return valid

    def periods(self, first: date, last: date) -> Iterator[tuple[HoursOfPeriod, date, date]]:
        """The hours that hold in a span of dates, each with its first and its last date therein."""
        starts = [first, *(each.valid_from for each in self.changes if first < each.valid_from <= last)]
        for start, following in zip(starts, [*starts[1:], last + timedelta(days=1)], strict=True):
            yield self.on(start), start, following - timedelta(days=1)
