"""The trial on an agreement's page: its plan before, how it stands while it runs, and what it showed."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlmodel import Session

from config.errors import SlmError
from levels.survival import Curve
from models.agreements import Agreement, Stage
from models.trials import Trial, TrialResult, TrialState
from models.versions import AgreementVersion
from states.trial_misses import Miss, misses_of
from states.trial_plan import TargetPlan, TrialPlan, plan_trial
from states.trial_run import latest_trial
from states.trial_status import TargetStatus, TrialStatus, trial_status
from states.trial_terms import draft_to_try
from states.trial_told import cost_of_result
from states.trial_words import (
    chance,
    less_sure_in_words,
    longer_in_words,
    outlook_in_words,
    terms_in_words,
)

_PLANNED_IN = (Stage.REQUIREMENTS, Stage.RENEGOTIATION)
_WIDTH, _HEIGHT, _MARGIN = 320, 120, 6
_THRESHOLDS_SHOWN = 2.0


@dataclass(frozen=True)
class CurvePicture:
    """The provisional curve of one target as points of an SVG of 320 by 120.

    Attributes:
        line: the estimate, as steps.
        band: the outline of its band; "" where there is none.
        threshold_x, objective_y: where the promise lies.
        until_s: working seconds at the right edge.
    """

    line: str
    band: str
    threshold_x: float
    objective_y: float
    until_s: int


@dataclass(frozen=True)
class PlanRow:
    """A target's plan in words: the chance that it decides, the same at length, and the alternatives."""

    plan: TargetPlan
    deciding: str
    outlook: str
    alternatives: list[str]


@dataclass(frozen=True)
class TrialPanel:
    """What the page shows of trials.

    Attributes:
        plan: of the draft's trial, where it can still be chosen; `terms` in words; `unplanned` says why not.
        trial, version: the newest trial and the text that it is of.
        status: while it runs; with a picture of each target's curve.
        misses, costs: once it is concluded, by target.
    """

    plan: TrialPlan | None
    plan_rows: list[PlanRow]
    terms: str
    unplanned: str
    trial: Trial | None
    version: AgreementVersion | None
    status: TrialStatus | None
    curves: dict[str, CurvePicture]
    misses: dict[str, list[Miss]]
    costs: dict[str, str]

    @property
    def decided(self) -> list[TrialResult]:
        """The results that are there: all of a concluded trial, those of an earlier look while it runs."""
        return [row for row in self.trial.results if row.verdict is not None] if self.trial else []


def trial_panel(session: Session, agreement: Agreement, at: datetime) -> TrialPanel:
    """Return what the page of an agreement shows of its trials."""
    plan, unplanned = _plan(session, agreement, at)
    trial = latest_trial(session, agreement)
    version = session.get_one(AgreementVersion, trial.version_id) if trial else None
    running = trial is not None and trial.state == TrialState.RUNNING
    status = trial_status(session, agreement, trial, at) if trial and running else None
    return TrialPanel(
        plan,
        [_plan_row(row) for row in plan.targets] if plan else [],
        terms_in_words(plan.terms) if plan else "",
        unplanned,
        trial,
        version,
        status,
        {row.target.key: _picture(row, row.curve) for row in status.targets if row.curve} if status else {},
        misses_of(session, agreement, trial, trial.concluded_at) if trial and trial.concluded_at else {},
        {row.target_key: cost_of_result(trial, version, row) for row in trial.results}
        if trial and version
        else {},
    )


def _plan(session: Session, agreement: Agreement, at: datetime) -> tuple[TrialPlan | None, str]:
    if agreement.stage not in _PLANNED_IN:
        return None, ""
    try:
        return plan_trial(session, agreement, draft_to_try(agreement), at), ""
    except SlmError as missing:
        return None, str(missing)


def _plan_row(row: TargetPlan) -> PlanRow:
    alternatives = [longer_in_words(row), *map(less_sure_in_words, row.less_sure)]
    deciding = chance(row.outlook.mixed.deciding) if row.outlook else ""
    return PlanRow(row, deciding, outlook_in_words(row), [words for words in alternatives if words])


def _picture(row: TargetStatus, curve: Curve) -> CurvePicture:
    threshold = max(row.target.threshold_s, 1)
    until = threshold * _THRESHOLDS_SHOWN
    known = ~np.isnan(curve.lower) & ~np.isnan(curve.upper)
    upper = _steps(curve.times[known], curve.upper[known], until)
    lower = _steps(curve.times[known], curve.lower[known], until)
    return CurvePicture(
        _points(_steps(curve.times, curve.share, until), until),
        _points(upper + lower[::-1], until) if upper else "",
        _x(threshold, until),
        _y(row.target.objective),
        int(until),
    )


def _steps(times: np.ndarray, shares: np.ndarray, until: float) -> list[tuple[float, float]]:
    """Corners of the staircase from the first time to the right edge."""
    corners: list[tuple[float, float]] = []
    for time, share in zip(times.tolist(), shares.tolist(), strict=True):
        if time > until:
            break
        if corners:
            corners.append((time, corners[-1][1]))
        corners.append((time, share))
    return [*corners, (until, corners[-1][1])] if corners else []


def _points(corners: list[tuple[float, float]], until: float) -> str:
    return " ".join(f"{_x(time, until)},{_y(share)}" for time, share in corners)


def _x(time: float, until: float) -> float:
    return round(_MARGIN + (_WIDTH - 2 * _MARGIN) * time / until, 1)


def _y(share: float) -> float:
    return round(_HEIGHT - _MARGIN - (_HEIGHT - 2 * _MARGIN) * share, 1)
