"""What a trial may expect: arrivals over the time that the evidence covers, and only of what counts."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from evidence.measured_values import add_values
from states.trial_plan import TargetPlan, plan_trial
from states.trial_told import plan_told
from states.trial_words import outlook_in_words
from tests.states.builders import MONDAY, P2, SOURCE, add_tickets, draft, written
from tests.states.other_promises import value

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
SETTLED = [{"text": "It is as good as was said", "settlement": "accepted"}]
RATINGS = {"id": "CSAT", "indicator": "satisfaction", "measure": "csat", "objective": "80 %"}


def planned(session: Session, *targets: dict[str, Any]) -> list[TargetPlan]:
    stated = [{"calendar": "office", **target} for target in targets]
    agreement = written(session, targets=stated, requirements=SETTLED)
    return plan_trial(session, agreement, draft(agreement), MONDAY).targets


def values(session: Session, name: str, days: int, number: float, total: float | None = None) -> None:
    """One value a day, the last of them yesterday."""
    told = [value(name, MONDAY - back * DAY, number, total) for back in range(days, 0, -1)]
    add_values(session, SOURCE, told, int(MONDAY.timestamp()))


def weekly_tickets(session: Session, weeks: int, number: int) -> None:
    for back in range(weeks, 0, -1):
        add_tickets(session, MONDAY - back * WEEK, number)


def test_eighteen_tickets_a_week_are_fifty_four_in_three_weeks(session: Session) -> None:
    weekly_tickets(session, 3, 18)
    (row,) = planned(session, P2)
    assert row.expected == pytest.approx(54)


def test_a_rating_a_day_is_twenty_one_in_three_weeks_however_long_the_tickets_go_back(
    session: Session,
) -> None:
    weekly_tickets(session, 11, 18)
    values(session, "csat", 21, 5)
    ratings, tickets = planned(session, RATINGS, P2)
    assert [ratings.expected, tickets.expected] == pytest.approx([21, 54])


def test_evidence_older_than_the_window_is_divided_by_the_window(session: Session) -> None:
    add_tickets(session, MONDAY - 20 * WEEK, 1)
    add_tickets(session, MONDAY - 6 * WEEK, 24)
    (row,) = planned(session, P2)
    assert row.expected == pytest.approx(24 * 21 / 84)


def test_a_first_day_is_not_taken_for_every_day(session: Session) -> None:
    add_tickets(session, MONDAY - 3 * DAY, 7)
    (row,) = planned(session, P2)
    assert row.expected == pytest.approx(21)


def test_a_target_of_mondays_expects_the_tickets_of_mondays(session: Session) -> None:
    for back in range(21, 0, -1):
        day = MONDAY - back * DAY
        if day.weekday() < 5:
            add_tickets(session, day, 4)
    (row,) = planned(session, P2 | {"weekdays": ["mon"]})
    assert row.expected == pytest.approx(12)


def test_a_target_of_mondays_expects_nothing_where_tickets_come_on_tuesdays(session: Session) -> None:
    add_tickets(session, MONDAY - 6 * DAY, 5)  # a Tuesday
    (row,) = planned(session, P2 | {"weekdays": ["mon"]})
    assert row.expected == 0


def test_what_is_expected_is_called_by_its_name(session: Session) -> None:
    values(session, "requests", 21, 9_999, 10_000)
    values(session, "csat", 21, 5)
    requests = {"id": "OK", "indicator": "ratio", "measure": "requests", "objective": "99 %"}
    ratings, ratio = planned(session, RATINGS, requests)
    assert outlook_in_words(ratings).startswith("with about 21 answers: ")
    assert outlook_in_words(ratio).startswith("with about 210,000 requests: ")


def test_an_availability_and_a_cost_are_counted_in_full_and_need_no_tickets(session: Session) -> None:
    values(session, "cost", 1, 1_180)
    add_tickets(session, MONDAY - 3 * WEEK, 5)
    cost = {"id": "COST", "indicator": "cost", "bound": 1200}
    up = {"id": "UP", "indicator": "availability", "objective": "99 %"}
    rows = planned(session, cost, up)
    for row in rows:
        assert outlook_in_words(row) == "counted in full rather than sampled: it needs no tickets"
    agreement = written(session, targets=[cost | {"calendar": "office"}], requirements=SETTLED)
    told = plan_told(plan_trial(session, agreement, draft(agreement), MONDAY))
    assert told["targets"][0]["baseline"]["in_words"] == "420.46 of at most 1,200"
