"""Trials as they might have been: tickets with log-normal durations, some still open, some of one outage.

Everything is in working seconds; a period has four weeks of 40 hours of intake unless said otherwise, and its
tickets come evenly. The threshold is 8 hours.
"""

from dataclasses import dataclass
from typing import TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

HOUR = 3600
THRESHOLD_S = 8 * HOUR
MONTH_S = 160 * HOUR
WEEK_S = 40 * HOUR
SPREAD = 1.2
"""Standard deviation of the logarithm of a duration: the slowest of ten takes about five times the median."""


class _Outages(TypedDict):
    singles: int
    outages: int
    tickets: int


OUTAGES: _Outages = {"singles": 60, "outages": 5, "tickets": 8}
WITH_OUTAGES = "60 single tickets and 5 outages of 8, every outage"

Seconds: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Trials:
    """Many trials of the same number of tickets; arrays of shape (trials, tickets).

    Attributes:
        consumed: working seconds consumed when the trial is judged.
        censored: whether the ticket is still open then.
    """

    consumed: Seconds
    censored: Flags

    @property
    def hits(self) -> Seconds:
        """Hits of each trial, shape (trials,)."""
        return np.asarray((~self.censored & (self.consumed <= THRESHOLD_S)).sum(axis=1), np.int64)

    @property
    def known(self) -> Seconds:
        """Hits and misses of each trial, shape (trials,)."""
        return np.asarray((~self.censored | (self.consumed > THRESHOLD_S)).sum(axis=1), np.int64)

    @property
    def closed(self) -> Seconds:
        """Tickets of each trial that have ended, shape (trials,)."""
        return np.asarray((~self.censored).sum(axis=1), np.int64)


def durations(random: np.random.Generator, shape: tuple[int, int], share: float) -> Seconds:
    """Log-normal durations in whole seconds, of which so large a share truly lies within the threshold."""
    middle = np.log(THRESHOLD_S) - SPREAD * ndtri(share)
    return np.ceil(random.lognormal(middle, SPREAD, shape)).astype(np.int64)


def share_within(threshold_s: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """The true share of `durations` that lies within a threshold."""
    known = np.log(np.maximum(threshold_s, 1) / THRESHOLD_S) / SPREAD + ndtri(share)
    return np.asarray(ndtr(known), np.float64)


def trials_of(
    random: np.random.Generator,
    shape: tuple[int, int],
    share: float,
    *,
    intake_s: int = MONTH_S,
    wait_s: int = THRESHOLD_S,
    paused: float = 0.0,
) -> Trials:
    """Trials judged once the wait after their intake is over.

    Args:
        random: where chance comes from.
        shape: trials, and tickets in each.
        share: the true share within the threshold.
        intake_s: how long tickets come in.
        wait_s: from the end of the intake to the judgement.
        paused: share of tickets whose stopwatch stands still from some moment below the threshold until
            after the judgement.
    """
    return judged(random, durations(random, shape, share), intake_s=intake_s, wait_s=wait_s, paused=paused)


def judged(
    random: np.random.Generator,
    lasting: Seconds,
    *,
    intake_s: int = MONTH_S,
    wait_s: int = THRESHOLD_S,
    paused: float = 0.0,
) -> Trials:
    """Cut durations off at what is known when the trial is judged; see `trials_of`."""
    age = wait_s + np.ceil(random.uniform(0, intake_s, lasting.shape)).astype(np.int64)
    still = random.integers(1, THRESHOLD_S, lasting.shape)
    reached = np.where(random.random(lasting.shape) < paused, np.minimum(age, still), age)
    return Trials(np.minimum(lasting, reached), lasting > reached)


def clustered(
    random: np.random.Generator, trials: int, share: float, singles: int, outages: int, tickets: int
) -> tuple[Trials, Trials]:
    """Trials in which some tickets come from outages and all tickets of one outage last equally long.

    Args:
        random: where chance comes from.
        trials: how many.
        share: the true share within the threshold, of single tickets and of outages alike.
        singles: tickets of their own in each trial.
        outages: in each trial.
        tickets: of each outage.

    Returns:
        The trials with each outage folded into one ticket, and the same ones with every ticket counted.
    """
    units = trials_of(random, (trials, singles + outages), share)
    often = np.concatenate((np.ones(singles, np.int64), np.full(outages, tickets)))
    return units, Trials(np.repeat(units.consumed, often, axis=1), np.repeat(units.censored, often, axis=1))
