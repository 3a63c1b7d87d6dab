"""Renegotiation: a new draft, a task for each failing target, and the ways out: propose, skip, withdraw."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from levels.counter_offers import CounterOffer
from models.actions import ActionKind, ActionState
from models.agreements import Stage
from models.version_words import VersionStatus
from states.actions import actions_of
from states.counter_offers import counter_offers
from states.drafts import draft_of, version_in_force
from states.move import BlockedMoveError, Trigger
from states.target_revisions import accept_risk, adopt_counter_offer
from states.trial_run import latest_trial
from tests.states.builders import (
    MANAGER,
    P2,
    add_ticket,
    add_tickets,
    close_period,
    conclude,
    draft,
    in_renegotiation,
    in_review,
    letters,
    loosened,
    monitored,
    move,
    open_period,
    readers,
    sign_all,
    trial_of,
)

DAY = timedelta(days=1)
P1 = P2 | {"id": "P1", "population": {"priority": "1"}}


def test_a_draft_of_the_next_version_opens_while_the_former_stays_in_force(session: Session) -> None:
    agreement = in_renegotiation(session)
    in_force = version_in_force(agreement)
    assert in_force is not None and in_force.number == 1
    assert (draft(agreement).number, draft(agreement).waiver) == (2, "")
    assert [row.key for row in draft(agreement).targets] == ["P2"]
    assert [row.person.name for row in draft(agreement).signatories] == [
        row.person.name for row in in_force.signatories
    ]


def test_each_failing_target_becomes_a_task_with_its_counter_offer(session: Session) -> None:
    agreement = in_renegotiation(session, targets=[P1, P2])
    (task,) = actions_of(session, agreement)
    assert (task.kind, task.target_key, task.state) == (ActionKind.REVISION, "P2", ActionState.OPEN)
    assert task.title == (
        "Revise P2: 90\u00a0% of priority 2 tickets resolved within 8 h; "
        "the evidence supports 90\u00a0% within 11 h"
    )
    assert task.offer == {"threshold_s": 11 * 3600, "objective": 0.9}
    assert (task.before["hits"], task.before["known"]) == (10, 40)
    assert task.due_at == task.created_at + 14 * DAY
    assert readers(session, "revision_task") == [MANAGER]
    assert "within 11" in letters(session, "revision_task")[0].text


def test_a_target_that_newer_evidence_supports_gets_no_counter_offer(session: Session) -> None:
    """It was missed in the period, but the last twelve weeks bear it out: there is nothing to adopt."""
    agreement = in_review(session, hits=8, misses=2)
    add_tickets(session, agreement.stage_since, 100)
    at = agreement.stage_since + 21 * DAY
    move(session, agreement, Trigger.RENEGOTIATE, at, reason="asked for")
    (task,) = actions_of(session, agreement)
    assert task.offer == {} and "supports" not in task.title
    assert counter_offers(session, agreement) == {}


def test_without_a_failing_target_there_is_a_draft_and_no_task(session: Session) -> None:
    agreement = in_renegotiation(session, hits=40, misses=0)
    assert actions_of(session, agreement) == [] and draft_of(agreement) is not None


def test_an_adopted_counter_offer_is_proposed_tried_and_signed(session: Session) -> None:
    agreement = in_renegotiation(session)
    at = agreement.stage_since + DAY
    adopt_counter_offer(session, agreement, "P2", MANAGER, at)
    move(session, agreement, Trigger.PROPOSE_REVISION, at)
    add_tickets(session, at, 40, hours=10)
    trial = conclude(session, agreement)
    move(session, agreement, Trigger.OFFER, trial.closes_at)
    sign_all(session, agreement, trial.closes_at)
    (task,) = actions_of(session, agreement)
    assert (task.state, task.settlement) == (ActionState.DONE, "settled in version 2")
    assert [row.status for row in agreement.versions] == [VersionStatus.SUPERSEDED, VersionStatus.IN_FORCE]
    assert open_period(session, agreement), "the periods go on"


def test_an_unchanged_draft_is_not_proposed(session: Session) -> None:
    agreement = in_renegotiation(session)
    for trigger in (Trigger.PROPOSE_REVISION, Trigger.SKIP_TRIAL):
        with pytest.raises(BlockedMoveError, match="the draft does not differ from the version in force"):
            move(session, agreement, trigger, agreement.stage_since, reason="all the same")


def test_an_incomplete_draft_is_not_proposed(session: Session) -> None:
    agreement = in_renegotiation(session)
    for requirement in list(draft(agreement).requirements):
        session.delete(requirement)
    session.flush()
    session.expire(draft(agreement))
    with pytest.raises(BlockedMoveError) as refusal:
        move(session, agreement, Trigger.PROPOSE_REVISION, agreement.stage_since)
    assert len(refusal.value.reasons) == 2 and refusal.value.reasons[0] == "no requirement is written down"


def test_earlier_evidence_may_spare_the_trial(session: Session) -> None:
    agreement = in_renegotiation(session)
    adopt_counter_offer(session, agreement, "P2", MANAGER, agreement.stage_since)
    move(session, agreement, Trigger.SKIP_TRIAL, agreement.stage_since)
    assert agreement.stage == Stage.SIGNING
    assert latest_trial(session, agreement) is None
    waiver = agreement.versions[-1].waiver
    assert waiver == "Supported by the evidence of the 12 weeks before 2026-04-01"


def quick_ones_only(session: Session, at: datetime) -> datetime:
    """Of 60 tickets opened a little ago, the 30 quick ones are known and the 30 slow ones are not yet."""
    for minute in range(30):
        add_ticket(session, at + timedelta(minutes=minute), hours=0.1)
        add_ticket(session, at + timedelta(minutes=minute), hours=None)
    return at + timedelta(hours=1)


def test_evidence_too_young_to_judge_does_not_spare_the_trial(session: Session) -> None:
    agreement = loosened(session, in_renegotiation(session, hits=0, misses=0), hours=7)
    at = quick_ones_only(session, agreement.stage_since.replace(day=9, hour=8))
    with pytest.raises(BlockedMoveError, match="target P2: not enough evidence on the last 12 weeks"):
        move(session, agreement, Trigger.SKIP_TRIAL, at)


def test_tickets_just_opened_do_not_loosen_the_counter_offer(session: Session) -> None:
    agreement = in_review(session)
    at = quick_ones_only(session, agreement.stage_since.replace(day=9, hour=8))
    move(session, agreement, Trigger.RENEGOTIATE, at, reason="asked for")
    assert counter_offers(session, agreement)["P2"] == CounterOffer(11 * 3600, 0.9)


def test_a_withdrawal_drops_the_draft_and_its_tasks(session: Session) -> None:
    agreement = in_renegotiation(session)
    abandoned = draft(agreement)
    move(session, agreement, Trigger.WITHDRAW, agreement.stage_since, reason="it was a bad month")
    assert agreement.stage == Stage.MONITORING
    assert abandoned.status == VersionStatus.ABANDONED and draft_of(agreement) is None
    (task,) = actions_of(session, agreement)
    assert (task.state, task.settlement) == (ActionState.DROPPED, "withdrawn: it was a bad month")
    in_force = version_in_force(agreement)
    assert in_force is not None and in_force.number == 1


def test_after_a_withdrawal_the_next_draft_has_a_number_of_its_own(session: Session) -> None:
    agreement = in_renegotiation(session)
    move(session, agreement, Trigger.WITHDRAW, agreement.stage_since, reason="not now")
    period = close_period(session, agreement)
    move(session, agreement, Trigger.BEGIN_REVIEW, period.closes_at)
    move(session, agreement, Trigger.RENEGOTIATE, period.closes_at, reason="now")
    assert draft(agreement).number == 3


def test_a_rework_of_a_later_version_goes_back_to_renegotiation(session: Session) -> None:
    agreement = loosened(session, in_renegotiation(session))
    move(session, agreement, Trigger.PROPOSE_REVISION, agreement.stage_since)
    first = trial_of(session, agreement)
    move(session, agreement, Trigger.REWORK, agreement.stage_since, reason="one more target")
    assert agreement.stage == Stage.RENEGOTIATION and draft(agreement).number == 2
    assert latest_trial(session, agreement) is None and first.version_id == draft(agreement).id
    assert [row.state for row in actions_of(session, agreement)] == [ActionState.OPEN]


def test_an_accepted_risk_is_not_carried_into_the_next_version(session: Session) -> None:
    agreement = in_renegotiation(session)
    accept_risk(session, agreement, "P2", MANAGER, "we hope", agreement.stage_since)
    loosened(session, agreement)
    move(session, agreement, Trigger.SKIP_TRIAL, agreement.stage_since, reason="agreed")
    move(session, agreement, Trigger.REWORK, agreement.stage_since, reason="a slip")
    assert draft(agreement).number == 3 and draft(agreement).targets[0].accepted_risk == ""


def test_there_is_nothing_to_renegotiate_before_a_review(session: Session) -> None:
    assert draft_of(monitored(session)) is None
