"""Whether a promise is kept on one weekday otherwise than on the others, week after week."""

import math
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import scipy
from numpy.typing import NDArray

from levels.demand import DAYS_OF_WEEK, weekday_of
from levels.moments import IntArray
from levels.peaks import LEAST_WEEKS
from levels.verdicts import wilson

_ERROR = 0.05


@dataclass(frozen=True)
class WeekdayShare:
    """The tickets of one weekday beside those of all others.

    Attributes:
        weekday: 0 for Monday.
        known, hits: tickets with a known outcome, and those that kept the promise.
        lower, upper: Wilson's interval of the share of hits.
        others_known, others_hits: the same of the other weekdays that are left to compare with.
        p_value: that both shares are the same: the largest of Fisher's exact test on tickets, the same
            without the weekday's one date that sets it apart most, and a test on dates. The tickets of a bad
            day share a cause, so that they are one fact and not many. 1 where a side has no ticket, or fewer
            than three dates.
        differs: whether it lies below 5 % divided by the seven weekdays (Bonferroni).
    """

    weekday: int
    known: int
    hits: int
    lower: float
    upper: float
    others_known: int
    others_hits: int
    p_value: float
    differs: bool


def weekday_shares(dates: IntArray, hit: NDArray[np.bool_]) -> list[WeekdayShare]:
    """Compare each weekday's share of hits with that of the others.

    The weekday that differs most is set aside before the rest are compared among themselves, and so on:
    otherwise one bad Monday would make every other day look too good.

    Args:
        dates: on which each ticket with a known outcome was opened, as days since 1970-01-01, shape
            (tickets,).
        hit: whether it kept the promise, shape (tickets,).

    Returns:
        Seven rows, Monday first.
    """
    weekday = weekday_of(dates)
    found: dict[int, WeekdayShare] = {}
    left = list(range(DAYS_OF_WEEK))
    while left:
        compared = [_share(day, left, weekday, dates, hit) for day in left]
        differing = [row for row in compared if row.differs]
        if not differing:
            found |= {row.weekday: row for row in compared}
            break
        most = min(differing, key=lambda row: row.p_value)
        found[most.weekday] = most
        left.remove(most.weekday)
    return [found[day] for day in range(DAYS_OF_WEEK)]


def _share(
    day: int, among: list[int], weekday: IntArray, dates: IntArray, hit: NDArray[np.bool_]
) -> WeekdayShare:
    here = weekday == day
    others = np.isin(weekday, among) & ~here
    known, hits = int(here.sum()), int(hit[here].sum())
    others_known, others_hits = int(others.sum()), int(hit[others].sum())
    p_value = 1.0
    if known and others_known:
        p_value = max(
            _fisher(hits, known, others_hits, others_known),
            _by_dates(_Dates.of(dates[here], hit[here]), _Dates.of(dates[others], hit[others])),
            _without_the_worst(dates[here], hit[here], others_hits, others_known),
        )
    differs = p_value * DAYS_OF_WEEK < _ERROR
    return WeekdayShare(day, known, hits, *wilson(hits, known), others_known, others_hits, p_value, differs)


def _fisher(hits: int, known: int, others_hits: int, others_known: int) -> float:
    table = np.array([[hits, known - hits], [others_hits, others_known - others_hits]])
    return float(scipy.stats.fisher_exact(table).pvalue)


def _without_the_worst(dates: IntArray, hit: NDArray[np.bool_], others_hits: int, others_known: int) -> float:
    """Fisher's test without the one date that sets the share apart most; 1 where nothing else is left."""
    _, place = np.unique(dates, return_inverse=True)
    known = len(hit) - np.bincount(place)
    hits = int(hit.sum()) - np.bincount(place, weights=hit).astype(np.int64)
    if not known.all():
        return 1.0
    worst = int(np.argmin(np.abs(hits / known - others_hits / others_known)))
    return _fisher(int(hits[worst]), int(known[worst]), others_hits, others_known)


class _Dates(NamedTuple):
    """A share of hits, its variance between dates (that of a ratio of sums), and the number of dates."""

    share: float
    variance: float
    number: int

    @classmethod
    def of(cls, dates: IntArray, hit: NDArray[np.bool_]) -> Self:
        """Sum up the tickets of some dates."""
        found, place = np.unique(dates, return_inverse=True)
        known, hits = np.bincount(place), np.bincount(place, weights=hit)
        share, number = float(hits.sum() / known.sum()), len(found)
        if number < LEAST_WEEKS:
            return cls(share, math.inf, number)
        squares = float(np.square(hits - share * known).sum()) * number / (number - 1)
        return cls(share, squares / float(known.sum()) ** 2, number)


def _by_dates(own: _Dates, others: _Dates) -> float:
    """Student's test of two shares whose variance is that between dates: a bad day is one date, not many."""
    if own.share == others.share:
        return 1.0
    variance = own.variance + others.variance
    if not variance:
        return 0.0
    distance = abs(own.share - others.share) / math.sqrt(variance)
    if not math.isfinite(variance):
        return 1.0
    return float(2 * scipy.special.stdtr(min(own.number, others.number) - 1, -distance))
