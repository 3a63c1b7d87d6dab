"""The figures of one target over a window: counts, bounds and verdict, whatever it measures."""

from dataclasses import dataclass
from functools import lru_cache

from evidence.measuring import Measurement
from levels.counter_offers import CounterOffer, counter_offer
from levels.supported_shares import share_to_offer
from levels.verdicts import Verdict, bounds, verdict_of
from models.version_words import Indicator
from models.versions import ServiceLevelTarget

# agreements of like size have the same few counts, and the bounds take longer than all other arithmetic
_bounds = lru_cache(maxsize=16_384)(bounds)


@dataclass(frozen=True)
class TargetFigures:
    """A target measured over a window.

    Attributes:
        known: outcomes that are known: of tickets, of answers, of measured values.
        hits: those of them that kept the promise.
        undecided: tickets that are still open below the threshold.
        lower, upper: bounds of the true share at the confidence asked for; where everything was counted
            and nothing sampled, such as an availability, both are the share itself.
        inputs_sha256: of the evidence that the figures were computed from.
        measurement: the stopwatches, None where no ticket was measured.
        value, unit: the figure itself where it is no share of tickets, such as an amount of money.
    """

    target: ServiceLevelTarget
    known: int
    hits: int
    undecided: int
    lower: float
    upper: float
    verdict: Verdict
    inputs_sha256: str
    measurement: Measurement | None = None
    value: float | None = None
    unit: str = ""

    def counter_offer(self, confidence: float, floor: float) -> CounterOffer | None:
        """Return what the evidence supports in place of this target, None where it supports nothing."""
        if self.measurement is None:
            return self._supported_share(floor)
        return counter_offer(
            self.measurement.consumed,
            ~self.measurement.stopped,
            self.target.threshold_s,
            self.target.objective,
            confidence=confidence,
            floor=floor,
        )

    def _supported_share(self, floor: float) -> CounterOffer | None:
        """The share that the lower bound supports, of a target that promises no time; of a cost none."""
        if self.target.indicator == Indicator.COST or not self.known:
            return None
        tenths = 10 if self.target.indicator == Indicator.AVAILABILITY else 1
        share = min(share_to_offer(self.lower, tenths), self.target.objective)
        if self.verdict is Verdict.MET:
            share = self.target.objective
        return CounterOffer(self.target.threshold_s, share) if share >= floor else None


def figures_of_tickets(
    target: ServiceLevelTarget, measurement: Measurement, confidence: float
) -> TargetFigures:
    """Return the figures that a target's stopwatches give."""
    known, hits, undecided = measurement.tally
    lower, upper = _bounds(hits, known, confidence)
    return TargetFigures(
        target,
        known,
        hits,
        undecided,
        lower,
        upper,
        verdict_of(lower, upper, target.objective),
        measurement.inputs_sha256,
        measurement,
    )
