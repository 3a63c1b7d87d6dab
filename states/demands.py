"""A demand held against the history: what is asked for, what the last weeks show, what they support."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from config.policy import policy
from levels.counter_offers import CounterOffer, counter_offer
from levels.stopwatches import outcomes, tally
from levels.verdicts import Verdict, bounds, verdict_of, wilson
from models.agreements import Agreement
from models.versions import AgreementVersion, Requirement
from states.calendars import settled_until
from states.figures import TargetFigures
from states.measures import measure_targets
from states.promises import offer_in_words, promise_of
from templates.render import duration, percent

WEEKS = 12  # of history that a demand is held against


@dataclass(frozen=True)
class Demand:
    """What a requirement states, against the evidence of the last weeks.

    Attributes:
        stated: the promise that was asked for, in words.
        since, until: tickets opened in between were measured.
        lower, upper: Wilson interval of the true share.
        objective: the share that was asked for.
        verdict: whether the evidence bears the demand out.
        offer: what it supports instead, in words; "" where it is borne out or nothing is supported.
    """

    stated: str
    since: datetime
    until: datetime
    hits: int
    known: int
    objective: float
    lower: float
    upper: float
    verdict: Verdict
    offer: str

    @property
    def excessive(self) -> bool:
        """Whether the history contradicts the demand."""
        return self.verdict == Verdict.NOT_MET

    def as_data(self) -> dict[str, Any]:
        """Return the demand as plain data."""
        plain = asdict(self) | {"verdict": self.verdict.value, "sentence": self.sentence()}
        return plain | {"since": self.since.isoformat(), "until": self.until.isoformat()}

    def sentence(self) -> str:
        """Return e.g. "stated: 95 % in 4 h; last 12 weeks: 61 % (56 % to 66 %), 214 of 351"."""
        if not self.known:
            return f"stated: {self.stated}; last {WEEKS} weeks: nothing was measured"
        shown = f"{percent(self.hits / self.known)} ({percent(self.lower)} to {percent(self.upper)})"
        told = f"stated: {self.stated}; last {WEEKS} weeks: {shown}, {self.hits} of {self.known}"
        return f"{told}; the evidence supports {self.offer}" if self.offer else told


def demands(
    session: Session, agreement: Agreement, version: AgreementVersion, at: datetime
) -> dict[str, TargetFigures]:
    """Measure every target of a version on the last weeks, by key; open tickets are waited for."""
    until = settled_until(version, at, policy().trial.longest_wait_days)
    since = until - timedelta(weeks=WEEKS)
    figures = measure_targets(
        session, agreement, version.targets, since, until, at, policy().verdicts.confidence
    )
    return {row.target.key: row for row in figures}


def demand_of(
    version: AgreementVersion, requirement: Requirement, figures: Mapping[str, TargetFigures], at: datetime
) -> Demand | None:
    """Hold a requirement against what `demands` measured; None where it is tied to no target."""
    measured = figures.get(requirement.target_key or "")
    if measured is None:
        return None
    target, confidence = measured.target, policy().verdicts.confidence
    threshold_s = int(requirement.stated.get("threshold_s", target.threshold_s))
    objective = float(requirement.stated.get("objective", target.objective))
    hits, known, offer = _held_against(measured, threshold_s, objective)
    until = settled_until(version, at, policy().trial.longest_wait_days)
    judged = verdict_of(*bounds(hits, known, confidence), objective)
    better = offer is not None and offer != CounterOffer(threshold_s, objective)
    return Demand(
        promise_of(target, threshold_s, objective)
        if not requirement.stated
        else _share_and_time(threshold_s, objective),
        until - timedelta(weeks=WEEKS),
        until,
        hits,
        known,
        objective,
        *wilson(hits, known, confidence),
        judged,
        offer_in_words(offer) if better and judged != Verdict.MET else "",
    )


def _held_against(
    measured: TargetFigures, threshold_s: int, objective: float
) -> tuple[int, int, CounterOffer | None]:
    floor, confidence = policy().verdicts.counter_offer_floor, policy().verdicts.confidence
    if measured.measurement is None:
        return measured.hits, measured.known, measured.counter_offer(confidence, floor)
    times, stopped = measured.measurement.consumed, measured.measurement.stopped
    counts = tally(outcomes(times, stopped, threshold_s))
    # no evidence supports a promise of all tickets, so the target's own share is offered in its place
    share = objective if objective < 1 else measured.target.objective
    offer = counter_offer(times, ~stopped, threshold_s, share, confidence=confidence, floor=floor)
    return counts.hits, counts.known, offer


def _share_and_time(threshold_s: int, objective: float) -> str:
    return f"{percent(objective)} in {duration(threshold_s)}" if threshold_s else percent(objective)
