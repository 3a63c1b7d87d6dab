"""The trial run: the proposed targets measured before anyone signs."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.policy import policy
from evidence.store import count_opened
from levels.counter_offers import CounterOffer
from levels.verdicts import Verdict, tickets_needed
from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.trials import Trial, TrialResult, TrialState
from models.versions import AgreementVersion, ServiceLevelTarget
from states import audit
from states.drafts import draft_of
from states.measures import TargetFigures, close_of_intake, measure_targets
from states.move import SWEEP, Move
from states.promises import offer_in_words, promise, promise_of

_WEEKS_BEFORE = 4  # of evidence from which the number of tickets to expect is taken


def latest_trial(session: Session, agreement: Agreement) -> Trial | None:
    """Return the agreement's newest trial that was not abandoned, None where there is none."""
    return session.exec(
        select(Trial)
        .where(Trial.agreement_id == agreement.id, Trial.state != TrialState.ABANDONED)
        .order_by(col(Trial.id).desc())
        .limit(1)
    ).first()


def open_trial(session: Session, agreement: Agreement, draft: AgreementVersion, at: datetime) -> Trial:
    """Open a trial of the draft's targets: its end, the wait and the confidence are fixed now."""
    ends_at = at + timedelta(days=draft.trial_days)
    trial = Trial(
        agreement_id=agreement.id,
        version_id=draft.id,
        starts_at=at,
        ends_at=ends_at,
        closes_at=close_of_intake(draft, ends_at, policy().trial.longest_wait_days),
        confidence=policy().verdicts.confidence,
    )
    trial.results = [_plan(session, agreement, target, trial) for target in draft.targets]
    session.add(trial)
    session.flush()
    rows = [
        {
            "key": target.key,
            "promise": promise_of(target),
            "needed": result.tickets_needed,
            "expected": result.tickets_expected,
        }
        for target, result in zip(draft.targets, trial.results, strict=True)
    ]
    for signatory in draft.signatories:
        post(
            session,
            "trial_opened",
            signatory.person,
            key=keys.trial_opened(trial, signatory.person),
            at=at,
            agreement=agreement,
            trial=trial,
            targets=rows,
        )
    return trial


def _plan(session: Session, agreement: Agreement, target: ServiceLevelTarget, trial: Trial) -> TrialResult:
    before = timedelta(weeks=_WEEKS_BEFORE)
    opened = count_opened(
        session,
        agreement.evidence_source,
        agreement.customer.name_in_evidence,
        trial.starts_at - before,
        trial.starts_at,
        trial.starts_at,
        target.population,
    )
    return TrialResult(
        target_key=target.key,
        threshold_s=target.threshold_s,
        objective=target.objective,
        tickets_needed=tickets_needed(target.objective, trial.confidence),
        tickets_expected=round(opened * ((trial.ends_at - trial.starts_at) / before), 1),
    )


def trials_due(at: datetime) -> SelectOfScalar[Trial]:
    """Select the running trials whose wait for open tickets is over, the longest overdue first."""
    return (
        select(Trial)
        .where(Trial.state == TrialState.RUNNING, Trial.closes_at <= at)
        .order_by(col(Trial.closes_at), col(Trial.id))
    )


def conclude(session: Session, agreement: Agreement, trial: Trial, at: datetime) -> None:
    """Freeze the trial's figures: verdict for each target, counter-offer where it is not met."""
    version = session.get_one(AgreementVersion, trial.version_id)
    figures = measure_targets(
        session, agreement, version.targets, trial.starts_at, trial.ends_at, at, trial.confidence
    )
    for measured in figures:
        result = next(row for row in trial.results if row.target_key == measured.target.key)
        _record(result, measured, trial.confidence)
    trial.state, trial.concluded_at = TrialState.CONCLUDED, at
    audit.append(
        session,
        agreement,
        "trial concluded",
        SWEEP,
        at,
        version=version.number,
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


def _record(result: TrialResult, measured: TargetFigures, confidence: float) -> None:
    result.known, result.hits, result.undecided = measured.known, measured.hits, measured.undecided
    result.lower, result.upper = measured.lower, measured.upper
    result.verdict = measured.verdict.value
    result.inputs_sha256 = measured.measurement.inputs_sha256
    if measured.verdict != Verdict.MET:
        offer = measured.counter_offer(confidence, policy().verdicts.counter_offer_floor)
        if offer is not None and offer != CounterOffer(result.threshold_s, result.objective):
            result.counter_threshold_s, result.counter_objective = offer.threshold_s, offer.objective


def _in_words(result: TrialResult, version: AgreementVersion) -> dict[str, object]:
    target = next(target for target in version.targets if target.key == result.target_key)
    stated = promise(target.indicator, target.population, result.threshold_s, result.objective)
    return {
        **result.model_dump(include={"known", "hits", "undecided", "lower", "upper", "verdict"}),
        "key": result.target_key,
        "promise": stated,
        "counter_offer": offer_in_words(counter_offer_of(result)),
    }


def counter_offer_of(result: TrialResult) -> CounterOffer | None:
    """Return the counter-offer of a concluded trial's result, None where there is none."""
    if result.counter_threshold_s is None or result.counter_objective is None:
        return None
    return CounterOffer(result.counter_threshold_s, result.counter_objective)


def extension_blockers(move: Move) -> list[str]:
    """Gate of `extend_trial`: the trial still runs, and its new end is later."""
    trial = latest_trial(move.session, move.agreement)
    if trial is None or trial.state != TrialState.RUNNING:
        return ["the trial is concluded: start a new one by reworking the draft"]
    if move.until is None:
        return ["the new end is not given"]
    if move.until <= trial.ends_at:
        return [f"the new end must be later than the present one, {trial.ends_at:%Y-%m-%d %H:%M} UTC"]
    if move.at >= trial.ends_at:
        return ["intake has ended: its figures are known, and looking twice would flatter them"]
    return []


def extend(move: Move) -> None:
    """Effect of `extend_trial`: intake ends later, and so does the wait."""
    trial = latest_trial(move.session, move.agreement)
    draft = draft_of(move.agreement)
    assert trial is not None and draft is not None and move.until is not None, "the gate saw them"
    longer = (move.until - trial.starts_at) / (trial.ends_at - trial.starts_at)
    for result in trial.results:
        result.tickets_expected = round(result.tickets_expected * longer, 1)
    trial.ends_at = move.until
    trial.closes_at = close_of_intake(draft, move.until, policy().trial.longest_wait_days)


def offer_blockers(move: Move) -> list[str]:
    """Gate of `offer`: the trial is concluded, and it bears out every target of the draft."""
    trial = latest_trial(move.session, move.agreement)
    draft = draft_of(move.agreement)
    if trial is None or draft is None or trial.version_id != draft.id:
        return ["this draft has had no trial"]
    if trial.state != TrialState.CONCLUDED:
        return [f"the trial is not concluded: that is due on {trial.closes_at:%Y-%m-%d %H:%M} UTC"]
    results = {result.target_key: result for result in trial.results}
    return [
        blocker
        for target in draft.targets
        if (blocker := _unsupported(target, results.get(target.key))) is not None
    ]


def _unsupported(target: ServiceLevelTarget, result: TrialResult | None) -> str | None:
    if target.accepted_risk:
        return None
    if result is None:
        return f"target {target.key} was not in the trial: rework, or accept the risk by name"
    if supports(result, target.threshold_s, target.objective):
        return None
    offer = counter_offer_of(result)
    adopt = f"adopt the counter-offer ({offer_in_words(offer)}), " if offer else ""
    return f"target {target.key}: {result.verdict}; {adopt}rework, or accept the risk by name"


def supports(result: TrialResult, threshold_s: int, objective: float) -> bool:
    """Return whether a concluded result bears out a promise no stricter than what was shown to hold."""
    offer = counter_offer_of(result)
    shown = [(offer.threshold_s, offer.objective)] if offer else []
    if result.verdict == Verdict.MET:
        shown.append((result.threshold_s, result.objective))
    return any(threshold_s >= longest and objective <= share for longest, share in shown)


def abandon_trial(session: Session, agreement: Agreement) -> None:
    """Give up the running trial, if there is one."""
    trial = latest_trial(session, agreement)
    if trial is not None and trial.state == TrialState.RUNNING:
        trial.state = TrialState.ABANDONED
