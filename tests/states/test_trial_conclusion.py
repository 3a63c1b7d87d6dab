"""The conclusion: outages counted once, conditions, misses, choices, further looks, and the printed text."""

import json
from datetime import timedelta

import pytest
from sqlmodel import Session

from config.errors import SlmError
from evidence.accounts import Counting
from levels.trial_plans import confidence_of_looks
from levels.verdicts import Verdict
from models.agreements import Agreement, Stage
from models.trials import TrialState
from states.lifecycle import blockers
from states.move import BlockedMoveError, Trigger
from states.target_revisions import accept_risk, adopt_condition, adopt_counter_offer, unadoptable
from states.trial_conclusion import conclude_now
from states.trial_misses import misses_of
from states.trial_run import trials_due
from states.trial_words import result_in_words, tried_in_words
from tests.states.builders import (
    MANAGER,
    MONDAY,
    P2,
    add_ticket,
    add_tickets,
    conclude,
    draft,
    in_trial,
    letters,
    move,
    offer,
    trial_of,
)

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def slow_mondays(session: Session) -> Agreement:
    """Twelve weeks in which the tickets of Mondays take ten hours and all others one."""
    agreement = in_trial(session, trial_days=84)
    for week in range(12):
        for weekday in range(5):
            opened = MONDAY + timedelta(days=7 * week + weekday)
            for number in range(5):
                hours = 10 if weekday == 0 else 1
                add_ticket(session, opened + number * HOUR, hours=hours)
    return agreement


def test_a_trial_is_concluded_by_hand_when_it_is_due_and_not_before(session: Session) -> None:
    agreement = in_trial(session)
    trial = trial_of(session, agreement)
    with pytest.raises(SlmError, match="can be concluded from 2026-03-23 17:00 UTC on"):
        conclude_now(session, agreement, MANAGER, trial.closes_at - HOUR)
    assert trial.state == TrialState.RUNNING
    assert conclude_now(session, agreement, MANAGER, trial.closes_at).state == TrialState.CONCLUDED
    with pytest.raises(SlmError, match="no trial is running"):
        conclude_now(session, agreement, MANAGER, trial.closes_at)


def test_thirty_reports_of_one_outage_are_one_miss(session: Session) -> None:
    agreement = in_trial(session)
    add_ticket(session, MONDAY, external_id="OUTAGE", hours=11)
    add_tickets(session, MONDAY, 30, parent="OUTAGE", hours=11)
    add_tickets(session, MONDAY, 60)
    (result,) = conclude(session, agreement).results
    assert (result.known, result.hits, result.verdict) == (61, 60, Verdict.MET)


def test_thirty_quick_reports_of_one_outage_prove_nothing(session: Session) -> None:
    agreement = in_trial(session)
    add_ticket(session, MONDAY, external_id="OUTAGE")
    add_tickets(session, MONDAY, 30, parent="OUTAGE")
    (result,) = conclude(session, agreement).results
    assert (result.known, result.hits, result.verdict) == (1, 1, Verdict.NOT_ENOUGH)


def test_slow_mondays_are_named_as_the_condition(session: Session) -> None:
    agreement = slow_mondays(session)
    (result,) = conclude(session, agreement).results
    assert result.verdict == Verdict.NOT_MET
    assert result.condition["sentence"] == "as stated Tuesday to Friday; 10 h on Mondays"
    assert (result.condition["column"], result.condition["value"]) == ("weekday", "Monday")
    (letter,) = letters(session, "trial_concluded")
    assert "as stated Tuesday to Friday; 10 h on Mondays" in letter.text
    at = trial_of(session, agreement).closes_at
    rest, part = adopt_condition(session, agreement, "P2", MANAGER, at)
    assert (rest.weekdays, part.weekdays) == (["tue", "wed", "thu", "fri", "sat", "sun"], ["mon"])
    assert (part.key, part.threshold_s) == ("P2-Monday", 10 * 3600)
    assert len(misses_of(session, agreement, trial_of(session, agreement), at)["P2"]) == 60
    assert blockers(session, agreement, Trigger.OFFER, MANAGER, at)[1] == []


def test_a_category_set_apart_splits_the_target_in_two(session: Session) -> None:
    agreement = in_trial(session, trial_days=42)
    add_tickets(session, MONDAY, 60, category="Mail")
    add_tickets(session, MONDAY, 60, category="Wide network", hours=20)
    at = conclude(session, agreement).closes_at
    assert trial_of(session, agreement).results[0].condition["sentence"] == (
        "as stated elsewhere; 20 h in category Wide network"
    )
    rest, part = adopt_condition(session, agreement, "P2", MANAGER, at)
    assert (rest.key, rest.population) == ("P2", {"priority": "2", "category": "Mail"})
    assert (part.key, part.population["category"]) == ("P2-Wide-network", "Wide network")
    assert (rest.threshold_s, part.threshold_s) == (8 * 3600, 20 * 3600)
    assert draft(agreement).requirements[0].reason.endswith("20 h in category Wide network")
    with pytest.raises(SlmError, match="no condition to adopt"):
        adopt_condition(session, agreement, "P2", MANAGER, at)
    assert misses_of(session, agreement, trial_of(session, agreement), at)["P2"]
    move(session, agreement, Trigger.OFFER, at)
    assert [row.key for row in offer(agreement).targets] == ["P2", "P2-Wide-network"]
    assert "condition adopted" in trial_of(session, agreement).results[0].choice


def test_one_category_of_several_cannot_be_split_off_by_a_population(session: Session) -> None:
    agreement = in_trial(session, trial_days=42)
    for name, hours in (("Mail", 1), ("Print", 1), ("Network", 20)):
        add_tickets(session, MONDAY, 50, category=name, hours=hours)
    at = conclude(session, agreement).closes_at
    with pytest.raises(SlmError, match="names one category, not all but Network"):
        adopt_condition(session, agreement, "P2", MANAGER, at)


def test_misses_are_listed_with_what_became_of_their_time(session: Session) -> None:
    agreement = in_trial(session)
    add_tickets(session, MONDAY, 20)
    add_ticket(session, MONDAY, external_id="SLOW", hours=15)
    add_ticket(session, MONDAY, external_id="CHILD", parent="SLOW", hours=9)
    trial = conclude(session, agreement)
    slow, child = misses_of(session, agreement, trial, trial.closes_at)["P2"]
    assert (slow.external_id, slow.consumed_s, slow.incident) == ("SLOW", 15 * 3600, "SLOW")
    assert (child.external_id, child.incident) == ("CHILD", "SLOW")
    assert slow.totals_s[Counting.RUNNING] == 15 * 3600 and slow.total("outside hours") == 14 * 3600


def test_misses_stay_those_of_the_promise_that_was_tried(session: Session) -> None:
    agreement = in_trial(session)
    add_tickets(session, MONDAY, 40, hours=11)
    trial = conclude(session, agreement)
    adopt_counter_offer(session, agreement, "P2", MANAGER, trial.closes_at)
    assert len(misses_of(session, agreement, trial, trial.closes_at)["P2"]) == 40


def test_the_choice_is_printed_in_the_text_that_is_signed(session: Session) -> None:
    agreement = in_trial(session)
    add_tickets(session, MONDAY, 40, hours=11)
    at = conclude(session, agreement).closes_at
    adopt_counter_offer(session, agreement, "P2", MANAGER, at)
    move(session, agreement, Trigger.OFFER, at)
    trial = json.loads(offer(agreement).canonical or "")["trial"]
    (row,) = trial["results"]
    assert tried_in_words(trial) == (
        "Tried from 2 March 2026 to 23 March 2026, every bound at 95\u00a0% confidence"
    )
    assert result_in_words(row) == (
        "0 of 40 (bounds 0\u00a0% to 7.2\u00a0%): not met; counter-offer adopted: 90\u00a0% within 11 h"
    )
    assert (row["threshold_s"], row["counter_threshold_s"]) == (8 * 3600, 11 * 3600)


def test_an_accepted_risk_and_a_rework_are_choices_too(session: Session) -> None:
    agreement = in_trial(session, targets=[P2, P2 | {"id": "P1", "population": {"priority": "1"}}])
    trial = conclude(session, agreement)
    accept_risk(session, agreement, "P2", MANAGER, "more staff in May", trial.closes_at)
    move(session, agreement, Trigger.REWORK, trial.closes_at, reason="P1 goes")
    choices = {row.target_key: row.choice for row in trial.results}
    assert choices == {"P2": f"risk accepted by {MANAGER}: more staff in May", "P1": "reworked: P1 goes"}


def test_a_planned_look_reopens_the_trial_at_the_confidence_it_was_given(session: Session) -> None:
    agreement = in_trial(session, trial_looks=2)
    trial = trial_of(session, agreement)
    add_tickets(session, MONDAY, 20)
    closed = conclude(session, agreement).closes_at
    assert trial.confidence == confidence_of_looks(0.95, 2)
    assert trial.results[0].verdict == Verdict.NOT_ENOUGH
    with pytest.raises(BlockedMoveError, match="the new end lies in the past"):
        move(session, agreement, Trigger.EXTEND_TRIAL, closed, until=closed - HOUR)
    later = closed + 21 * DAY
    move(session, agreement, Trigger.EXTEND_TRIAL, closed, until=later)
    (result,) = trial.results
    assert (trial.state, trial.ends_at, result.verdict) == (TrialState.RUNNING, later, None)
    assert result.choice == "extended to 13 April 2026 after look 1 (20 of 20, not enough evidence)"
    assert blockers(session, agreement, Trigger.OFFER, MANAGER, closed)[1][0].startswith(
        "the trial is not conc"
    )

    add_tickets(session, closed, 40)
    assert list(session.exec(trials_due(trial.closes_at))) == [trial]
    conclude(session, agreement)
    assert (result.verdict, result.known, trial.looks_taken) == (Verdict.MET, 60, 2)
    assert len(letters(session, "trial_concluded")) == 2
    with pytest.raises(BlockedMoveError, match="every target is decided"):
        move(session, agreement, Trigger.EXTEND_TRIAL, trial.closes_at, until=later + 40 * DAY)


def test_what_a_look_has_decided_stays_decided(session: Session) -> None:
    agreement = in_trial(
        session, trial_looks=2, targets=[P2, P2 | {"id": "P1", "population": {"priority": "1"}}]
    )
    add_tickets(session, MONDAY, 60)
    add_tickets(session, MONDAY, 5, priority="1")
    trial = conclude(session, agreement)
    first = {row.target_key: (row.verdict, row.known) for row in trial.results}
    assert first == {"P2": (Verdict.MET, 60), "P1": (Verdict.NOT_ENOUGH, 5)}
    closed = trial.closes_at
    move(session, agreement, Trigger.EXTEND_TRIAL, closed, until=closed + 21 * DAY)
    add_tickets(session, closed, 60, hours=11)
    add_tickets(session, closed, 60, priority="1")
    conclude(session, agreement)
    second = {row.target_key: (row.verdict, row.known) for row in trial.results}
    assert second == {"P2": (Verdict.MET, 60), "P1": (Verdict.MET, 65)}


def test_a_promise_that_was_settled_after_a_look_is_not_looked_at_again(session: Session) -> None:
    agreement = in_trial(session, trial_looks=2)
    closed = conclude(session, agreement).closes_at
    accept_risk(session, agreement, "P2", MANAGER, "known well", closed)
    with pytest.raises(BlockedMoveError, match="target P2 was settled after the look"):
        move(session, agreement, Trigger.EXTEND_TRIAL, closed, until=closed + 9 * DAY)
    assert agreement.stage == Stage.TRIAL_RUN


def test_a_group_is_shown_and_cannot_be_split_off() -> None:
    condition = {"column": "group", "others": ["Desk"], "value": "Field", "sentence": "as stated elsewhere"}
    assert "population cannot name a group" in unadoptable(condition)
