"""What follows from a trial's verdicts: which promises it bears out, and what was chosen about the others."""

from sqlmodel import Session

from levels.counter_offers import CounterOffer
from levels.verdicts import Verdict
from models.agreements import Agreement
from models.trials import Trial, TrialResult, TrialState
from models.versions import ServiceLevelTarget
from states.drafts import draft_of
from states.move import Move
from states.own_proposals import own_proposal_blockers
from states.promises import offer_in_words
from states.support_check import support_blockers
from states.term_blockers import term_blockers
from states.trial_run import abandon_trial, latest_trial


def offer_blockers(move: Move) -> list[str]:
    """Gate of `offer`: the trial bears out every target of the draft, and its support adds up to them."""
    trial = latest_trial(move.session, move.agreement)
    draft = draft_of(move.agreement)
    if trial is None or draft is None or trial.version_id != draft.id:
        return ["this draft has had no trial"]
    if trial.state != TrialState.CONCLUDED:
        return [f"the trial is not concluded: that is due on {trial.closes_at:%Y-%m-%d %H:%M} UTC"]
    found = [_unsupported(trial, target) for target in draft.targets]
    blockers = [blocker for blocker in found if blocker]
    blockers += term_blockers(draft, move.at)
    blockers += support_blockers(move.session, move.agreement, draft, move.at)
    return blockers + own_proposal_blockers(draft, move.actor)


def _unsupported(trial: Trial, target: ServiceLevelTarget) -> str | None:
    if target.accepted_risk or is_borne_out(trial, target):
        return None
    result = next((row for row in trial.results if row.target_key == target.key), None)
    if result is None:
        return f"target {target.key} was not in the trial: rework, or accept the risk by name"
    offer = counter_offer_of(result)
    adopt = f"adopt the counter-offer ({offer_in_words(offer)}), " if offer else ""
    return f"target {target.key}: {result.verdict}; {adopt}rework, or accept the risk by name"


def counter_offer_of(result: TrialResult) -> CounterOffer | None:
    """Return the counter-offer of a concluded trial's result, None where there is none."""
    if result.counter_threshold_s is None or result.counter_objective is None:
        return None
    return CounterOffer(result.counter_threshold_s, result.counter_objective)


def is_borne_out(trial: Trial, target: ServiceLevelTarget) -> bool:
    """Return whether a concluded trial shows that a target holds: by itself, or as part of a condition."""
    for result in trial.results:
        if result.target_key == target.key and supports(result, target.threshold_s, target.objective):
            return True
        parts = result.condition.get("adopted", {})
        shown = parts.get(target.key)
        if shown and target.threshold_s >= shown["threshold_s"] and target.objective <= shown["objective"]:
            return (target.population, target.weekdays) == (shown["population"], shown["weekdays"])
    return False


def supports(result: TrialResult, threshold_s: int, objective: float) -> bool:
    """Return whether a concluded result bears out a promise no stricter than what was shown to hold."""
    offer = counter_offer_of(result)
    shown = [(offer.threshold_s, offer.objective)] if offer else []
    if result.verdict == Verdict.MET:
        shown.append((result.threshold_s, result.objective))
    return any(threshold_s >= longest and objective <= share for longest, share in shown)


def record_choice(session: Session, agreement: Agreement, key: str, choice: str) -> None:
    """Write down what was chosen about a target whose trial is concluded; nothing without such a trial."""
    trial, draft = latest_trial(session, agreement), draft_of(agreement)
    if trial is None or draft is None or trial.version_id != draft.id or trial.state != TrialState.CONCLUDED:
        return
    for result in trial.results:
        if result.target_key == key:
            extensions = [part for part in result.choice.split("; ") if part.startswith("extended ")]
            result.choice = "; ".join([*extensions, choice])


def end_by_rework(move: Move) -> None:
    """Give up a running trial; of a concluded one, write down that what it left open is reworked."""
    trial = latest_trial(move.session, move.agreement)
    abandon_trial(move.session, move.agreement)
    if trial is not None and trial.state == TrialState.CONCLUDED:
        for result in trial.results:
            if result.verdict != Verdict.MET and not result.choice:
                result.choice = f"reworked: {move.reason}"
