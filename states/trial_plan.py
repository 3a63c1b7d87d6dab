"""The plan of a trial before it starts: how many tickets it needs and expects, and its chance to decide."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlmodel import Session

from config.policy import policy
from levels.trial_plans import (
    MISSES_SHOWN,
    LongerTrial,
    TrialOutlook,
    longer_trial,
    lower_confidences,
    outlook,
)
from levels.verdicts import tickets_needed
from models.agreements import Agreement
from models.versions import AgreementVersion, ServiceLevelTarget
from states.calendars import close_of_intake, settled_until
from states.trial_arrivals import arrivals_per_day
from states.trial_figures import TrialFigures, is_sampled, measure_trial
from states.trial_terms import TrialTerms

WEEKS_OF_BASELINE = 12


@dataclass(frozen=True)
class TargetPlan:
    """What to know about one target's trial beforehand.

    Attributes:
        baseline: the target on the weeks before, as far as its tickets are settled.
        expected: tickets, or whatever else is sampled, to expect in the trial; 0 of what is not sampled.
        needed: tickets that prove the target with 0, 1, 2 and 3 misses; none of what is not sampled.
        outlook: the chances if the truth is the baseline; None without a baseline.
        per_day: what arrives on a calendar day.
    """

    target: ServiceLevelTarget
    baseline: TrialFigures
    expected: float
    needed: tuple[int, ...]
    outlook: TrialOutlook | None
    per_day: float

    @property
    def baseline_share(self) -> float | None:
        """The share kept in the weeks before, None where nothing was measured."""
        seen = self.baseline.figures
        return seen.hits / seen.known if seen.known else None

    @property
    def longer(self) -> LongerTrial | None:
        """How long a trial would decide in 80 % of cases; None where none would."""
        shown = self.outlook
        return _longer(shown.objective, shown.confidence, shown.baseline, self.per_day) if shown else None

    @property
    def less_sure(self) -> list[TrialOutlook]:
        """The same trial at lower confidences."""
        return lower_confidences(self.outlook) if self.outlook else []


# half a second where the baseline lies near the objective, and asked again with every look at a page
_longer = lru_cache(maxsize=1024)(longer_trial)


@dataclass(frozen=True)
class TrialPlan:
    """The plan of a version's trial, were it to start at `starts_at`."""

    version: AgreementVersion
    terms: TrialTerms
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    targets: list[TargetPlan]


def plan_trial(
    session: Session,
    agreement: Agreement,
    version: AgreementVersion,
    at: datetime,
    terms: TrialTerms | None = None,
) -> TrialPlan:
    """Plan a trial that starts at `at`, on the terms of the version or on others.

    Both look at the twelve weeks before: the baseline as far as the wait for open tickets is over, the
    arrival rate as far as the evidence covers them (see `states.trial_arrivals`).
    """
    terms = terms or TrialTerms.of(version)
    ends_at = at + timedelta(days=terms.days)
    settled = settled_until(version, at, policy().trial.longest_wait_days)
    since = at - timedelta(weeks=WEEKS_OF_BASELINE)
    seen = measure_trial(session, agreement, version.targets, since, settled, at, terms.confidence_of_each)

    def planned(row: TrialFigures) -> TargetPlan:
        if not is_sampled(row.target):
            return TargetPlan(row.target, row, 0.0, (), None, 0.0)
        return _plan(row, arrivals_per_day(session, agreement, row, since, settled, at), terms)

    return TrialPlan(
        version,
        terms,
        at,
        ends_at,
        close_of_intake(version, ends_at, policy().trial.longest_wait_days),
        [planned(row) for row in seen],
    )


def _plan(baseline: TrialFigures, per_day: float, terms: TrialTerms) -> TargetPlan:
    target, confidence = baseline.target, terms.confidence_of_each
    expected = per_day * terms.days
    needed = tuple(tickets_needed(target.objective, confidence, misses) for misses in MISSES_SHOWN)
    seen = baseline.figures
    if not seen.known:
        return TargetPlan(target, baseline, expected, needed, None, per_day)
    share = seen.hits / seen.known
    planned = outlook(target.objective, confidence, expected, share)
    return TargetPlan(target, baseline, expected, needed, planned, per_day)
