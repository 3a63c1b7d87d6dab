"""Renegotiation: a new draft, a revision task for each failing target, and the ways out of it."""

from datetime import timedelta

from config.policy import policy
from levels.counter_offers import CounterOffer
from models.actions import ActionKind, ActionState
from models.agreements import Agreement
from models.reviews import ReviewDecision
from models.version_words import VersionStatus
from states import actions, requirements, review
from states.calendars import settled_until
from states.drafts import copy_as_draft, differences, draft_of, version_in_force
from states.measures import measure_targets
from states.move import Move
from states.promises import offer_in_words, promise_of
from states.term_blockers import term_blockers

_WEEKS_OF_EVIDENCE = 12


def open_renegotiation(move: Move) -> None:
    """Effect of `renegotiate`: a draft of the next version and a revision task for each failing target."""
    pack = review.record_decision(move, ReviewDecision.RENEGOTIATE)
    in_force = version_in_force(move.agreement)
    assert in_force is not None, "an agreement under review has a version in force"
    draft = copy_as_draft(move.session, in_force, move.at)
    failing = {row["key"]: row for row in pack.figures["delivered"] if not row["kept"]}
    targets = [target for target in draft.targets if target.key in failing]
    figures = measure_targets(
        move.session,
        move.agreement,
        targets,
        move.at - timedelta(weeks=_WEEKS_OF_EVIDENCE),
        settled_until(draft, move.at, policy().trial.longest_wait_days),
        move.at,
        policy().verdicts.confidence,
    )
    for measured in figures:
        offer = measured.counter_offer(policy().verdicts.confidence, policy().verdicts.counter_offer_floor)
        if offer == CounterOffer(measured.target.threshold_s, measured.target.objective):
            offer = None  # the newest evidence supports the target as it stands
        key = measured.target.key
        actions.open_action(
            move,
            ActionKind.REVISION,
            key,
            f"Revise {key}: {promise_of(measured.target)}"
            + (f"; the evidence supports {offer_in_words(offer)}" if offer else ""),
            offer={"threshold_s": offer.threshold_s, "objective": offer.objective} if offer else {},
            before=failing[key],
            tell=True,
        )


def proposal_blockers(move: Move) -> list[str]:
    """Gate of `propose_revision`: the draft is complete and differs from the version in force."""
    draft, in_force = draft_of(move.agreement), version_in_force(move.agreement)
    if draft is None or in_force is None:
        return ["there is no draft to propose"]
    blockers = requirements.incomplete(move.agreement, draft) + term_blockers(draft, move.at)
    if not differences(in_force, draft):
        blockers.append(
            "the draft does not differ from the version in force: adopt a counter-offer, or withdraw"
        )
    return blockers


def withdraw(move: Move) -> None:
    """Effect of `withdraw`: the draft is abandoned, and its revision tasks are dropped."""
    abandon_draft(move.agreement)
    actions.settle_all(
        move.session,
        move.agreement,
        ActionKind.REVISION,
        move.at,
        f"withdrawn: {move.reason}",
        state=ActionState.DROPPED,
    )


def abandon_draft(agreement: Agreement) -> None:
    """Give up the draft, if there is one."""
    draft = draft_of(agreement)
    if draft is not None:
        draft.status = VersionStatus.ABANDONED
