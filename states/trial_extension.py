"""A longer trial without a larger error: before anyone has looked, or for a look that was planned."""

from datetime import timedelta

from config.policy import policy
from models.trials import Trial, TrialState
from states.calendars import close_of_intake
from states.drafts import draft_of
from states.move import Move
from states.trial_conclusion import is_decided
from states.trial_run import latest_trial
from templates.render import day

_NEW_TRIAL = "start a new trial by reworking the draft: it counts new tickets only"


def extension_blockers(move: Move) -> list[str]:
    """Gate of `extend_trial`: a later end, while nobody has looked yet or a planned look is left."""
    trial = latest_trial(move.session, move.agreement)
    if trial is None:
        return ["there is no trial"]
    if trial.state == TrialState.CONCLUDED:
        blockers = _looks_spent(trial) or _settled_since(trial, move)
    elif move.at >= trial.ends_at:
        blockers = ["intake has ended: its figures are known, and looking twice would flatter them"]
    else:
        blockers = []
    return blockers or _end_blockers(move, trial)


def _looks_spent(trial: Trial) -> list[str]:
    if all(is_decided(result) for result in trial.results):
        return ["every target is decided: more tickets would not change that"]
    if trial.looks_taken < trial.looks:
        return []
    planned = "one look was" if trial.looks == 1 else f"{trial.looks} looks were"
    return [f"the trial is concluded and only {planned} planned: {_NEW_TRIAL}"]


def _settled_since(trial: Trial, move: Move) -> list[str]:
    """What the draft no longer promises as it was tried: the next look would be at something else."""
    draft, tried = draft_of(move.agreement), {row.target_key: row for row in trial.results}
    return [
        f"target {row.key} was settled after the look: offer it, or rework the draft"
        for row in (draft.targets if draft else [])
        if row.accepted_risk
        or row.key not in tried
        or (row.threshold_s, row.objective) != (tried[row.key].threshold_s, tried[row.key].objective)
        or tried[row.key].condition.get("adopted")
    ]


def _end_blockers(move: Move, trial: Trial) -> list[str]:
    if move.until is None:
        return ["the new end is not given"]
    if move.until <= trial.ends_at:
        return [f"the new end must be later than the present one, {trial.ends_at:%Y-%m-%d %H:%M} UTC"]
    if move.until <= move.at:
        return ["the new end lies in the past: its figures are known, and choosing them would flatter them"]
    return []


def extend(move: Move) -> None:
    """Effect of `extend_trial`: intake ends later, and so does the wait; a concluded trial runs again."""
    trial = latest_trial(move.session, move.agreement)
    draft = draft_of(move.agreement)
    assert trial is not None and draft is not None and move.until is not None, "the gate saw them"
    longer = (move.until - trial.starts_at) / (trial.ends_at - trial.starts_at)
    for result in trial.results:
        result.tickets_expected = round(result.tickets_expected * longer, 1)
    if trial.state == TrialState.CONCLUDED:
        _reopen(trial, day(move.until - timedelta(seconds=1)))
    trial.ends_at = move.until
    trial.closes_at = close_of_intake(draft, move.until, policy().trial.longest_wait_days)


def _reopen(trial: Trial, last_day: str) -> None:
    trial.state, trial.concluded_at = TrialState.RUNNING, None
    for result in trial.results:
        if not is_decided(result):
            seen = f"{result.hits} of {result.known}, {result.verdict}"
            extended = f"extended to {last_day} after look {trial.looks_taken} ({seen})"
            result.choice = f"{result.choice}; {extended}" if result.choice else extended
            result.verdict = result.lower = result.upper = None
            result.known = result.hits = result.undecided = None
            result.counter_threshold_s = result.counter_objective = result.inputs_sha256 = None
            result.condition = {}
