"""Actions: from a finding to its measured effect, and a letter when one is overdue."""

from datetime import timedelta

from sqlmodel import Session

from models.actions import Action, ActionState
from models.agreements import Agreement
from models.assessments import ServicePeriod
from states.actions import actions_of, overdue_actions, remind_owner
from states.move import Trigger
from tests.states.builders import (
    MANAGER,
    add_tickets,
    close_period,
    in_renegotiation,
    in_review,
    letters,
    loosened,
    move,
    open_period,
    readers,
    sign_all,
)

DAY = timedelta(days=1)


def improving(session: Session) -> tuple[Agreement, Action]:
    """Renewed all the same: an improvement is open, and the second period runs."""
    agreement = in_review(session)
    move(session, agreement, Trigger.RENEW, agreement.stage_since)
    (action,) = actions_of(session, agreement)
    return agreement, action


def served(session: Session, agreement: Agreement, hits: int, misses: int) -> ServicePeriod:
    """Close the open period after so many hits and misses in it."""
    start = open_period(session, agreement).starts_at + 3 * DAY
    add_tickets(session, start, hits)
    add_tickets(session, start, misses, hours=9)
    return close_period(session, agreement)


def test_an_improvement_is_measured_in_every_period_until_the_promise_is_kept(session: Session) -> None:
    agreement, action = improving(session)
    served(session, agreement, hits=5, misses=5)
    assert (action.effect["hits"], action.effect["known"], action.state) == (5, 10, ActionState.OPEN)
    period = served(session, agreement, hits=9, misses=1)
    assert (action.effect["hits"], action.effect["known"]) == (9, 10)
    assert action.effect["from"] == period.starts_at.isoformat()
    assert (action.state, action.settlement) == (ActionState.DONE, "as promised again")
    assert action.settled_at == period.closes_at


def test_what_was_before_and_what_is_now_can_be_compared(session: Session) -> None:
    agreement, action = improving(session)
    served(session, agreement, hits=9, misses=1)
    assert (action.before["hits"], action.before["known"]) == (10, 40)
    assert action.effect["objective"] == action.before["objective"] == 0.9


def test_a_period_without_tickets_proves_no_improvement(session: Session) -> None:
    agreement, action = improving(session)
    served(session, agreement, hits=0, misses=0)
    assert (action.effect["known"], action.state) == (0, ActionState.OPEN)


def test_a_settled_improvement_is_not_measured_again(session: Session) -> None:
    agreement, action = improving(session)
    served(session, agreement, hits=9, misses=1)
    before = action.effect
    served(session, agreement, hits=1, misses=9)
    assert action.effect == before


def test_a_revision_is_measured_by_the_first_period_under_the_new_version(session: Session) -> None:
    agreement = loosened(session, in_renegotiation(session))
    (task,) = actions_of(session, agreement)
    at = agreement.stage_since.replace(day=15)
    move(session, agreement, Trigger.SKIP_TRIAL, at, reason="agreed")
    sign_all(session, agreement, at)
    add_tickets(session, at - 7 * DAY, 10, hours=11)  # misses of version 1
    add_tickets(session, at + DAY, 4, hours=11)  # hits of version 2
    close_period(session, agreement)
    assert (task.state, task.effect["hits"], task.effect["known"]) == (ActionState.DONE, 4, 4)
    assert task.effect["from"] == at.isoformat()
    served(session, agreement, hits=7, misses=0)
    assert task.effect["known"] == 4, "the effect is that of the first period"


def test_a_dropped_revision_has_no_effect(session: Session) -> None:
    agreement = in_renegotiation(session)
    move(session, agreement, Trigger.WITHDRAW, agreement.stage_since, reason="not now")
    served(session, agreement, hits=9, misses=1)
    (task,) = actions_of(session, agreement)
    assert (task.state, task.effect) == (ActionState.DROPPED, {})


def test_the_owner_is_told_once_that_an_action_is_overdue(session: Session) -> None:
    agreement, action = improving(session)
    due = action.created_at + 14 * DAY
    assert session.exec(overdue_actions(due - timedelta(seconds=1))).all() == []
    assert session.exec(overdue_actions(due)).all() == [action]
    remind_owner(session, action, due)
    assert readers(session, "revision_overdue") == [MANAGER]
    assert action.title in letters(session, "revision_overdue")[0].text
    assert session.exec(overdue_actions(due + 30 * DAY)).all() == []
    assert agreement.owner.name == MANAGER


def test_the_end_drops_what_is_open(session: Session) -> None:
    agreement, action = improving(session)
    move(session, agreement, Trigger.END, agreement.stage_since, reason="the harbour closed")
    assert (action.state, action.settlement) == (
        ActionState.DROPPED,
        "the agreement ended: the harbour closed",
    )
    assert session.exec(overdue_actions(action.due_at)).all() == []
