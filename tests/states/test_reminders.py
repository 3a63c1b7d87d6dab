"""Reminders go out on working days of whoever is reminded, also when the sweep comes late."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from config.errors import BadInputError
from config.policy import load_policy
from models.database import reading, transaction
from states.approval_acts import remind_now
from states.reminders import next_reminder, put_off_until
from states.sweeps import sweep_approvals
from tests.states.builders import (
    CUSTOMER_OWNER,
    MANAGER,
    MONDAY,
    OFFICE,
    offer,
    offered,
    person,
    readers,
    request_to,
)

DAY = timedelta(days=1)
SATURDAY = datetime(2026, 3, 7, 12, tzinfo=UTC)
GERMAN = {"office": OFFICE | {"country": "DE"}}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "asked", "reminded"),
    [
        ("UTC", "2026-03-02T09:00", "2026-03-04T09:00"),  # Monday: Wednesday
        ("UTC", "2026-03-06T09:00", "2026-03-10T09:00"),  # Friday: Tuesday
        ("UTC", "2026-03-07T09:00", "2026-03-10T09:00"),  # Saturday: Monday is the first that counts
        ("Europe/Berlin", "2026-03-27T08:00", "2026-03-31T07:00"),  # nine o'clock before and after the change
        ("Pacific/Auckland", "2026-03-05T20:00", "2026-03-09T20:00"),  # there Friday: Tuesday
        (
            "UTC",
            "2026-12-23T09:00",
            "2026-12-25T09:00",
        ),  # Christmas, which this calendar does not know
    ],
)
def test_working_days_are_counted_where_the_person_is(
    session: Session, zone: str, asked: str, reminded: str
) -> None:
    version, reader = offer(offered(session)), person(session, CUSTOMER_OWNER)
    reader.zone = zone
    reached = next_reminder(version, reader, at(asked))
    assert reached == at(reminded)
    assert put_off_until(version, reader, reached) is None


def test_the_agreements_holidays_do_not_count(session: Session) -> None:
    version, reader = offer(offered(session, calendars=GERMAN)), person(session, CUSTOMER_OWNER)
    assert next_reminder(version, reader, at("2026-12-23T09:00")) == at("2026-12-28T09:00")
    assert put_off_until(version, reader, at("2026-12-25T09:00")) == at("2026-12-28T09:00")


def test_a_sweep_that_comes_late_on_a_saturday_waits_until_monday(engine: Engine) -> None:
    with transaction(engine) as session:
        offered(session)
    assert sweep_approvals(engine, SATURDAY).done == [
        "Head of delivery: not reminded on a free day",
        "Business owner: not reminded on a free day",
    ]
    assert sweep_approvals(engine, SATURDAY + DAY).done == []
    assert sweep_approvals(engine, SATURDAY + 2 * DAY).done == [
        "Head of delivery: reminded",
        "Business owner: reminded",
    ]
    with reading(engine) as session:
        assert len(readers(session, "approval_reminder")) == 2


def test_a_manager_may_remind_on_any_day(session: Session) -> None:
    offered(session)
    remind_now(session, request_to(session, CUSTOMER_OWNER), MANAGER, SATURDAY)
    assert readers(session, "approval_reminder") == [CUSTOMER_OWNER]


@pytest.mark.parametrize("days", range(7))
def test_by_the_shipped_policy_the_owner_is_told_in_time_whenever_it_was_asked(
    session: Session, days: int
) -> None:
    """Counting begins on each day of a week in turn."""
    asked = MONDAY + days * DAY
    version, reader = offer(offered(session, asked)), person(session, CUSTOMER_OWNER)
    request, reminded = request_to(session, CUSTOMER_OWNER), asked
    for _ in range(load_policy().approvals.most_reminders + 1):
        reminded = next_reminder(version, reader, reminded)
    assert reminded < request.due_at


def test_a_policy_that_tells_the_owner_too_late_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("policy") / "policy.toml"
    file.write_text("[approvals]\ndays_to_answer = 10\nreminder_after_days = 3\n")
    with pytest.raises(BadInputError, match="may hold 6 working days only, and the owner is told after 12"):
        load_policy(file)
    file.write_text("[approvals]\ndays_to_answer = 5\nmost_reminders = 0\n")
    assert load_policy(file).approvals.days_to_answer == 5
