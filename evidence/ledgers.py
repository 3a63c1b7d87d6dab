"""The ledger of one stopwatch: every second from its start to its stop, and why it counts or does not."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from evidence.measuring import Measurement
from evidence.store import Ints, TicketHistories
from levels.calendars import Calendar


class Counting(StrEnum):
    """What becomes of a second: it runs, is paused, or lies outside the service hours."""

    RUNNING = "running"
    PAUSED = "paused"
    OUTSIDE = "outside hours"


@dataclass(frozen=True)
class LedgerLine:
    """A stretch of time in which nothing changes for the stopwatch.

    Attributes:
        start, end: epoch seconds.
        counting: what becomes of its seconds.
        state: the ticket's state meanwhile.
    """

    start: int
    end: int
    counting: Counting
    state: str

    @property
    def seconds(self) -> int:
        """Its length, real elapsed seconds."""
        return self.end - self.start


def ledger_of(
    histories: TicketHistories, measurement: Measurement, calendar: Calendar, ticket: int
) -> list[LedgerLine]:
    """Account for one ticket's stopwatch; the running seconds add up to what it consumed.

    Args:
        histories: those that were measured, the tickets that count and no others.
        measurement: of the histories.
        calendar: that they were measured on.
        ticket: the ticket's index in both.

    Returns:
        Lines in the order of time, without a gap from start to stop; none where the two are the same.
    """
    start, stop = int(measurement.start[ticket]), int(measurement.stop[ticket])
    if stop <= start:
        return []
    windows = calendar.windows(start, stop)
    mine = measurement.pauses.ticket == ticket
    pauses = np.column_stack([measurement.pauses.start[mine], measurement.pauses.end[mine]])
    own = histories.interval_ticket == ticket
    begins, states = histories.interval_start[own], histories.interval_state[own]
    edges = np.unique(np.concatenate([[start, stop], windows.ravel(), pauses.ravel(), begins]))
    edges = edges[(edges >= start) & (edges <= stop)]
    lines = [
        LedgerLine(
            since,
            until,
            _counting(since, windows, pauses),
            str(states[max(int(np.searchsorted(begins, since, side="right")) - 1, 0)]),
        )
        for since, until in pairwise(edges.tolist())
    ]
    return _joined(lines)


def _counting(second: int, windows: Ints, pauses: Ints) -> Counting:
    if not _within(second, windows):
        return Counting.OUTSIDE
    return Counting.PAUSED if _within(second, pauses) else Counting.RUNNING


def _within(second: int, stretches: Ints) -> bool:
    return bool(np.any((stretches[:, 0] <= second) & (second < stretches[:, 1])))


def _joined(lines: list[LedgerLine]) -> list[LedgerLine]:
    joined: list[LedgerLine] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last is not None and (last.counting, last.state) == (line.counting, line.state):
            joined[-1] = LedgerLine(last.start, line.end, line.counting, line.state)
        else:
            joined.append(line)
    return joined
