"""A trial while it runs: provisional figures, what is still to come, and the open tickets at risk.

No verdict is drawn from any of it: whoever stops at the first good look tries again until it works.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlmodel import Session

from levels.survival import Curve, ProvisionalShare, chances_of_breach, curve, provisional_share
from levels.verdicts import needed_if_all_hit
from models.agreements import Agreement
from models.trials import Trial, TrialResult
from models.versions import AgreementVersion, ServiceLevelTarget
from states.trial_figures import TrialFigures, is_sampled, measure_trial
from states.trial_plan import WEEKS_OF_BASELINE

MOST_AT_RISK = 5


@dataclass(frozen=True)
class OpenTicket:
    """A ticket of the trial whose stopwatch still runs within the threshold.

    Attributes:
        since: when its stopwatch started.
        consumed_s: working seconds so far.
        chance: that it will breach; None where too little is known about tickets like it.
    """

    external_id: str
    since: datetime
    consumed_s: int
    chance: float | None


@dataclass(frozen=True)
class TargetStatus:
    """One target so far; everything in it is provisional.

    Attributes:
        tickets: observed so far, the tickets of one incident counted once.
        known, hits, undecided: of them, those with an outcome, those within the threshold, and the rest.
        value, unit: the figure itself where it is no share, such as an amount of money.
        still_needed: further tickets, all of them hits, that the plan wants with the misses so far; 0 says
            that enough have come, and no more than that.
        provisional: the share by Kaplan and Meier with its band, None where no ticket is measured.
        curve: the whole of it.
        at_risk: open tickets, the likeliest breach first, a few.
        open: how many tickets are open in all.
    """

    target: ServiceLevelTarget
    result: TrialResult
    tickets: int
    known: int
    hits: int
    undecided: int
    value: float | None
    unit: str
    still_needed: int
    provisional: ProvisionalShare | None
    curve: Curve | None
    at_risk: list[OpenTicket]
    open: int


@dataclass(frozen=True)
class TrialStatus:
    """A running trial, as known at `at`."""

    trial: Trial
    version: AgreementVersion
    at: datetime
    targets: list[TargetStatus]

    @property
    def due(self) -> bool:
        """Whether the wait for open tickets is over, so that the trial can be concluded."""
        return self.at >= self.trial.closes_at

    @property
    def days_left(self) -> int:
        """Days until the intake ends, a begun day counted whole; 0 when it has ended."""
        return max(-(-(self.trial.ends_at - self.at) // timedelta(days=1)), 0)


def trial_status(session: Session, agreement: Agreement, trial: Trial, at: datetime) -> TrialStatus:
    """Return how a running trial stands; what an earlier look has decided is left out."""
    version = session.get_one(AgreementVersion, trial.version_id)
    results = {row.target_key: row for row in trial.results if row.verdict is None}
    targets = [row for row in version.targets if row.key in results]
    until = min(trial.ends_at, at)
    before = trial.starts_at - timedelta(weeks=WEEKS_OF_BASELINE)
    seen = measure_trial(session, agreement, targets, trial.starts_at, until, at, trial.confidence)
    longer = measure_trial(session, agreement, targets, before, until, at, trial.confidence)
    return TrialStatus(
        trial,
        version,
        at,
        [
            _target(results[row.target.key], row, since, trial.confidence)
            for row, since in zip(seen, longer, strict=True)
        ],
    )


def _target(result: TrialResult, seen: TrialFigures, longer: TrialFigures, confidence: float) -> TargetStatus:
    target, figures, observed = seen.target, seen.figures, seen.observations
    needed = 0
    if is_sampled(target):
        needed = needed_if_all_hit(figures.hits, figures.known, target.objective, confidence)
    at_risk = _open_tickets(seen, longer)
    return TargetStatus(
        target,
        result,
        figures.known + figures.undecided,
        figures.known,
        figures.hits,
        figures.undecided,
        figures.value,
        figures.unit,
        needed,
        provisional_share(observed.consumed, ~observed.stopped, target.threshold_s) if observed else None,
        curve(observed.consumed, ~observed.stopped) if observed else None,
        at_risk[:MOST_AT_RISK],
        len(at_risk),
    )


def _open_tickets(seen: TrialFigures, longer: TrialFigures) -> list[OpenTicket]:
    """The trial's open tickets within their threshold; the chance is learnt from the weeks before, too."""
    now, alike, threshold_s = seen.figures.measurement, longer.figures.measurement, seen.target.threshold_s
    if now is None or alike is None:
        return []
    open_ = np.flatnonzero(~now.stopped & (now.consumed <= threshold_s))
    if not open_.size:
        return []
    chances = chances_of_breach(alike.consumed, ~alike.stopped, threshold_s, now.consumed[open_])
    found = [
        OpenTicket(
            str(now.external_ids[index]),
            datetime.fromtimestamp(int(now.start[index]), UTC),
            int(now.consumed[index]),
            None if chances is None or np.isnan(chances[number]) else float(chances[number]),
        )
        for number, index in enumerate(open_.tolist())
    ]
    return sorted(found, key=lambda row: (-(row.chance or 0), -row.consumed_s, row.external_id))
