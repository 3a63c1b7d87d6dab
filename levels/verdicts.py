"""Verdicts: what a number of hits proves about an objective, by exact one-sided binomial bounds."""

import math
from bisect import bisect_left
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from operator import index

import scipy


class Verdict(StrEnum):
    """The three answers to the question whether an objective holds."""

    MET = "met"
    NOT_MET = "not met"
    NOT_ENOUGH = "not enough evidence"


def bounds(hits: int, known: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact one-sided bounds of the true share of hits (Clopper and Pearson, Biometrika 26, 1934).

    Args:
        hits: tickets within the threshold.
        known: tickets known to be a hit or a miss.
        confidence: of each bound by itself, not of the pair.

    Returns:
        The lower and the upper bound; 0 and 1 where nothing is known.

    Raises:
        ValueError: the counts do not fit together, or the confidence does not lie between 0 and 1.
    """
    hits, known = _counts(hits, known)
    _share("confidence", confidence)
    lower = float(scipy.special.betaincinv(hits, known - hits + 1, 1 - confidence)) if hits else 0.0
    upper = float(scipy.special.betaincinv(hits + 1, known - hits, confidence)) if hits < known else 1.0
    return lower, upper


def verdict(hits: int, known: int, objective: float, confidence: float = 0.95) -> Verdict:
    """What the tickets prove about an objective.

    Met if the lower bound reaches the objective, not met if the upper bound stays below it, else not enough.

    Raises:
        ValueError: as `bounds`, or the objective does not lie between 0 and 1.
    """
    _share("objective", objective)
    return verdict_of(*bounds(hits, known, confidence), objective)


def verdict_of(lower: float, upper: float, objective: float) -> Verdict:
    """What the bounds of a share prove about an objective: see `verdict`."""
    if lower >= objective:
        return Verdict.MET
    return Verdict.NOT_MET if upper < objective else Verdict.NOT_ENOUGH


def wilson(hits: int, known: int, confidence: float = 0.95) -> tuple[float, float]:
    """The two-sided interval of Wilson (JASA 22, 1927), for display beside the share of hits.

    Raises:
        ValueError: as `bounds`.
    """
    hits, known = _counts(hits, known)
    _share("confidence", confidence)
    if not known:
        return 0.0, 1.0
    z = float(scipy.special.ndtri(0.5 + confidence / 2))
    share, spread = hits / known, z * z / known
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / known + spread / known / 4) / (1 + spread)
    return (max(centre - half, 0.0) if hits else 0.0), (min(centre + half, 1.0) if hits < known else 1.0)


def hits_needed(tickets: int, objective: float, confidence: float = 0.95) -> int | None:
    """The smallest number of hits among so many tickets that makes them *met*; None if even all do not.

    Raises:
        ValueError: a negative number of tickets, or a share that does not lie between 0 and 1.
    """
    _, tickets = _counts(0, tickets)
    _share("objective", objective)
    return _fewest_hits(tickets, objective, confidence)


def tickets_needed(objective: float, confidence: float = 0.95, misses: int = 0) -> int:
    """The smallest number of tickets that proves the objective although so many of them are misses.

    Raises:
        ValueError: negative misses, or a share that does not lie between 0 and 1.
    """
    misses, _ = _counts(misses, misses)
    _share("objective", objective)
    return _fewest_tickets(misses, objective, confidence)


def needed_if_all_hit(hits: int, known: int, objective: float, confidence: float = 0.95) -> int:
    """How many further tickets, all of them hits, would make the verdict *met*; 0 if it is.

    Raises:
        ValueError: as `verdict`.
    """
    hits, known = _counts(hits, known)
    return max(tickets_needed(objective, confidence, known - hits) - known, 0)


# the same few numbers are asked about again and again, and each answer is a search
@lru_cache(maxsize=4096)
def _fewest_hits(tickets: int, objective: float, confidence: float) -> int | None:
    proves = _proves(objective, confidence, known=lambda hits: tickets)
    needed = bisect_left(range(tickets + 1), True, key=proves)
    return needed if needed <= tickets else None


@lru_cache(maxsize=4096)
def _fewest_tickets(misses: int, objective: float, confidence: float) -> int:
    proves = _proves(objective, confidence, known=lambda hits: hits + misses)
    enough = 1
    while not proves(enough):
        enough *= 2
    return bisect_left(range(enough), True, key=proves) + misses


def _proves(objective: float, confidence: float, known: Callable[[int], int]) -> Callable[[int], bool]:
    return lambda hits: bounds(hits, known(hits), confidence)[0] >= objective


def _counts(hits: int, known: int) -> tuple[int, int]:
    hits, known = index(hits), index(known)
    if not 0 <= hits <= known:
        raise ValueError(f"{hits} hits among {known} known tickets is not possible.")
    return hits, known


def _share(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise ValueError(f"The {name} must lie between 0 and 1, not {value}.")
