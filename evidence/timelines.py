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


class Repeat(NamedTuple):
    """An update that told no news, made at `at` and recorded at `known_at` (epoch seconds)."""

    at: int
    known_at: int


class Interval(NamedTuple):
    """A state that began at `started_at` and was recorded at `known_at` (epoch seconds)."""

    started_at: int
    known_at: int
    state: TicketState
    group: str
    line: str
    priority: str

    @property
    def key(self) -> tuple[int, str, str, str, str]:
        """What makes it one of its ticket's intervals and no other."""
        return self.started_at, *self[2:]

    def says(self, update: Update) -> bool:
        """Whether the update repeats it."""
        return self[2:] == update[1:]


@dataclass(slots=True)
class TicketLog:
    """A ticket as its log tells it, or a part of it.

    Attributes:
        external_id: its name in the ticket system.
        opened_at: epoch seconds.
        attributes: columns of `models.evidence.Ticket`, as the first row gives them.
        updates: in the order in which they were recorded, at least one.
        known_before: the newest instant of the updates that an earlier part of the log told; 0 if there is
            no earlier part.
        timeline: what the earlier parts of the log told, in the order of time; None if there are none.
        last_row: which of the log's rows told of it last.
        told_at: where the log tells whole tickets, not updates: since when this account of it is known.
        by_checks: whether its rows are checks by a machine; one that finds nothing new is no update.
        later: accounts of the same ticket further down, where the log tells whole tickets.
        opening_told: whether a row tells when it was opened; else that is assumed of its first update.
    """

    external_id: str
    opened_at: int
    attributes: dict[str, str]
    updates: list[Update] = field(default_factory=list)
    known_before: int = 0
    timeline: list[Interval] | None = None
    last_row: int = 0
    told_at: int | None = None
    by_checks: bool = False
    later: list["TicketLog"] = field(default_factory=list)
    opening_told: bool = True

    @property
    def known_at(self) -> int:
        """When the feed knew what this part tells first; of the first part, when it knew of the ticket."""
        return max(self.known_before, self.updates[0].at)

    @property
    def known_last(self) -> int:
        """When the feed knew all of it."""
        return max(self.known_before, *(update.at for update in self.updates))


def intervals_of(log: TicketLog, earlier: Sequence[Interval] = ()) -> list[Interval]:
    """Return the intervals that a log adds to a ticket, in the order of their recording; see `told_by`."""
    return told_by(log, earlier)[1]


def told_by(
    log: TicketLog, earlier: Sequence[Interval] = ()
) -> tuple[list[Interval], list[Interval], list[Repeat]]:
    """Return a ticket's timeline with all that a log tells, the intervals that it adds, and the repeats.

    The timeline is in the order of time, the others are in that of their recording. A ticket begins with
    an interval in state `new` at its opening. An update adds an interval if it says another state, group,
    line or priority than was in force at its time, and is a repeat otherwise, unless it was made just as
    what it says began. One that goes back in time was recorded no earlier than the update before it, so
    until then nobody knew of it.

    Args:
        log: the ticket's updates.
        earlier: intervals known before the log's first update, in the order of time, where the log tells a
            ticket's life from the middle; none where it tells it from the beginning.
    """
    timeline, added, repeats = list(earlier), list[Interval](), list[Repeat]()
    if not timeline:
        first = log.updates[0]
        opening = Interval(log.opened_at, log.known_at, TicketState.NEW, *first[2:])
        timeline, added = [opening], [opening]
    known_at, last = log.known_before, timeline[-1]
    for update in log.updates:
        if update.at > last.started_at:  # as nearly always: what happened next
            if update.at > known_at:
                known_at = update.at
            said = update[1:]
            if last[2:] != said:
                last = Interval(update.at, known_at, *said)
                timeline.append(last)
                added.append(last)
            else:
                repeats.append(Repeat(update.at, known_at))
        else:
            known_at = max(known_at, update.at)
            if not _insert(update, known_at, timeline, added):
                repeats.append(Repeat(update.at, known_at))
            last = timeline[-1]
    return timeline, added, repeats


def _insert(update: Update, known_at: int, timeline: list[Interval], added: list[Interval]) -> bool:
    """Put an update in its place among what happened at the same time or later; False for a repeat."""
    place = bisect_right(timeline, update.at, key=_start)
    if place and timeline[place - 1].says(update):
        return timeline[place - 1].started_at == update.at
    interval = Interval(update.at, known_at, *update[1:])
    at_once = timeline[bisect_left(timeline, update.at, key=_start) : place]
    repeated = next((old for old in at_once if old.key == interval.key), None)
    if repeated is not None and repeated.known_at != known_at:
        return True
    if repeated is not None:  # left and come back to within one instant: the last time is what lasts
        timeline.remove(repeated)
        place -= 1
        if repeated in added:
            added.remove(repeated)
    timeline.insert(place, interval)
    added.append(interval)
    return True


def _start(interval: Interval) -> int:
    return interval.started_at
