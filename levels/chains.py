"""Chains: promises that run one after another, each on its own calendar, against one promise for the whole.

A chain is late for an opening if more working time than the threshold passes on the customer's calendar
until its last step is due; that is how a ticket is judged too. Time that the customer's calendar does not
count is not late.

The lateness, as a function of the opening, is made of straight pieces with slope -1, 0 or 1. They meet where
the opening, or any step's end that follows from it, is at an edge of a calendar. So those openings, found by
counting back from the edges, and their neighbouring seconds hold the worst one of the whole span.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from levels.calendars import Calendar
from levels.moments import IntArray

_GRID_S = 900


class Link(NamedTuple):
    """One promise of a chain: working seconds on a calendar."""

    calendar: Calendar
    threshold_s: int


@dataclass(frozen=True)
class WorstOpening:
    """The opening for which a chain ends latest, measured on the customer's calendar.

    Attributes:
        opened: the instant, epoch seconds; the earliest of equals.
        dues: when each step is due, epoch seconds.
        promised: when the promise for the whole is due, epoch seconds.
        late_s: working seconds on the customer's calendar by which the last due passes the threshold;
            negative if it is early.
        late_share: the share of openings within the customer's hours, one each quarter of an hour, for
            which the chain is late.
    """

    opened: int
    dues: tuple[int, ...]
    promised: int
    late_s: int
    late_share: float


def dues_of(links: Sequence[Link], opened: IntArray) -> list[IntArray]:
    """When each step is due that begins as the one before it is due; arrays of the shape of ``opened``.

    Raises:
        CalendarSpanError: an opening or a due time lies outside a link's calendar.
    """
    dues = [opened]
    for calendar, threshold_s in links:
        dues.append(calendar.due(dues[-1], threshold_s))
    return dues[1:]


def worst_opening(whole: Link, links: Sequence[Link], start: int, end: int) -> WorstOpening:
    """Find the opening for which a chain is latest, among all seconds of a span.

    Args:
        whole: the customer's calendar and the promised threshold.
        links: the chain, at least one link.
        start: the first opening, epoch seconds.
        end: the span's end, epoch seconds, exclusive.

    Raises:
        CalendarSpanError: a calendar was not compiled for the span and what runs on after it.
        ValueError: there is no link, or no second in the span.
    """
    if not links or end <= start:
        raise ValueError("A chain needs a link at least, and a span of openings.")
    grid = np.arange(start, end, _GRID_S)
    turns = _turning_points(whole.calendar, links)
    opened = _distinct(np.concatenate([[start, end - 1], grid, turns[(turns >= start) & (turns < end)]]))
    dues = dues_of(links, opened)
    late = whole.calendar.elapsed(opened, dues[-1]) - whole.threshold_s
    worst = int(late.argmax())
    at = int(opened[worst])
    counted = np.isin(opened, grid) & (whole.calendar.elapsed(opened, opened + 1) > 0)
    return WorstOpening(
        at,
        tuple(int(due[worst]) for due in dues),
        int(whole.calendar.due(at, whole.threshold_s)),
        int(late[worst]),
        float((late[counted] > 0).mean()) if counted.any() else 0.0,
    )


def _turning_points(customer: Calendar, links: Sequence[Link]) -> IntArray:
    """Openings at which the lateness turns or jumps, and the seconds beside them."""
    points = _edges(customer)
    for calendar, threshold_s in reversed(links):
        own = _edges(calendar)
        after = np.concatenate([points, own])
        after = after[(after >= calendar.start) & (after <= calendar.end)]
        after = after[calendar.position(after) >= threshold_s]
        points = _with_neighbours(np.concatenate([calendar.due(after, -threshold_s), own]))
    return _distinct(np.concatenate([points, _edges(customer)]))


def _edges(calendar: Calendar) -> IntArray:
    return _with_neighbours(np.concatenate([calendar.opens, calendar.closes]))


def _with_neighbours(instants: IntArray) -> IntArray:
    return _distinct(instants[:, None] + np.array([-1, 0, 1]))


def _distinct(instants: IntArray) -> IntArray:
    """The instants in order, each once; by sorting, which is several times faster here than `np.unique`."""
    ordered = np.sort(instants, axis=None)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered
