"""What the evidence shows of a target as it stands and as it is proposed, on the same tickets."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from config.policy import policy
from evidence.folding import Observations
from evidence.measuring import Measurement
from levels.stopwatches import outcomes, tally
from levels.verdicts import bounds, verdict_of
from models.agreements import Agreement, Stage
from models.trials import Trial, TrialState
from models.versions import AgreementVersion, ServiceLevelTarget
from states.calendars import settled_until
from states.demands import WEEKS
from states.figures import TargetFigures
from states.measures import measure_targets
from states.trial_figures import measure_trial
from states.trial_run import latest_trial


def concluded_trial(session: Session, agreement: Agreement, draft: AgreementVersion) -> Trial | None:
    """Return the trial of a draft in trial run if it is concluded, None otherwise."""
    trial = latest_trial(session, agreement)
    if agreement.stage != Stage.TRIAL_RUN or trial is None or trial.version_id != draft.id:
        return None
    return trial if trial.state == TrialState.CONCLUDED else None


def evidence_for(
    session: Session,
    agreement: Agreement,
    draft: AgreementVersion,
    target: ServiceLevelTarget,
    terms: tuple[int, float],
    at: datetime,
) -> dict[str, Any]:
    """Measure a draft's target under its own and under other terms, as plain data.

    The tickets are those of the draft's concluded trial; without one, those of the last weeks whose time is
    over under either terms.

    Args:
        session: the caller's; nothing is written.
        agreement: whose evidence.
        draft: the version.
        target: of the draft.
        terms: the other threshold in seconds of working time, and the other objective.
        at: as known then.

    Returns:
        `source`, `from`, `to` and `confidence`; and `now` and `then`, each with counts, bounds, verdict, and
        what `templates.figures_in_words` needs to put them into words.
    """
    own = target.threshold_s, target.objective
    trial = concluded_trial(session, agreement, draft)
    seen: Measurement | Observations | None
    if trial is not None and trial.concluded_at is not None:
        since, until, confidence = trial.starts_at, trial.ends_at, trial.confidence
        window = since, until, trial.concluded_at
        (tried,) = measure_trial(session, agreement, [target], *window, confidence)
        figures, seen, source = tried.figures, tried.observations, "trial"
    else:
        longest, confidence = policy().trial.longest_wait_days, policy().verdicts.confidence
        until = settled_until(draft, at, longest, beside=((target.calendar, terms[0]),))
        since, source = until - timedelta(weeks=WEEKS), "recent"
        (figures,) = measure_targets(session, agreement, [target], since, until, at, confidence)
        seen = figures.measurement
    return {
        "source": source,
        "from": since.isoformat(),
        "to": until.isoformat(),
        "confidence": confidence,
        "now": _figures(figures, seen, own, confidence),
        "then": _figures(figures, seen, terms, confidence),
    }


def _figures(
    measured: TargetFigures,
    seen: Measurement | Observations | None,
    terms: tuple[int, float],
    confidence: float,
) -> dict[str, Any]:
    threshold_s, objective = terms
    known, hits, undecided = measured.known, measured.hits, measured.undecided
    lower, upper = measured.lower, measured.upper
    if seen is not None:
        known, hits, undecided = tally(outcomes(seen.consumed, seen.stopped, threshold_s))
        lower, upper = bounds(hits, known, confidence)
    target = measured.target
    return {
        "known": known,
        "hits": hits,
        "undecided": undecided,
        "lower": lower,
        "upper": upper,
        "verdict": verdict_of(lower, upper, objective).value,
        "value": measured.value,
        "unit": measured.unit,
        "indicator": target.indicator.value,
        "measure": target.measure,
        "bound": target.bound,
        "bound_side": target.bound_side.value,
    }
