"""Demand: how many tickets come in at which hour of which weekday, and how long each such hour was watched.

Everything is counted on the wall clock of the calendar's zone. The window is cut into quarters of an hour, of
which every zone's offset is a multiple, so that the days on which clocks change and a window that begins at
noon are watched for exactly as long as they last.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from levels.calendars import Calendar
from levels.moments import IntArray

HOURS_OF_DAY = 24
DAYS_OF_WEEK = 7
_QUARTER = 900

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Demand:
    """Tickets opened in a window, by date and by hour of the week; weekday 0 is Monday.

    Attributes:
        zone: the IANA zone of every date and hour.
        dates: of the window, as days since 1970-01-01, ascending, shape (days,).
        by_day: tickets opened, shape (days, 24).
        watched: how long each hour of each date lay within the window, in hours, shape (days, 24).
        open: how much of that were service hours, in hours, shape (days, 24).
        inside: tickets that were opened within service hours.
    """

    zone: str
    dates: IntArray
    by_day: IntArray
    watched: Floats
    open: Floats
    inside: int

    @property
    def tickets(self) -> int:
        """All tickets opened in the window."""
        return int(self.by_day.sum())

    @property
    def weekdays(self) -> IntArray:
        """The weekday of each date, shape (days,)."""
        return weekday_of(self.dates)

    @property
    def open_days(self) -> NDArray[np.bool_]:
        """Which dates have service hours, shape (days,)."""
        return np.asarray(self.open.sum(axis=1) > 0, dtype=np.bool_)

    def by_week(self, table: IntArray | Floats) -> Floats:
        """Add up a table by date, shape (days, 24), to hours of the week, shape (7, 24)."""
        week = np.zeros((DAYS_OF_WEEK, HOURS_OF_DAY))
        np.add.at(week, self.weekdays, table)
        return week

    @property
    def rate(self) -> float:
        """Tickets in the average service hour; in the average hour of all where none came in them."""
        open_hours = float(self.open.sum())
        if self.inside and open_hours:
            return self.inside / open_hours
        watched = float(self.watched.sum())
        return self.tickets / watched if watched else 0.0


def demand(opened_at: IntArray, calendar: Calendar, since: int, until: int) -> Demand:
    """Count tickets by date and hour of the day.

    Args:
        opened_at: when each ticket was opened, epoch seconds in [since, until), shape (tickets,).
        calendar: service hours; it must cover the window. Dates and hours are meant in its zone.
        since: beginning of the window, epoch seconds.
        until: its end, exclusive.

    Raises:
        CalendarSpanError: the calendar does not cover the window.
        ValueError: the window is empty, or a ticket was opened outside it.
    """
    opened = np.asarray(opened_at, np.int64)
    if until <= since:
        raise ValueError("A window of demand must end after it begins.")
    if opened.size and not since <= opened.min() <= opened.max() < until:
        raise ValueError("A ticket was opened outside the window of demand.")
    zone = calendar.hours.on(datetime.fromtimestamp(until, UTC).date()).zone
    first = since // _QUARTER
    edges = np.arange(first, -(-until // _QUARTER) + 1, dtype=np.int64) * _QUARTER
    day, hour = _local(edges[:-1], zone)
    starts, ends = np.maximum(edges[:-1], since), np.minimum(edges[1:], until)
    dates = np.arange(day[0], day[-1] + 1)
    shape = (len(dates), HOURS_OF_DAY)
    place = (day - day[0], hour)
    watched, open_, counted = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64)
    np.add.at(watched, place, (ends - starts) / 3600)
    np.add.at(open_, place, calendar.elapsed(starts, ends) / 3600)
    slot = opened // _QUARTER - first
    np.add.at(counted, (place[0][slot], hour[slot]), 1)
    inside = int(np.count_nonzero(calendar.elapsed(opened, opened + 1)))
    return Demand(zone, dates, counted, watched, open_, inside)


def weekday_of(dates: IntArray) -> IntArray:
    """The weekday of dates given as days since 1970-01-01, 0 for Monday, shape as given."""
    # 1970-01-01 was a Thursday
    return (dates + 3) % DAYS_OF_WEEK


def local_dates(instants: IntArray, zone: str) -> IntArray:
    """The dates of instants on the clock of a zone, as days since 1970-01-01, shape as given."""
    quarters, place = np.unique(np.asarray(instants, np.int64) // _QUARTER, return_inverse=True)
    day, _ = _local(quarters * _QUARTER, zone)
    return day[place]


def _local(instants: IntArray, zone: str) -> tuple[IntArray, IntArray]:
    """The local day, as days since 1970-01-01, and hour of each instant."""
    clock = ZoneInfo(zone)
    seconds = np.fromiter(
        (at + _offset(at, clock) for at in instants.tolist()), dtype=np.int64, count=len(instants)
    )
    return seconds // 86_400, seconds % 86_400 // 3600


def _offset(at: int, clock: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(at, clock).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
