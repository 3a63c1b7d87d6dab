"""The service manager of a replay: settles, adopts counter-offers, decides as the evidence recommends."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from config.policy import policy
from levels.verdicts import Verdict
from models.agreements import Agreement, Stage
from models.reviews import ReviewDecision
from models.trials import TrialResult, TrialState
from models.version_words import Settlement
from states.counter_offers import counter_offers
from states.drafts import differences, draft_of, version_in_force
from states.experience import reaches
from states.lifecycle import advance, blockers
from states.move import Trigger
from states.requirement_conversation import settle
from states.review import latest_pack
from states.target_revisions import accept_risk, adopt_counter_offer
from states.trial_offer import supports
from states.trial_run import latest_trial
from templates.figures_in_words import figure_in_words


def act(session: Session, agreement: Agreement, since: datetime, at: datetime) -> None:
    """Do what a diligent manager does today; `since` is when the requirements weeks began."""
    doing: dict[Stage, Callable[[Session, Agreement, datetime, datetime], None]] = {
        Stage.REQUIREMENTS: _try,
        Stage.TRIAL_RUN: _offer,
        Stage.REVIEW: _decide,
        Stage.RENEGOTIATION: _revise,
    }
    if agreement.stage in doing:
        doing[agreement.stage](session, agreement, since, at)


def _name(agreement: Agreement) -> str:
    return f"{agreement.owner.name} (simulated)"


def _try(session: Session, agreement: Agreement, since: datetime, at: datetime) -> None:
    if at < since + timedelta(weeks=policy().requirements.weeks):
        return
    draft = draft_of(agreement)
    assert draft is not None, "an agreement in requirements has a draft"
    for number, requirement in enumerate(draft.requirements, 1):
        if requirement.settlement == Settlement.OPEN and requirement.target_key is not None:
            settle(session, agreement, number, Settlement.ACCEPTED, "to be tried", _name(agreement), at)
    advance(session, agreement, Trigger.START_TRIAL, _name(agreement), at)


def _offer(session: Session, agreement: Agreement, _since: datetime, at: datetime) -> None:
    trial, draft = latest_trial(session, agreement), draft_of(agreement)
    if trial is None or draft is None or trial.state != TrialState.CONCLUDED:
        return
    offers = counter_offers(session, agreement)
    results = {row.target_key: row for row in trial.results}
    for target in draft.targets:
        result = results[target.key]
        if supports(result, target.threshold_s, target.objective):
            continue
        promising = result.verdict == Verdict.NOT_ENOUGH and _reaches(result)
        if target.key in offers and not promising:
            adopt_counter_offer(session, agreement, target.key, _name(agreement), at)
        else:
            reason = f"the trial saw {figure_in_words(result, target)}: {result.verdict}"
            accept_risk(session, agreement, target.key, _name(agreement), reason, at)
    in_force = version_in_force(agreement)
    if in_force is not None and not differences(in_force, draft):
        advance(
            session, agreement, Trigger.REWORK, _name(agreement), at, reason="the trial bears out no change"
        )
    else:
        advance(session, agreement, Trigger.OFFER, _name(agreement), at)


def _reaches(result: TrialResult) -> bool:
    """Return whether the trial's plain figure, hits of known, reaches the objective."""
    return bool(result.known) and reaches(result.hits or 0, result.known or 0, result.objective)


def _decide(session: Session, agreement: Agreement, _since: datetime, at: datetime) -> None:
    pack = latest_pack(session, agreement)
    assert pack is not None, "an agreement under review has a pack"
    trigger = Trigger.RENEGOTIATE if pack.recommendation == ReviewDecision.RENEGOTIATE else Trigger.RENEW
    advance(session, agreement, trigger, _name(agreement), at, reason="as the evidence recommends")


def _revise(session: Session, agreement: Agreement, _since: datetime, at: datetime) -> None:
    for key in counter_offers(session, agreement):
        adopt_counter_offer(session, agreement, key, _name(agreement), at)
    name = _name(agreement)
    if not blockers(session, agreement, Trigger.SKIP_TRIAL, name, at)[1]:
        advance(session, agreement, Trigger.SKIP_TRIAL, name, at)
    elif not blockers(session, agreement, Trigger.PROPOSE_REVISION, name, at)[1]:
        advance(session, agreement, Trigger.PROPOSE_REVISION, name, at)
    else:
        advance(
            session, agreement, Trigger.WITHDRAW, name, at, reason="the evidence supports no other target"
        )
