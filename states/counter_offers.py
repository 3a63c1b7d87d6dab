"""The counter-offers on the table: what the evidence supports in place of targets that it does not."""

from sqlmodel import Session

from levels.counter_offers import CounterOffer
from models.actions import ActionKind, ActionState
from models.agreements import Agreement, Stage
from states.actions import actions_of
from states.trial_offer import counter_offer_of
from states.trial_run import latest_trial


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
