"""The draft's targets held against the past weeks: share kept, bounds, distribution, weekday by weekday."""

import numpy as np
from sqlmodel import Session

from config.policy import policy
from evidence.measuring import Measurement
from evidence.questions import STOPWATCHES
from levels.demand import local_dates
from levels.steps import quantile_or_open
from levels.stopwatches import Outcome
from levels.verdicts import wilson
from levels.weekday_standards import WeekdayShare, weekday_shares
from states.baseline_figures import TargetRow, WeekdayFigures
from states.baseline_inputs import BaselineInputs
from states.figures import TargetFigures
from states.measures import measure_targets
from states.promises import promise_of
from states.trial_figures import is_sampled
from templates.figures_in_words import share_in_words
from templates.render import duration, percent


class MeasuredTarget(TargetRow):
    """A target's row with what was measured, so that it can be told in its own words."""

    indicator: str
    measure: str
    bound: float | None
    bound_side: str
    value: float | None
    unit: str


def target_rows(session: Session, inputs: BaselineInputs) -> tuple[list[TargetRow], list[TargetFigures]]:
    """Measure every target of the version on the tickets whose wait is over, as plain data and as it is."""
    figures = measure_targets(
        session,
        inputs.agreement,
        inputs.version.targets,
        inputs.since,
        inputs.settled,
        inputs.as_of,
        policy().verdicts.confidence,
    )
    return [_row(found, inputs.demand.zone) for found in figures], figures


def weekdays_of(measurement: Measurement, zone: str) -> list[WeekdayShare]:
    """Compare how the tickets opened on each weekday, in a zone, keep the threshold."""
    known = measurement.outcomes != Outcome.UNDECIDED
    dates = local_dates(measurement.start[known], zone)
    return weekday_shares(dates, np.asarray(measurement.outcomes[known] == Outcome.HIT, dtype=np.bool_))


def _row(found: TargetFigures, zone: str) -> MeasuredTarget:
    target, measured = found.target, found.measurement
    share = found.hits / found.known if found.known else None
    interval = [round(bound, 4) for bound in wilson(found.hits, found.known)]
    return MeasuredTarget(
        key=target.key,
        promise=promise_of(target),
        objective=target.objective,
        threshold_s=target.threshold_s,
        known=found.known,
        hits=found.hits,
        undecided=found.undecided,
        share=None if share is None else round(share, 4),
        wilson=interval,
        lower=round(found.lower, 4),
        upper=round(found.upper, 4),
        verdict=found.verdict.value,
        median_s=quantile_or_open(measured.consumed, measured.stopped, 0.5) if measured else None,
        p90_s=quantile_or_open(measured.consumed, measured.stopped, 0.9) if measured else None,
        by_weekday=[_weekday(day) for day in weekdays_of(measured, zone)] if measured else [],
        sentence=_sentence(found, share, interval),
        indicator=target.indicator.value,
        measure=target.measure,
        bound=target.bound,
        bound_side=target.bound_side.value,
        value=found.value,
        unit=found.unit,
    )


def _sentence(found: TargetFigures, share: float | None, interval: list[float]) -> str:
    target = found.target
    if target.indicator not in STOPWATCHES:
        return _sentence_of_no_time(found, interval)
    stated = f"stated: {percent(target.objective)}"
    if target.threshold_s:
        stated += f" in {duration(target.threshold_s)}"
    if share is None:
        return f"{stated}; in these weeks nothing was measured"
    low, high = (percent(round(bound, 2)) for bound in interval)
    return f"{stated}; these weeks: {percent(round(share, 3))} of {found.known} ({low} to {high})"


def _sentence_of_no_time(found: TargetFigures, interval: list[float]) -> str:
    """An interval is told of what was sampled; an availability and a cost are counted in full."""
    stated = f"stated: {promise_of(found.target)}"
    if not found.known and found.value is None:
        return f"{stated}; in these weeks nothing was measured"
    words = f"{stated}; these weeks: {share_in_words(found)}"
    if not is_sampled(found.target):
        return words
    low, high = map(percent, interval)
    return f"{words} ({low} to {high})"


def _weekday(day: WeekdayShare) -> WeekdayFigures:
    return WeekdayFigures(
        weekday=day.weekday,
        known=day.known,
        hits=day.hits,
        share=round(day.hits / day.known, 4) if day.known else None,
        wilson=[round(day.lower, 4), round(day.upper, 4)],
        p_value=float(f"{day.p_value:.3g}"),
        differs=day.differs,
    )
