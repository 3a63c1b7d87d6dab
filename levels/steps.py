"""Steps of the work: how long tickets spend in each, how much of that is effective, and which are delayed.

- *Effective* is the time in which somebody works on the ticket; the rest of it waits: for its turn, for an
  answer, for a supplier. The effective share of a step is taken over all of its time.
- *Delayed* is a ticket that spends more than twice its step's median in it, and more than a quarter of an
  hour, below which nobody would call it so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from levels.moments import IntArray, Numbers

DELAYED_FROM_MEDIANS = 2
DELAYED_FROM_S = 900

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Stays:
    """Stretches of time in which a ticket was in a step; all of shape (stays,).

    Attributes:
        ticket: the index of the ticket, counted from 0.
        step: the index of the step.
        seconds: working seconds.
        effective: whether somebody worked on it then.
    """

    ticket: IntArray
    step: IntArray
    seconds: IntArray
    effective: Flags


@dataclass(frozen=True)
class StepTimes:
    """What one step takes; times in working seconds, all of them 0 where no ticket went through.

    Attributes:
        tickets: those that went through the step.
        total_s: time of all of them together.
        share: of the time of all steps.
        median_s, p90_s, p99_s: of the tickets' times in the step, each a time that occurred.
        effective_share: of the step's time.
        delayed: tickets that were delayed in it.
    """

    step: str
    tickets: int
    total_s: int
    share: float
    median_s: int
    p90_s: int
    p99_s: int
    effective_share: float
    delayed: int


def step_times(stays: Stays, steps: Sequence[str]) -> list[StepTimes]:
    """Return what each of the named steps takes, in their order.

    Raises:
        ValueError: a stay names a step that has no name.
    """
    if stays.step.size and not 0 <= stays.step.min() <= stays.step.max() < len(steps):
        raise ValueError(f"A stay names a step outside 0 to {len(steps) - 1}.")
    whole = int(stays.seconds.sum())
    return [_times(stays, index, name, whole) for index, name in enumerate(steps)]


def quantile(seconds: Numbers, share: float) -> int:
    """The smallest time that occurred and that at least such a share kept to; 0 of none.

    Raises:
        ValueError: the share does not lie from 0 to 1.
    """
    if not len(seconds):
        return 0
    return int(np.quantile(seconds, share, method="inverted_cdf"))


def quantile_or_open(seconds: Numbers, stopped: Flags, share: float) -> int | None:
    """The same where some tickets are open, which count as slower than all others; None if it is one of them.

    Raises:
        ValueError: as `quantile`, or the arrays differ in length.
    """
    times = np.where(stopped, np.asarray(seconds, np.float64), np.inf)
    if not times.size:
        return None
    found = float(np.quantile(times, share, method="inverted_cdf"))
    return None if np.isinf(found) else int(found)


def _times(stays: Stays, index: int, name: str, whole: int) -> StepTimes:
    here = stays.step == index
    tickets, place = np.unique(stays.ticket[here], return_inverse=True)
    seconds = np.zeros(len(tickets), np.int64)
    np.add.at(seconds, place, stays.seconds[here])
    total = int(seconds.sum())
    median = quantile(seconds, 0.5)
    late = max(DELAYED_FROM_MEDIANS * median, DELAYED_FROM_S)
    return StepTimes(
        name,
        len(tickets),
        total,
        total / whole if whole else 0.0,
        median,
        quantile(seconds, 0.9),
        quantile(seconds, 0.99),
        int(stays.seconds[here & stays.effective].sum()) / total if total else 0.0,
        int(np.count_nonzero(seconds > late)),
    )
