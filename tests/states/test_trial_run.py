"""The trial run: planned, waited for, judged as of what was known, and what follows from its verdicts."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from config.errors import BadInputError, NotFoundError, SlmError
from levels.verdicts import Verdict
from models.agreements import Stage
from models.trials import TrialState
from models.version_words import Settlement
from states.counter_offers import counter_offers
from states.lifecycle import blockers
from states.move import BlockedMoveError, Trigger
from states.target_revisions import accept_risk, adopt_counter_offer
from states.trial_offer import supports
from states.trial_run import latest_trial, trials_due
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
    rewrite,
    trial_of,
    written,
)

DAY = timedelta(days=1)
P1 = P2 | {"id": "P1", "population": {"priority": "1"}, "threshold": "4 h"}


def test_the_plan_is_fixed_when_the_trial_opens(session: Session) -> None:
    agreement = written(session)
    add_tickets(session, MONDAY - timedelta(weeks=4) + timedelta(hours=1), 40)
    add_ticket(session, MONDAY - timedelta(weeks=12, seconds=1))  # before the weeks looked at
    add_ticket(session, MONDAY - DAY, priority="1")  # another population
    add_ticket(session, MONDAY)  # opened as the trial opens: evidence, not expectation
    move(session, agreement, Trigger.START_TRIAL, MONDAY)
    trial = trial_of(session, agreement)
    (result,) = trial.results
    assert (trial.starts_at, trial.ends_at) == (MONDAY, MONDAY + 21 * DAY)
    assert trial.confidence == 0.95
    assert (result.tickets_needed, result.tickets_expected) == (29, 10.0)  # 40 in twelve weeks
    assert (result.threshold_s, result.objective, result.verdict) == (8 * 3600, 0.9, None)
    (letter, _) = letters(session, "trial_opened")
    assert "29" in letter.text and "with about 10 tickets" in " ".join(letter.text.split())


def test_the_wait_is_one_threshold_of_calendar_time(session: Session) -> None:
    trial = trial_of(session, in_trial(session))
    assert trial.ends_at == datetime(2026, 3, 23, 9, tzinfo=UTC)  # a Monday, an hour after opening
    assert trial.closes_at == datetime(2026, 3, 23, 17, tzinfo=UTC)


def test_the_wait_follows_the_slowest_target(session: Session) -> None:
    slow = P2 | {"id": "P3", "threshold": "25 h"}
    trial = trial_of(session, in_trial(session, targets=[P2, slow]))
    assert trial.closes_at == datetime(2026, 3, 25, 14, tzinfo=UTC)


@pytest.mark.parametrize("threshold", ["200 h", "1000 h", "8000 h"])
def test_the_wait_has_an_end_however_long_the_threshold(session: Session, threshold: str) -> None:
    trial = trial_of(session, in_trial(session, targets=[P2 | {"threshold": threshold}]))
    assert trial.closes_at == min(trial.ends_at + 28 * DAY, trial.closes_at)
    assert trial.closes_at - trial.ends_at >= 27 * DAY


def test_a_trial_is_due_when_its_wait_is_over_and_not_before(session: Session) -> None:
    trial = trial_of(session, in_trial(session))
    assert list(session.exec(trials_due(trial.closes_at - timedelta(seconds=1)))) == []
    assert list(session.exec(trials_due(trial.closes_at))) == [trial]


def test_tickets_of_the_intake_count_and_no_others(session: Session) -> None:
    agreement = in_trial(session)
    trial = trial_of(session, agreement)
    add_ticket(session, MONDAY - timedelta(seconds=1))
    add_ticket(session, trial.starts_at)
    add_ticket(session, trial.ends_at - timedelta(seconds=1))
    add_ticket(session, trial.ends_at)
    add_ticket(session, MONDAY + DAY, customer="Somebody else")
    add_ticket(session, MONDAY + DAY, source="another feed")
    add_ticket(session, MONDAY + DAY, priority="1")
    (result,) = conclude(session, agreement).results
    assert (result.known, result.hits, result.undecided) == (2, 2, 0)


def test_a_ticket_still_open_past_its_threshold_is_a_known_miss(session: Session) -> None:
    agreement = in_trial(session)
    trial = trial_of(session, agreement)
    add_ticket(session, trial.ends_at - timedelta(seconds=1), hours=None)
    add_tickets(session, MONDAY, 9)
    (result,) = conclude(session, agreement).results
    assert (result.known, result.hits, result.undecided) == (10, 9, 0)


def test_what_was_recorded_later_does_not_exist_yet(session: Session) -> None:
    agreement = in_trial(session)
    trial = trial_of(session, agreement)
    add_tickets(session, MONDAY, 30)
    add_ticket(session, MONDAY + DAY, hours=1, known_late=60 * DAY)  # told two months after
    (result,) = conclude(session, agreement, trial.closes_at).results
    assert (result.known, result.hits) == (30, 30)


def test_enough_hits_are_met_and_can_be_offered(session: Session) -> None:
    agreement = in_trial(session)
    add_tickets(session, MONDAY, 40)
    trial = conclude(session, agreement)
    (result,) = trial.results
    assert (trial.state, trial.concluded_at) == (TrialState.CONCLUDED, trial.closes_at)
    assert (result.verdict, result.known, result.hits) == (Verdict.MET, 40, 40)
    assert result.lower == pytest.approx(0.05 ** (1 / 40))
    assert (result.counter_threshold_s, result.counter_objective) == (None, None)
    assert result.inputs_sha256 is not None and len(result.inputs_sha256) == 64
    assert [letter.to_name for letter in letters(session, "trial_concluded")] == [MANAGER]
    move(session, agreement, Trigger.OFFER, trial.closes_at)
    assert agreement.stage == Stage.SIGNING and offer(agreement).sha256


def test_too_few_tickets_are_not_enough_evidence(session: Session) -> None:
    agreement = in_trial(session)
    add_tickets(session, MONDAY, 5)
    conclude(session, agreement)
    found = blockers(session, agreement, Trigger.OFFER, MANAGER, MONDAY)[1]
    assert found[0].startswith("target P2: not enough evidence; ")


def test_no_ticket_at_all_supports_nothing(session: Session) -> None:
    agreement = in_trial(session)
    (result,) = conclude(session, agreement).results
    assert (result.known, result.verdict, result.counter_objective) == (0, Verdict.NOT_ENOUGH, None)
    assert blockers(session, agreement, Trigger.OFFER, MANAGER, MONDAY)[1] == [
        "target P2: not enough evidence; rework, or accept the risk by name"
    ]


def test_an_impossible_target_gets_a_counter_offer_that_can_be_adopted(session: Session) -> None:
    agreement = in_trial(session)
    add_tickets(session, MONDAY, 40, hours=11)
    at = conclude(session, agreement).closes_at
    with pytest.raises(BlockedMoveError, match=r"P2: not met; adopt the counter-offer \(90.% within 11 h\)"):
        move(session, agreement, Trigger.OFFER, at)

    target = adopt_counter_offer(session, agreement, "P2", MANAGER, at)

    assert (target.threshold_s, target.objective) == (11 * 3600, 0.9)
    (requirement,) = draft(agreement).requirements
    assert requirement.settlement == Settlement.REDUCED
    assert requirement.reason == "the evidence supports 90\u00a0% within 11 h"
    assert move(session, agreement, Trigger.OFFER, at).stage == Stage.SIGNING


def test_adopting_leaves_a_dropped_requirement_dropped_and_keeps_what_people_said(session: Session) -> None:
    stated = [
        {"text": "Nights", "target": "P2", "settlement": "dropped", "reason": "nobody works at night"},
        {"text": "Days", "target": "P2", "settlement": "accepted", "reason": "to be shown"},
    ]
    agreement = in_trial(session, requirements=stated)
    add_tickets(session, MONDAY, 40, hours=11)
    adopt_counter_offer(session, agreement, "P2", MANAGER, conclude(session, agreement).closes_at)
    dropped, reduced = draft(agreement).requirements
    assert (dropped.settlement, dropped.reason) == (Settlement.DROPPED, "nobody works at night")
    assert dropped.conversation == []
    assert reduced.settlement == Settlement.REDUCED
    assert reduced.reason == "to be shown; the evidence supports 90\u00a0% within 11 h"
    assert (reduced.conversation[-1]["act"], reduced.conversation[-1]["by"]) == ("reduced", MANAGER)


def test_a_risk_is_accepted_by_name_and_printed(session: Session) -> None:
    agreement = in_trial(session)
    at = conclude(session, agreement).closes_at
    with pytest.raises(SlmError, match="to accept the risk of target P2, give a reason"):
        accept_risk(session, agreement, "P2", MANAGER, "  ", at)
    accept_risk(session, agreement, "P2", MANAGER, " the desk is new ", at)
    move(session, agreement, Trigger.OFFER, at)
    assert offer(agreement).targets[0].accepted_risk == f"the desk is new ({MANAGER})"
    assert all("the desk is new" in letter.text for letter in letters(session, "approval_request"))


def test_each_target_has_its_own_verdict(session: Session) -> None:
    agreement = in_trial(session, targets=[P1, P2])
    add_tickets(session, MONDAY, 40, priority="2")
    add_tickets(session, MONDAY, 40, priority="1", hours=7)
    conclude(session, agreement)
    assert list(counter_offers(session, agreement)) == ["P1"]
    (reason,) = blockers(session, agreement, Trigger.OFFER, MANAGER, MONDAY)[1]
    assert reason.startswith("target P1: not met")


def test_a_target_or_a_counter_offer_that_is_not_there_is_refused(session: Session) -> None:
    agreement = in_trial(session)
    with pytest.raises(SlmError, match="SLA-1: there is no counter-offer for target P2"):
        adopt_counter_offer(session, agreement, "P2", MANAGER, MONDAY)
    with pytest.raises(NotFoundError, match="SLA-1: there is no target 'P9'; there are: P2"):
        accept_risk(session, agreement, "P9", MANAGER, "why not", MONDAY)


def test_looser_than_shown_is_supported_and_stricter_is_not(session: Session) -> None:
    agreement = in_trial(session)
    add_tickets(session, MONDAY, 40)
    (result,) = conclude(session, agreement).results
    assert supports(result, 8 * 3600, 0.9) and supports(result, 9 * 3600, 0.8)
    assert not supports(result, 8 * 3600 - 1, 0.9) and not supports(result, 8 * 3600, 0.91)


def test_an_extension_moves_the_end_the_wait_and_what_to_expect(session: Session) -> None:
    agreement = written(session)
    add_tickets(session, MONDAY - timedelta(weeks=3), 28)
    move(session, agreement, Trigger.START_TRIAL, MONDAY)
    trial = trial_of(session, agreement)
    later = trial.ends_at + 21 * DAY
    move(session, agreement, Trigger.EXTEND_TRIAL, MONDAY + DAY, until=later)
    assert (trial.ends_at, trial.closes_at) == (later, later + timedelta(hours=8))
    assert trial.results[0].tickets_expected == 56.0
    assert agreement.stage == Stage.TRIAL_RUN


def test_an_extension_must_be_later_and_come_before_the_figures_are_known(session: Session) -> None:
    agreement = in_trial(session)
    trial = trial_of(session, agreement)
    with pytest.raises(BlockedMoveError, match="the new end is not given"):
        move(session, agreement, Trigger.EXTEND_TRIAL, MONDAY)
    with pytest.raises(BlockedMoveError, match="later than the present one, 2026-03-23 09:00 UTC"):
        move(session, agreement, Trigger.EXTEND_TRIAL, MONDAY, until=trial.ends_at)
    with pytest.raises(BlockedMoveError, match="looking twice would flatter them"):
        move(session, agreement, Trigger.EXTEND_TRIAL, trial.ends_at, until=trial.ends_at + DAY)
    with pytest.raises(BadInputError, match="has no time zone"):
        move(session, agreement, Trigger.EXTEND_TRIAL, MONDAY, until=datetime(2026, 5, 1))
    conclude(session, agreement)
    with pytest.raises(BlockedMoveError, match="only one look was planned: start a new trial by reworking"):
        move(session, agreement, Trigger.EXTEND_TRIAL, trial.ends_at, until=trial.ends_at + DAY)


def test_a_reworked_draft_has_had_no_trial(session: Session) -> None:
    agreement = in_trial(session)
    first = trial_of(session, agreement)
    move(session, agreement, Trigger.REWORK, MONDAY + DAY, reason="one target more")
    assert first.state == TrialState.ABANDONED and latest_trial(session, agreement) is None
    rewrite(session, targets=[P1, P2])
    move(session, agreement, Trigger.START_TRIAL, MONDAY + 2 * DAY)
    assert trial_of(session, agreement) is not first
    assert [row.target_key for row in trial_of(session, agreement).results] == ["P1", "P2"]


def test_what_is_on_trial_cannot_be_rewritten(session: Session) -> None:
    """Or the figures of one promise would be recorded for another."""
    agreement = in_trial(session)
    with pytest.raises(SlmError, match="SLA-1 is in trial run: rework it before its draft is rewritten"):
        rewrite(session, targets=[P2 | {"threshold": "40 h"}])
    conclude(session, agreement)
    with pytest.raises(SlmError, match="SLA-1 is in trial run"):
        rewrite(session, targets=[P2 | {"population": {}}])
