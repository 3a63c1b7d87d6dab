"""The conclusion of a trial: verdicts frozen, counter-offers and conditions for what is not met."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from config.errors import SlmError
from config.policy import policy
from levels.counter_offers import CounterOffer
from levels.verdicts import Verdict
from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.trials import Trial, TrialResult, TrialState
from models.versions import AgreementVersion
from states import audit
from states.move import SWEEP
from states.promises import offer_in_words, promise_of
from states.trial_conditions import condition_of
from states.trial_figures import TrialFigures, measure_trial
from states.trial_offer import counter_offer_of
from states.trial_run import latest_trial
from templates.figures_in_words import kept_in_words


def conclude_now(session: Session, agreement: Agreement, actor: str, at: datetime) -> Trial:
    """Conclude the agreement's trial by hand, as the sweep does when it is due.

    Raises:
        SlmError: there is no running trial, or it is not due yet.
    """
    trial = latest_trial(session, agreement)
    if trial is None or trial.state != TrialState.RUNNING:
        raise SlmError(f"{agreement.reference}: no trial is running")
    if at < trial.closes_at:
        raise SlmError(
            f"{agreement.reference}: the trial can be concluded from {trial.closes_at:%Y-%m-%d %H:%M} UTC "
            "on, when open tickets have had their time"
        )
    conclude(session, agreement, trial, at, actor)
    return trial


def conclude(session: Session, agreement: Agreement, trial: Trial, at: datetime, actor: str = SWEEP) -> None:
    """Freeze the trial's figures: verdict for each target, counter-offer where it is not met.

    What an earlier look has decided stays as it was decided.
    """
    version = session.get_one(AgreementVersion, trial.version_id)
    results = {row.target_key: row for row in trial.results}
    tried = [row for row in version.targets if row.key in results]
    judged = [row for row in tried if not is_decided(results[row.key])]
    window = trial.starts_at, trial.ends_at, at
    for seen in measure_trial(session, agreement, judged, *window, trial.confidence):
        _record(session, agreement, trial, results[seen.target.key], seen, at)
    trial.state, trial.concluded_at = TrialState.CONCLUDED, at
    trial.looks_taken += 1
    audit.append(
        session,
        agreement,
        "trial concluded",
        actor,
        at,
        version=version.number,
        look=trial.looks_taken,
        verdicts={result.target_key: result.verdict for result in trial.results},
        inputs={result.target_key: result.inputs_sha256 for result in trial.results},
    )
    post(
        session,
        "trial_concluded",
        agreement.owner,
        key=keys.trial_concluded(trial),
        at=at,
        agreement=agreement,
        trial=trial,
        results=[_in_words(result, version) for result in trial.results],
    )


def is_decided(result: TrialResult) -> bool:
    """Return whether a look has found the target *met* or *not met*."""
    return result.verdict in (Verdict.MET, Verdict.NOT_MET)


def _record(
    session: Session,
    agreement: Agreement,
    trial: Trial,
    result: TrialResult,
    seen: TrialFigures,
    at: datetime,
) -> None:
    figures = seen.figures
    result.known, result.hits, result.undecided = figures.known, figures.hits, figures.undecided
    result.lower, result.upper = figures.lower, figures.upper
    result.verdict = figures.verdict.value
    result.inputs_sha256 = figures.inputs_sha256
    result.counter_threshold_s = result.counter_objective = None
    result.condition = {}
    if figures.verdict == Verdict.MET:
        return
    offer = seen.counter_offer(trial.confidence, policy().verdicts.counter_offer_floor)
    if offer is not None and offer != CounterOffer(result.threshold_s, result.objective):
        result.counter_threshold_s, result.counter_objective = offer.threshold_s, offer.objective
    result.condition = condition_of(session, agreement, trial, seen, at)


def _in_words(result: TrialResult, version: AgreementVersion) -> dict[str, Any]:
    target = next(target for target in version.targets if target.key == result.target_key)
    stated = promise_of(target, result.threshold_s, result.objective)
    return {
        **result.model_dump(include={"known", "hits", "undecided", "lower", "upper", "verdict"}),
        "key": result.target_key,
        "promise": stated,
        "shown": kept_in_words(result, target),
        "counter_offer": offer_in_words(counter_offer_of(result)),
        "condition": result.condition.get("sentence", ""),
    }
