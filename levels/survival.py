"""Interim figures by Kaplan and Meier (JASA 53, 1958): what a trial that still runs shows, provisionally.

Tickets that are still open have run for at least as long as they have: they are right-censored. To drop them
flatters the service, because the slow ones are the ones that are open. The estimate keeps them, but it is a
provisional figure and never a verdict (see `levels.verdicts`). Curve and band are SciPy's.
"""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from levels.moments import Numbers

if TYPE_CHECKING:
    from scipy.stats import ECDFResult  # type: ignore[attr-defined]

CLOSED_NEEDED = 30
"""Tickets with an end that the chance of a breach wants; with fewer it would be guessing."""

Flags: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class ProvisionalShare:
    """The estimated share of tickets that end within a threshold, with its pointwise log-log band.

    Attributes:
        share: the estimate, from 0 to 1.
        lower, upper: the band; None where the formula has none (nothing, or everything, has ended by then)
            and where the threshold is out of sight.
        out_of_sight: no ticket has been watched for as long as the threshold. The share is then the one that
            the longest watched ticket shows; where some are still open, the true share may well be higher.
        tickets: all of them.
        ended: those that are not censored.
    """

    share: float
    lower: float | None
    upper: float | None
    out_of_sight: bool
    tickets: int
    ended: int


@dataclass(frozen=True, eq=False)
class Curve:
    """The share of tickets that have ended by each time, as steps to draw; all of shape (steps,).

    Attributes:
        times: working seconds, ascending, from 0; each share holds until the next time.
        share: the estimate, ascending.
        lower, upper: the pointwise band; NaN where it has none.
    """

    times: Floats
    share: Floats
    lower: Floats
    upper: Floats


def provisional_share(
    seconds: Numbers, censored: Flags, threshold_s: float, confidence: float = 0.95
) -> ProvisionalShare | None:
    """Estimate the share of tickets that end within a threshold, although some have not ended yet.

    Args:
        seconds: working seconds consumed so far, shape (tickets,).
        censored: whether the ticket has not ended.
        threshold_s: working seconds; a ticket that ends exactly then is within.
        confidence: of the two-sided band.

    Returns:
        The estimate; None without any ticket.

    Raises:
        ValueError: the arrays differ in length, a time is negative or no number, or the confidence does not
            lie between 0 and 1.
    """
    _require_threshold(threshold_s)
    shown = curve(seconds, censored, confidence)
    if not len(seconds):
        return None
    at = int(np.searchsorted(shown.times, threshold_s, side="right")) - 1
    out_of_sight = bool(threshold_s > np.max(seconds))
    lower, upper = float(shown.lower[at]), float(shown.upper[at])
    known = not out_of_sight and not np.isnan(lower) and not np.isnan(upper)
    return ProvisionalShare(
        share=float(shown.share[at]),
        lower=lower if known else None,
        upper=upper if known else None,
        out_of_sight=out_of_sight,
        tickets=len(censored),
        ended=int(np.count_nonzero(~np.asarray(censored, np.bool_))),
    )


def curve(seconds: Numbers, censored: Flags, confidence: float = 0.95) -> Curve:
    """The whole curve of the share that has ended, with its band; one step at 0 without any ticket.

    Raises:
        ValueError: as `provisional_share`.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"The confidence must lie between 0 and 1, not {confidence}.")
    surviving = _estimate(seconds, censored).sf
    with warnings.catch_warnings():
        # where the band is undefined it is NaN, which is said in other words above
        warnings.filterwarnings("ignore", "The confidence interval is undefined", RuntimeWarning)
        band = surviving.confidence_interval(confidence, method="log-log")
    steps = (surviving.quantiles, 1 - surviving.probabilities, 1 - band.high.probabilities)
    times, share, lower = (np.asarray(each, np.float64) for each in steps)
    upper = np.asarray(1 - band.low.probabilities, np.float64)
    if not times.size or times[0] > 0:
        first, none = np.zeros(1), np.full(1, np.nan)
        times, share = np.concatenate((first, times)), np.concatenate((first, share))
        lower, upper = np.concatenate((none, lower)), np.concatenate((none, upper))
    return Curve(times, share, lower, upper)


def chances_of_breach(
    seconds: Numbers, censored: Flags, threshold_s: float, open_for: Numbers
) -> Floats | None:
    """The chance that tickets that are still open will exceed the threshold: S(threshold) / S(open for).

    S is the share that runs longer, estimated from tickets like them.

    Args:
        seconds: working seconds that the tickets consumed from which to learn, shape (tickets,).
        censored: whether each of them has not ended.
        threshold_s: working seconds.
        open_for: working seconds that the tickets in question have consumed, shape (open tickets,).

    Returns:
        A chance each, float64, shape (open tickets,): 1 from the threshold on, NaN where no ticket is known
        to have run for so long. None with fewer than `CLOSED_NEEDED` ended tickets, and where the curve does
        not reach the threshold.

    Raises:
        ValueError: as `provisional_share`.
    """
    _require_threshold(threshold_s)
    surviving = _estimate(seconds, censored).sf
    if np.count_nonzero(~np.asarray(censored, np.bool_)) < CLOSED_NEEDED:
        return None
    beyond = float(surviving.evaluate(threshold_s))
    if threshold_s > np.max(seconds) and beyond > 0:
        return None
    asked = np.asarray(open_for, np.float64)
    still = np.asarray(surviving.evaluate(asked), np.float64)
    chances = np.divide(beyond, still, out=np.full(still.shape, np.nan), where=still > 0)
    return np.where(asked >= threshold_s, 1.0, chances)


def chance_of_breach(
    seconds: Numbers, censored: Flags, threshold_s: float, open_for_s: float
) -> float | None:
    """`chances_of_breach` of one ticket; None also where it would be NaN.

    Raises:
        ValueError: as `provisional_share`.
    """
    chances = chances_of_breach(seconds, censored, threshold_s, np.array([open_for_s], np.float64))
    return None if chances is None or np.isnan(chances[0]) else float(chances[0])


def _require_threshold(threshold_s: float) -> None:
    if not threshold_s >= 0:
        raise ValueError(f"A threshold of {threshold_s} seconds is none.")


def _estimate(seconds: Numbers, censored: Flags) -> "ECDFResult":
    # imported here because it takes half a second, which only interim figures shall cost
    from scipy.stats import CensoredData, ecdf

    times = np.asarray(seconds, np.float64)
    if len(times) != len(censored):
        raise ValueError("Every ticket needs both its consumed seconds and whether it is still open.")
    if not np.all((times >= 0) & (times < np.inf)):
        raise ValueError("Consumed seconds must be finite and not negative.")
    return ecdf(CensoredData.right_censored(times, np.asarray(censored, np.bool_)))
