"""What a manager does about a target that does not hold: adopt the counter-offer, or accept the risk."""

from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session

from config.errors import NotFoundError, SlmError
from levels.counter_offers import CounterOffer
from models.actions import ActionKind, ActionState
from models.agreements import Agreement, Stage
from models.trials import TrialState
from models.versions import AgreementVersion, ServiceLevelTarget, Settlement
from states import audit
from states.actions import actions_of
from states.drafts import draft_of
from states.promises import offer_in_words, promise_of
from states.trial_run import counter_offer_of, latest_trial


def counter_offers(session: Session, agreement: Agreement) -> dict[str, CounterOffer]:
    """Return the counter-offers on the table, by target: the trial's, or the revision tasks'."""
    if agreement.stage == Stage.TRIAL_RUN:
        trial = latest_trial(session, agreement)
        offers = {row.target_key: counter_offer_of(row) for row in trial.results} if trial else {}
        return {key: offer for key, offer in offers.items() if offer is not None}
    return {
        action.target_key: CounterOffer(**action.offer)
        for action in actions_of(session, agreement)
        if action.kind == ActionKind.REVISION and action.state == ActionState.OPEN and action.offer
    }


def adopt_counter_offer(
    session: Session, agreement: Agreement, key: str, actor: str, at: datetime
) -> ServiceLevelTarget:
    """Put a target's counter-offer into the draft, and settle its requirements as reduced.

    Raises:
        SlmError: if there is no draft or no counter-offer for this target.
        NotFoundError: if the draft has no such target.
    """
    draft, target = _target(agreement, key)
    offer = counter_offers(session, agreement).get(key)
    if offer is None:
        raise SlmError(f"{agreement.reference}: there is no counter-offer for target {key}")
    before = promise_of(target)
    target.threshold_s, target.objective = offer.threshold_s, offer.objective
    target.accepted_risk = ""
    for requirement in draft.requirements:
        if requirement.target_key == key:
            requirement.settlement = Settlement.REDUCED
            requirement.reason = f"the evidence supports {offer_in_words(offer)}"
    flag_modified(agreement, "title")  # counts the row version up: nobody moves a text they did not see
    session.flush()
    audit.append(
        session,
        agreement,
        "counter-offer adopted",
        actor,
        at,
        target=key,
        before=before,
        now=promise_of(target),
    )
    return target


def accept_risk(
    session: Session, agreement: Agreement, key: str, by: str, reason: str, at: datetime
) -> ServiceLevelTarget:
    """Offer a target that the evidence does not bear out all the same, by name and with the reason.

    Raises:
        SlmError: if there is no draft, no reason is given, or the trial still runs.
        NotFoundError: if the draft has no such target.
    """
    _, target = _target(agreement, key)
    trial = latest_trial(session, agreement)
    if agreement.stage == Stage.TRIAL_RUN and trial is not None and trial.state == TrialState.RUNNING:
        raise SlmError(
            f"{agreement.reference}: the trial still runs: what it shows of {key} is not known yet"
        )
    if not reason.strip():
        raise SlmError(f"to accept the risk of target {key}, give a reason: the agreement will print it")
    target.accepted_risk = f"{reason.strip()} ({by})"
    flag_modified(agreement, "title")  # counts the row version up: nobody moves a text they did not see
    session.flush()
    audit.append(session, agreement, "risk accepted", by, at, target=key, reason=reason.strip())
    return target


def _target(agreement: Agreement, key: str) -> tuple[AgreementVersion, ServiceLevelTarget]:
    draft = draft_of(agreement)
    if draft is None:
        raise SlmError(f"{agreement.reference} has no draft in {agreement.stage.title.lower()}")
    for target in draft.targets:
        if target.key == key:
            return draft, target
    known = ", ".join(target.key for target in draft.targets) or "none"
    raise NotFoundError(f"{agreement.reference}: there is no target {key!r}; there are: {known}")
