"""Trial chances: the probability of each verdict, exactly, before a trial has begun.

The decision rule of `levels.verdicts` is two limits on the number of hits, and the hits are binomial if every
ticket is a hit with the same probability, independently. The number of tickets is either taken as fixed or,
as it is before a trial, as Poisson around the expected number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from levels.moments import IntArray

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Chances:
    """How a trial comes out: the probability of each verdict. They add up to 1."""

    met: float
    not_met: float
    undecided: float

    @property
    def deciding(self) -> float:
        """The probability of a verdict other than *not enough evidence*."""
        return self.met + self.not_met


def chances(tickets: int, truth: float, objective: float, confidence: float = 0.95) -> Chances:
    """How a trial of exactly so many tickets comes out if each is a hit with probability ``truth``.

    Raises:
        ValueError: as `chance_curve`.
    """
    met, not_met = chance_curve([tickets], truth, objective, confidence)
    return _chances(float(met[0]), float(not_met[0]))


def chances_of_expected(expected: float, truth: float, objective: float, confidence: float = 0.95) -> Chances:
    """How a trial comes out if the number of its tickets is Poisson around the expected one.

    Raises:
        ValueError: as `chance_curve`.
    """
    if not 0 <= expected < np.inf:
        raise ValueError(f"The expected number of tickets must be finite and not negative, not {expected}.")
    reach = 9 * sqrt(expected) + 20  # what lies farther out weighs less than 1e-12
    tickets = np.arange(max(int(expected - reach), 0), int(expected + reach) + 1)
    weights = np.exp(scipy.special.xlogy(tickets, expected) - expected - scipy.special.gammaln(tickets + 1))
    met, not_met = chance_curve(tickets, truth, objective, confidence)
    return _chances(float(weights @ met), float(weights @ not_met))


def chance_curve(
    tickets: ArrayLike, truth: float, objective: float, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """The probabilities of *met* and of *not met* for many numbers of tickets at once, as to draw them.

    Args:
        tickets: whole numbers, shape (n,).
        truth: probability of a hit, from 0 to 1.
        objective: what is to be proved.
        confidence: of the verdict.

    Returns:
        Two float64 arrays of shape (n,).

    Raises:
        ValueError: a negative number of tickets, a truth outside 0 to 1, or another share that does not lie
            between 0 and 1.
    """
    numbers = np.asarray(tickets, np.int64)
    if not 0 <= truth <= 1:
        raise ValueError(f"The true share of hits must lie from 0 to 1, not {truth}.")
    fewest, most = decision_limits(numbers, objective, confidence)
    met = np.where(
        fewest <= numbers, scipy.special.bdtrc(np.minimum(fewest, numbers + 1) - 1, numbers, truth), 0.0
    )
    not_met = np.where(most >= 0, scipy.special.bdtr(np.maximum(most, 0), numbers, truth), 0.0)
    return met, not_met


def decision_limits(
    tickets: ArrayLike, objective: float, confidence: float = 0.95
) -> tuple[IntArray, IntArray]:
    """The rule of `levels.verdicts` as limits on the hits, for many numbers of tickets at once.

    Returns:
        The fewest hits that are *met* (one more than the tickets where none suffices) and the most that are
        *not met* (-1 where none is few enough), int64 of the shape of ``tickets``.

    Raises:
        ValueError: as `chance_curve`.
    """
    numbers = np.asarray(tickets, np.int64)
    if np.any(numbers < 0):
        raise ValueError("A number of tickets must not be negative.")
    for name, share in (("objective", objective), ("confidence", confidence)):
        if not 0 < share < 1:
            raise ValueError(f"The {name} must lie between 0 and 1, not {share}.")
    fewest = _quantile(confidence, numbers, objective) + 1
    return fewest, _quantile(1 - confidence, numbers, objective) - 1


def chances_of_looks(
    looks: Sequence[int], truth: float, objective: float, confidence: float = 0.95
) -> Chances:
    """How a trial comes out that is judged at several looks and ends with the first that decides. Exact.

    Args:
        looks: tickets known at each look, all since the start, ascending.
        truth: probability of a hit.
        objective: what is to be proved.
        confidence: of **each** look; see `confidence_of_looks`.

    Raises:
        ValueError: the numbers of tickets do not ascend, or as `chance_curve`.
    """
    more = np.diff([0, *looks])
    if np.any(more < 0):
        raise ValueError("The tickets known at each look must ascend.")
    if not 0 <= truth <= 1:
        raise ValueError(f"The true share of hits must lie from 0 to 1, not {truth}.")
    going_on, met, not_met = np.ones(1), 0.0, 0.0
    for added, fewest, most in zip(more, *decision_limits(looks, objective, confidence), strict=True):
        going_on = np.convolve(going_on, _binomial(int(added), truth))
        met += float(going_on[fewest:].sum())
        not_met += float(going_on[: most + 1].sum())
        going_on[fewest:] = 0
        going_on[: most + 1] = 0
    return _chances(met, not_met)


def _quantile(reached: float, tickets: IntArray, share: float) -> IntArray:
    """The smallest k with P(Bin(tickets, share) <= k) >= reached, as SciPy's `binom.ppf` finds it."""
    found = np.ceil(scipy.special.bdtrik(reached, np.maximum(tickets, 1), share))
    below = np.maximum(found - 1, 0)
    found = np.where(scipy.special.bdtr(below, np.maximum(tickets, 1), share) >= reached, below, found)
    return np.where(tickets > 0, found, 0).astype(np.int64)


def _binomial(tickets: int, share: float) -> Floats:
    hits = np.arange(tickets + 1)
    ways = (
        scipy.special.gammaln(tickets + 1)
        - scipy.special.gammaln(hits + 1)
        - scipy.special.gammaln(tickets - hits + 1)
    )
    return np.asarray(
        np.exp(ways + scipy.special.xlogy(hits, share) + scipy.special.xlog1py(tickets - hits, -share)),
        np.float64,
    )


def _chances(met: float, not_met: float) -> Chances:
    return Chances(met, not_met, max(1 - met - not_met, 0.0))
