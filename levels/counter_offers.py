"""Counter-offers: the target that the evidence supports, in place of one that it does not.

A supported threshold is an upper distribution-free tolerance bound, the order statistic whose rank
`tolerance_rank` gives, and not the sample quantile, which is too strict half of the time. A ticket without
an end (censored: still open, or cancelled) counts as slower than every other, which is the conservative
reading.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from levels.moments import Numbers
from levels.verdicts import bounds, hits_needed

_HOUR = 3600
_STEP_PERCENT = 5

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class CounterOffer:
    """A threshold in working seconds and the share of tickets that shall keep it."""

    threshold_s: int
    objective: float


class ToleranceBound(NamedTuple):
    """One consumed time among those of all tickets: its rank, counted from 1, and its working seconds."""

    rank: int
    seconds: float


def tolerance_rank(n: int, objective: float, confidence: float = 0.95) -> int | None:
    """The smallest rank r with P(Bin(n, objective) <= r - 1) >= confidence.

    The r-th smallest of n consumed times then bounds the ``objective`` quantile from above with that
    confidence (Hahn and Meeker, *Statistical Intervals*, section 5.3). It is also the number of hits that
    makes n tickets *met*, so an offered threshold always passes the verdict on the tickets it was computed
    from.

    Returns:
        The rank, counted from 1, or None where n tickets are too few.

    Raises:
        ValueError: n is negative, or a share does not lie between 0 and 1.
    """
    return hits_needed(n, objective, confidence)


def tolerance_bound(
    seconds: Numbers, censored: Flags, objective: float, confidence: float = 0.95
) -> ToleranceBound | None:
    """The order statistic at `tolerance_rank`, as it was measured; None as for `supported_threshold`.

    Raises:
        ValueError: as `supported_threshold`.
    """
    ended = _ended(seconds, censored)
    rank = tolerance_rank(len(censored), objective, confidence)
    if rank is None or rank > ended.size:
        return None
    return ToleranceBound(rank, float(np.partition(ended, rank - 1)[rank - 1]))


def supported_threshold(
    seconds: Numbers, censored: Flags, objective: float, confidence: float = 0.95
) -> int | None:
    """The strictest threshold that the tickets support at an objective.

    Args:
        seconds: working seconds consumed, shape (tickets,).
        censored: whether the ticket has no end, so that its final time is not known.
        objective: share of tickets that shall keep the threshold.
        confidence: of the tolerance bound.

    Returns:
        Whole working seconds, rounded up; None where the tickets are too few or too many are censored.

    Raises:
        ValueError: the arrays differ in length, or a share does not lie between 0 and 1.
    """
    bound = tolerance_bound(seconds, censored, objective, confidence)
    return None if bound is None else math.ceil(bound.seconds)


def supported_objective(
    seconds: Numbers, censored: Flags, threshold_s: float, confidence: float = 0.95
) -> float:
    """The highest objective that the tickets support at a threshold.

    That is the exact lower bound of the share of hits (`bounds`). A censored ticket counts as a miss even
    while its consumed time lies within the threshold; that is conservative.

    Raises:
        ValueError: the arrays differ in length, or the confidence does not lie between 0 and 1.
    """
    hits = int(np.count_nonzero(_ended(seconds, censored) <= threshold_s))
    return bounds(hits, len(censored), confidence)[0]


def counter_offer(
    seconds: Numbers,
    censored: Flags,
    threshold_s: int,
    objective: float,
    confidence: float = 0.95,
    floor: float = 0.5,
) -> CounterOffer | None:
    """What to offer in place of a stated target.

    In this order of preference:

    1. The stated target itself, if the tickets support it. Nothing stricter is ever offered.
    2. The stated objective with the strictest supported threshold, rounded up to a legible figure.
    3. Where the tickets are too few for that (or too many are open): the stated threshold with the
       objective it supports, rounded down to a whole percent, if that is not below ``floor``.
    4. The highest multiple of 5 % below the stated objective, not below ``floor``, at which a threshold is
       supported, with that threshold rounded up.
    5. Nothing (None): the evidence does not carry any offer.

    Args:
        seconds: working seconds consumed, shape (tickets,).
        censored: whether the ticket has no end.
        threshold_s: the stated threshold in working seconds.
        objective: the stated objective.
        confidence: of every bound used.
        floor: the lowest objective worth offering.

    Raises:
        ValueError: the arrays differ in length, or a share does not lie between 0 and 1.
    """
    threshold = supported_threshold(seconds, censored, objective, confidence)
    if threshold is not None:
        return CounterOffer(_legible(threshold) if threshold > threshold_s else threshold_s, objective)
    percent = math.floor(supported_objective(seconds, censored, threshold_s, confidence) * 100)
    if percent / 100 >= floor:
        return CounterOffer(threshold_s, percent / 100)
    for percent in _lower_objectives(objective, floor):
        threshold = supported_threshold(seconds, censored, percent / 100, confidence)
        if threshold is not None:
            return CounterOffer(_legible(threshold), percent / 100)
    return None


def _lower_objectives(objective: float, floor: float) -> range:
    """Multiples of five percent from just below the objective down to the floor."""
    highest = math.ceil(round(objective * 100, 6) / _STEP_PERCENT - 1) * _STEP_PERCENT
    lowest = math.ceil(round(floor * 100, 6))
    return range(highest, lowest - 1, -_STEP_PERCENT)


def _legible(seconds: int) -> int:
    """Rounded up: to a quarter of an hour below eight hours, to whole hours above."""
    step = _HOUR // 4 if seconds < 8 * _HOUR else _HOUR
    return -(-seconds // step) * step


def _ended(seconds: Numbers, censored: Flags) -> NDArray[np.float64]:
    if len(seconds) != len(censored):
        raise ValueError("Every ticket needs both its consumed seconds and whether it is still open.")
    return np.asarray(seconds, np.float64)[~np.asarray(censored, np.bool_)]
