"""Whether evidence was recorded as things happened: gaps in it, and many entries at one instant."""

import math
from dataclasses import dataclass

import numpy as np
import scipy

from levels.demand import Demand
from levels.moments import IntArray
from levels.peaks import dispersion

FEWEST_IN_BULK = 5
_ERROR = 0.01
_BUSIEST = 5
"""How many times the average the busiest minute of a working day may well see."""


@dataclass(frozen=True)
class Gap:
    """Days in a row without a ticket; only days with service hours are counted.

    Attributes:
        first, last: the first and the last of the days, as days since 1970-01-01.
        days: how many.
        expected: tickets that so many days would have brought at the rate of the others.
        improbable: whether chance does not explain it.
        at_start: whether it begins with the window.
    """

    first: int
    last: int
    days: int
    expected: float
    improbable: bool
    at_start: bool


@dataclass(frozen=True)
class Bulk:
    """Entries at instants that hold more of them than chance puts there.

    Attributes:
        entries: how many stand at such instants.
        most: how many at the fullest of them.
        at: that instant, epoch seconds.
    """

    entries: int
    most: int
    at: int


def longest_gap(demand: Demand) -> Gap | None:
    """Return the longest run of days with service hours, but without a ticket; None where every day has one.

    It is improbable if so many expected tickets stay away by chance, anywhere in the window, in less than one
    case of a hundred (Poisson, with the dispersion that the hours of the week show).
    """
    dates = demand.dates[demand.open_days]
    empty = demand.by_day[demand.open_days].sum(axis=1) == 0
    if not empty.any():
        return None
    edges = np.flatnonzero(np.diff(np.concatenate(([0], empty.astype(np.int8), [0]))))
    starts, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - starts))
    first, last = int(starts[longest]), int(ends[longest]) - 1
    days, others = last - first + 1, len(dates) - (last - first + 1)
    expected = demand.tickets / others * days if others else 0.0
    improbable = len(dates) * math.exp(-expected / dispersion(demand)) < _ERROR
    return Gap(int(dates[first]), int(dates[last]), days, expected, improbable, first == 0)


def in_bulk(instants: IntArray, working_s: int) -> Bulk | None:
    """Return the entries that were made in bulk; None where there are none.

    An instant is suspicious if it holds at least five entries, and more than chance puts at any one instant,
    even in an hour five times as busy as the average. Instants to the minute are compared by the minute.

    Args:
        instants: of the entries, epoch seconds.
        working_s: working seconds in which they could have been made.
    """
    if not len(instants):
        return None
    found, counts = np.unique(np.asarray(instants, np.int64), return_counts=True)
    granule = 60 if not np.any(found % 60) else 1
    granules = max(working_s // granule, 1)
    by_chance = _BUSIEST * len(instants) / granules
    suspicious = (counts >= FEWEST_IN_BULK) & (scipy.special.gammainc(counts, by_chance) * granules < _ERROR)
    if not suspicious.any():
        return None
    fullest = int(np.argmax(counts))
    return Bulk(int(counts[suspicious].sum()), int(counts[fullest]), int(found[fullest]))
