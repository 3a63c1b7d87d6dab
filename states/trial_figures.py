"""A trial's figures: the targets measured, the tickets of one incident counted once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from evidence.folding import Observations, fold, read_parents
from levels.counter_offers import CounterOffer, counter_offer
from levels.verdicts import bounds, verdict
from models.agreements import Agreement
from models.version_words import Indicator
from models.versions import ServiceLevelTarget
from states.figures import TargetFigures
from states.measures import measure_targets


@dataclass(frozen=True)
class TrialFigures:
    """A target's figures under a trial.

    Attributes:
        figures: counts, bounds and verdict of observations; their `measurement` is still of every ticket.
        observations: the tickets folded under their incidents, None where no ticket is measured.
    """

    figures: TargetFigures
    observations: Observations | None

    @property
    def target(self) -> ServiceLevelTarget:
        """What was measured."""
        return self.figures.target

    def counter_offer(self, confidence: float, floor: float) -> CounterOffer | None:
        """Return what the evidence supports in place of the target, None where it supports nothing."""
        seen = self.observations
        if seen is None:
            return self.figures.counter_offer(confidence, floor)
        stated = self.target.threshold_s, self.target.objective
        return counter_offer(seen.consumed, ~seen.stopped, *stated, confidence=confidence, floor=floor)


def measure_trial(
    session: Session,
    agreement: Agreement,
    targets: Sequence[ServiceLevelTarget],
    start: datetime,
    end: datetime,
    as_of: datetime,
    confidence: float,
) -> list[TrialFigures]:
    """Measure targets as `states.measures.measure_targets` does, and fold tickets under their incidents."""
    measured = measure_targets(session, agreement, targets, start, end, as_of, confidence)
    if all(figures.measurement is None for figures in measured):
        return [TrialFigures(figures, None) for figures in measured]
    customer = agreement.customer.name_in_evidence
    parents = read_parents(session, agreement.evidence_source, customer, end, as_of)
    return [_folded(figures, parents, confidence) for figures in measured]


def is_sampled(target: ServiceLevelTarget) -> bool:
    """Return whether a trial sees a sample of the outcomes; an availability or a cost it sees whole."""
    return target.indicator not in (Indicator.AVAILABILITY, Indicator.COST)


def _folded(figures: TargetFigures, parents: dict[str, str], confidence: float) -> TrialFigures:
    if figures.measurement is None:
        return TrialFigures(figures, None)
    seen = fold(figures.measurement, parents)
    known, hits, undecided = seen.tally
    lower, upper = bounds(hits, known, confidence)
    counted = replace(
        figures,
        known=known,
        hits=hits,
        undecided=undecided,
        lower=lower,
        upper=upper,
        verdict=verdict(hits, known, figures.target.objective, confidence),
        inputs_sha256=seen.inputs_sha256,
    )
    return TrialFigures(counted, seen)
