"""Timelines: the updates of one ticket in the order of their recording, made into intervals."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from models.evidence import TicketState


class Update(NamedTuple):
    """What one row of an audit log says; `at` in epoch seconds."""

    at: int
    state: TicketState
    group: str
    line: str
    priority: str


class Interval(NamedTuple):
    """A state that began at `started_at` and was recorded at `known_at` (epoch seconds)."""

    started_at: int
    known_at: int
    state: TicketState
    group: str
    line: str
    priority: str

    @property
    def key(self) -> tuple[int, str, str, str]:
        """What makes it one of its ticket's intervals and no other."""
        return self.started_at, self.state, self.group, self.priority

    def says(self, update: Update) -> bool:
        """Whether the update repeats it."""
        return (self.state, self.group, self.priority) == (update.state, update.group, update.priority)


@dataclass
class TicketLog:
    """A ticket as its log tells it.

    Attributes:
        external_id: its name in the ticket system.
        opened_at: epoch seconds.
        attributes: columns of `models.evidence.Ticket`, as the first row gives them.
        updates: in the order in which they were recorded, at least one.
    """

    external_id: str
    opened_at: int
    attributes: dict[str, str]
    updates: list[Update] = field(default_factory=list)

    @property
    def known_at(self) -> int:
        """When the feed first knew of the ticket: its first update."""
        return self.updates[0].at


def intervals_of(log: TicketLog, earlier: Sequence[Interval] = ()) -> list[Interval]:
    """Return the intervals that a log adds to a ticket, in the order of their recording.

    A ticket begins with an interval in state `new` at its opening. An update adds an interval if it says
    another state, group or priority than was in force at its time. One that goes back in time was recorded
    no earlier than the update before it, so until then nobody knew of it.

    Args:
        log: the ticket's updates.
        earlier: intervals known before the log's first update, in the order of time, where the log tells a
            ticket's life from the middle; none where it tells it from the beginning.
    """
    timeline, added = list(earlier), []
    if not timeline:
        first = log.updates[0]
        opening = Interval(log.opened_at, first.at, TicketState.NEW, *first[2:])
        timeline, added = [opening], [opening]
    known_at = 0
    for update in log.updates:
        known_at = max(known_at, update.at)
        place = bisect_right(timeline, update.at, key=_start)
        if place and timeline[place - 1].says(update):
            continue
        interval = Interval(update.at, known_at, *update[1:])
        at_once = timeline[bisect_left(timeline, update.at, key=_start) : place]
        repeated = next((old for old in at_once if old.key == interval.key), None)
        if repeated is not None and repeated.known_at != known_at:
            continue
        if repeated is not None:  # left and come back to within one instant: the last time is what lasts
            timeline.remove(repeated)
            added.remove(repeated)
            place -= 1
        timeline.insert(place, interval)
        added.append(interval)
    return added


def _start(interval: Interval) -> int:
    return interval.started_at
