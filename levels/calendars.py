"""The compiled calendar: working time between two instants, and the instant at which a budget is used up."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Literal, Self, TypeAlias, overload

import numpy as np

from levels.due_times import AtClose, AtZero, due_times
from levels.moments import IntArray, Moment, Numbers, named, plain, whole_seconds
from levels.positions import Positions
from levels.wall_time import span_of, working_edges
from levels.working_hours import WorkingHours

Reversed: TypeAlias = Literal["zero", "negative"]
Empty: TypeAlias = Literal["refuse", "closed"]


class CalendarSpanError(ValueError):
    """An instant or a due time lies outside the dates for which the calendar was compiled."""


class EmptyCalendarError(ValueError):
    """The calendar has not one working second, so no budget could ever be used up."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """Working hours compiled for a span of dates.

    Instants are given as aware datetimes, as epoch seconds, or as NumPy arrays of epoch seconds; they are
    taken to the whole second at or before them. Windows are half open. Real elapsed seconds count, so the
    day on which clocks go forward is an hour shorter.

    Attributes:
        hours: the specification.
        start: first instant covered, epoch seconds.
        end: last instant covered, epoch seconds.
        opens: openings, epoch seconds, ascending.
        closes: the closing that belongs to each opening.
        worked: working seconds from ``start`` to each closing.
    """

    hours: WorkingHours
    start: int
    end: int
    opens: IntArray
    closes: IntArray
    worked: IntArray

    @classmethod
    def compile(cls, hours: WorkingHours, first: date, last: date, empty: Empty = "refuse") -> Self:
        """Compile working hours for the dates from ``first`` to ``last``, both included.

        Args:
            hours: the specification.
            first: first date.
            last: last date; a window that runs on past its midnight is cut there.
            empty: what a span without a working second is: an error, or a calendar always ``closed``.

        Raises:
            CalendarSpanError: ``last`` lies before ``first``.
            EmptyCalendarError: no working second in the span.
        """
        if last < first:
            raise CalendarSpanError(f"A calendar cannot end on {last}, before it starts on {first}.")
        opens, closes = working_edges(hours, first, last)
        if not opens.size and empty == "refuse":
            raise EmptyCalendarError(f"There are no working hours from {first} to {last} ({hours.zone}).")
        worked = np.cumsum(closes - opens)
        for edges in (opens, closes, worked):
            edges.flags.writeable = False
        return cls(hours, *span_of(hours, first, last), opens, closes, worked)

    @property
    def total(self) -> int:
        """Working seconds in the whole span."""
        return int(self.worked[-1]) if self.worked.size else 0

    @overload
    def position(self, at: Moment) -> int: ...
    @overload
    def position(self, at: Numbers) -> IntArray: ...
    def position(self, at: Moment | Numbers) -> int | IntArray:
        """Working seconds from the beginning of the compiled span to each instant.

        Raises:
            CalendarSpanError: an instant lies outside the compiled span.
            ValueError: an instant is a naive datetime or not a finite number.
        """
        return plain(self._positions.at(self._covered(at)))

    @overload
    def elapsed(self, start: Moment, end: Moment, reversed_interval: Reversed = ...) -> int: ...
    @overload
    def elapsed(
        self, start: Numbers, end: Moment | Numbers, reversed_interval: Reversed = ...
    ) -> IntArray: ...
    @overload
    def elapsed(self, start: Moment, end: Numbers, reversed_interval: Reversed = ...) -> IntArray: ...
    def elapsed(
        self, start: Moment | Numbers, end: Moment | Numbers, reversed_interval: Reversed = "negative"
    ) -> int | IntArray:
        """Working seconds between two instants: an int, or an int64 array of the broadcast shape.

        Args:
            start: the earlier instant or instants.
            end: the later instant or instants, broadcast against ``start``.
            reversed_interval: what an end before its start gives: a ``negative`` figure, or ``zero``.

        Raises:
            CalendarSpanError: an instant lies outside the compiled span.
            ValueError: an instant is a naive datetime or not a finite number.
        """
        between = np.subtract(self.position(end), self.position(start))
        return plain(np.maximum(between, 0) if reversed_interval == "zero" else between)

    @overload
    def due(
        self, start: datetime, seconds: float, at_close: AtClose = ..., zero_budget: AtZero = ...
    ) -> datetime: ...
    @overload
    def due(
        self, start: float, seconds: float, at_close: AtClose = ..., zero_budget: AtZero = ...
    ) -> int: ...
    @overload
    def due(
        self, start: Numbers, seconds: float | Numbers, at_close: AtClose = ..., zero_budget: AtZero = ...
    ) -> IntArray: ...
    @overload
    def due(
        self, start: Moment, seconds: Numbers, at_close: AtClose = ..., zero_budget: AtZero = ...
    ) -> IntArray: ...
    def due(
        self,
        start: Moment | Numbers,
        seconds: float | Numbers,
        at_close: AtClose = "close",
        zero_budget: AtZero = "stay",
    ) -> datetime | int | IntArray:
        """The instant at which a budget of working seconds, counted from ``start``, is used up.

        Args:
            start: where counting begins.
            seconds: the budget. A negative one counts backwards; if it ends between two windows, it ends at
                the opening of the later one, whatever ``at_close`` says.
            at_close: whether a budget that ends exactly at a closing is due at that ``close`` or at the
                ``next_open``.
            zero_budget: whether a budget of zero outside working hours is due at once (``stay``) or at the
                ``next_open``.

        Returns:
            An aware UTC datetime for a datetime and one budget, an int (epoch seconds) for a number,
            otherwise an int64 array of the broadcast shape.

        Raises:
            CalendarSpanError: a start or a due time lies outside the compiled span.
            ValueError: a start is a naive datetime, or a number is not finite.
        """
        begin, budget = np.broadcast_arrays(whole_seconds(start), whole_seconds(seconds))
        position = self._positions.at(self._covered(begin))
        ends, missed = due_times(self.closes, self.worked, begin, position, budget, at_close, zero_budget)
        if np.any(missed):
            if not self.total:
                raise EmptyCalendarError(f"Nothing is ever due: no working hours in {self._span()}.")
            asked = f"{budget[missed][0]} working seconds from {named(int(begin[missed][0]))}"
            raise CalendarSpanError(f"{asked} end outside {self._span()}.")
        if isinstance(start, datetime) and not ends.shape:
            return datetime.fromtimestamp(int(ends), UTC)
        return plain(ends)

    def windows(self, start: Moment, end: Moment) -> IntArray:
        """The working windows between two instants, cut to them.

        Returns:
            An int64 array of shape (n, 2): opening and closing in epoch seconds, ascending; none if ``end``
            does not lie after ``start``.

        Raises:
            CalendarSpanError: an instant lies outside the compiled span.
        """
        lower, upper = self._covered(start), self._covered(end)
        inside = slice(int(np.searchsorted(self.closes, lower)), int(np.searchsorted(self.opens, upper)))
        cut = np.clip(np.column_stack((self.opens[inside], self.closes[inside])), lower, upper)
        return cut[cut[:, 1] > cut[:, 0]]

    @cached_property
    def _positions(self) -> Positions:
        return Positions.of(self.opens, self.closes, self.worked, self.start, self.end)

    def _covered(self, at: Moment | Numbers) -> IntArray:
        moments = whole_seconds(at)
        if moments.size and not self.start <= moments.min() <= moments.max() <= self.end:
            outside = (moments < self.start) | (moments > self.end)
            raise CalendarSpanError(f"{named(int(moments[outside][0]))} lies outside {self._span()}.")
        return moments

    def _span(self) -> str:
        return f"the compiled calendar, {named(self.start)} to {named(self.end)}"
