"""Availability: the share of the service time, net of maintenance, in which nothing was down."""

from dataclasses import dataclass

import numpy as np

from levels.edges import Edges, cut, united, without
from levels.moments import IntArray


@dataclass(frozen=True)
class Availability:
    """Seconds of a stretch of time, each counted once.

    Attributes:
        service_s: seconds in which the service was promised: service hours less maintenance.
        up_s: those of them in which nothing was down.
    """

    service_s: int
    up_s: int

    @property
    def down_s(self) -> int:
        """Seconds of the service time in which something was down."""
        return self.service_s - self.up_s

    @property
    def share(self) -> float | None:
        """The share of the service time that was up; None where there was no service time."""
        return self.up_s / self.service_s if self.service_s else None


def availability(windows: IntArray, maintenance: Edges, outages: Edges) -> Availability:
    """Count service and up time.

    Outages that overlap are united first, and so is maintenance, so that no second is taken twice; only what
    lies within the service windows is taken.

    Args:
        windows: service hours, shape (n, 2): opening and closing in epoch seconds, as
            `levels.calendars.Calendar.windows` gives them.
        maintenance: stretches that are not service time, in any order.
        outages: stretches in which something was down, in any order.
    """
    hours = united((windows[:, 0], windows[:, 1]))
    service = without(hours, united(maintenance))
    return Availability(seconds_of(service), seconds_of(without(service, united(outages))))


def down_time(stretches: Edges, excluded: Edges, start: int, end: int) -> Edges:
    """Return one outage's stretches from `start` to `end`, less what is excluded of it."""
    return without(cut(stretches, start, end), united(excluded))


def seconds_of(windows: Edges) -> int:
    """Return the seconds of windows that do not overlap."""
    return int(np.sum(windows[1] - windows[0]))
