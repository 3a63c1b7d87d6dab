"""A trial while it runs: provisional figures, and nothing that could be taken for a verdict."""

import json
from datetime import timedelta

import numpy as np
import pytest
from sqlmodel import Session

from evidence.measured_values import add_values
from levels.survival import provisional_share
from models.agreements import Agreement
from states.trial_status import MOST_AT_RISK, TargetStatus, TrialStatus, trial_status
from states.trial_told import status_told
from states.trial_words import stand_in_words
from tests.states.builders import MONDAY, SOURCE, add_ticket, add_tickets, in_trial, trial_of
from tests.states.other_promises import value

DAY = timedelta(days=1)
VERDICT_WORDS = ("met", "not met", "not enough evidence")


def standing(session: Session, agreement: Agreement, days: int) -> TrialStatus:
    return trial_status(session, agreement, trial_of(session, agreement), MONDAY + days * DAY)


def only(status: TrialStatus) -> TargetStatus:
    (row,) = status.targets
    return row


def test_open_tickets_stay_in_the_provisional_share(session: Session) -> None:
    agreement = in_trial(session)
    add_tickets(session, MONDAY, 10, hours=2)
    add_tickets(session, MONDAY, 3, hours=11)
    add_ticket(session, MONDAY + 2 * DAY, hours=None)
    status = standing(session, agreement, 3)
    row = only(status)
    assert status.days_left == 18
    assert (row.tickets, row.known, row.hits, row.open) == (14, 14, 10, 0)
    assert row.provisional is not None and row.curve is not None
    assert row.provisional.tickets == 14 and row.provisional.ended < 14
    assert row.provisional.share == pytest.approx(10 / 14)


def test_the_band_is_that_of_kaplan_and_meier(session: Session) -> None:
    agreement = in_trial(session)
    add_tickets(session, MONDAY, 20, hours=3)
    add_tickets(session, MONDAY, 4, hours=10)
    row = only(standing(session, agreement, 7))
    seconds, censored = np.repeat([3 * 3600, 10 * 3600], [20, 4]), np.zeros(24, np.bool_)
    assert row.provisional == provisional_share(seconds, censored, 8 * 3600)


def test_open_tickets_are_told_most_at_risk_first_and_few_of_them(session: Session) -> None:
    add_tickets(session, MONDAY - 28 * DAY, 30, hours=2)
    add_tickets(session, MONDAY - 28 * DAY, 15, hours=9)
    agreement = in_trial(session)
    for hour in range(7):
        add_ticket(session, MONDAY + timedelta(hours=hour), hours=None)
    row = only(trial_status(session, agreement, trial_of(session, agreement), MONDAY + timedelta(hours=7)))
    assert row.open == 7 and len(row.at_risk) == MOST_AT_RISK
    chances = [ticket.chance for ticket in row.at_risk]
    assert chances[0] == 1.0 and None not in chances  # after two hours only slow ones were ever open
    assert [ticket.consumed_s for ticket in row.at_risk] == sorted(
        (ticket.consumed_s for ticket in row.at_risk), reverse=True
    )


def test_without_enough_ended_tickets_no_chance_is_told(session: Session) -> None:
    agreement = in_trial(session)
    add_tickets(session, MONDAY, 5)
    add_ticket(session, MONDAY + DAY, hours=None)
    row = only(
        trial_status(session, agreement, trial_of(session, agreement), MONDAY + DAY + timedelta(hours=1))
    )
    assert [ticket.chance for ticket in row.at_risk] == [None]


def test_what_is_still_needed_follows_the_misses(session: Session) -> None:
    agreement = in_trial(session)
    assert only(standing(session, agreement, 0)).still_needed == 29
    add_tickets(session, MONDAY, 10)
    assert only(standing(session, agreement, 7)).still_needed == 19
    add_ticket(session, MONDAY, hours=11)
    assert only(standing(session, agreement, 7)).still_needed == 46 - 11
    add_tickets(session, MONDAY, 60)
    assert only(standing(session, agreement, 14)).still_needed == 0


def test_no_word_of_a_verdict_while_it_runs(session: Session) -> None:
    """Neither when everything was a hit, nor when nothing was."""
    agreement = in_trial(session)
    for hours in (1, 11):
        add_tickets(session, MONDAY, 60, hours=hours)
        told = status_told(standing(session, agreement, 14))
        assert told["figures"] == "provisional"
        values = json.dumps(told).replace("needed", "")
        assert not any(f'"{word}"' in values or f" {word}" in values for word in VERDICT_WORDS)
        assert "verdict" not in values


def test_reports_of_one_outage_are_one_ticket_so_far(session: Session) -> None:
    agreement = in_trial(session)
    add_ticket(session, MONDAY, external_id="OUTAGE", hours=11)
    add_tickets(session, MONDAY, 9, parent="OUTAGE", hours=11)
    row = only(standing(session, agreement, 7))
    assert (row.tickets, row.hits) == (1, 0)


def test_a_conclusion_is_due_from_its_instant_on(session: Session) -> None:
    agreement = in_trial(session)
    closes = trial_of(session, agreement).closes_at
    before = trial_status(session, agreement, trial_of(session, agreement), closes - timedelta(seconds=1))
    due = trial_status(session, agreement, trial_of(session, agreement), closes)
    assert (before.due, due.due) == (False, True)
    assert "has been due since" in stand_in_words(due) and "days of intake left" not in stand_in_words(due)
    assert stand_in_words(before).startswith("the intake is over, concluded from ")


def test_what_is_no_ticket_is_told_by_its_figure(session: Session) -> None:
    add_values(
        session,
        SOURCE,
        [value("cost", MONDAY + DAY, 1_180, unit="EUR"), value("requests", MONDAY + DAY, 9_999, 10_000)],
        int((MONDAY + 2 * DAY).timestamp()),
    )
    agreement = in_trial(
        session,
        targets=[
            {"id": "COST", "indicator": "cost", "bound": 1100, "calendar": "office"},
            {
                "id": "OK",
                "indicator": "ratio",
                "measure": "requests",
                "calendar": "office",
                "objective": "99 %",
            },
        ],
        requirements=[{"text": "It is as good as was said", "settlement": "accepted"}],
    )
    told = {row["target"]: row for row in status_told(standing(session, agreement, 7))["targets"]}
    assert told["COST"]["in_words"] == "1,180 EUR of at most 1,100 EUR"
    assert told["OK"]["in_words"] == "99.99\u00a0% of 10,000 requests"
