"""Monitoring: periods at the edges of months and quarters, judged part by part, reported and frozen."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from mail.links import find_link
from models.agreements import Agreement, Stage
from models.approvals import LinkPurpose
from models.assessments import ServicePeriod
from models.database import reading, transaction
from models.reviews import ExperienceReport
from models.sealing import canonical_json, sha256_of
from models.surveys import Survey
from states import audit
from states.experience import kept, reaches
from states.monitoring import assessments_in, due_periods, period_end
from states.move import Trigger
from states.sweeps import sweep_reviews, sweep_surveys
from tests.states.builders import (
    BOARD,
    CUSTOMER_OWNER,
    MONDAY,
    OFFICE,
    P2,
    add_ticket,
    add_tickets,
    close_period,
    in_renegotiation,
    letters,
    loosened,
    monitored,
    move,
    open_period,
    readers,
    sign_all,
    token_to,
)

DAY = timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-03-02 09:00", "month", "2026-04-01"),
        ("2026-03-01 00:00", "month", "2026-04-01"),
        ("2026-12-31 23:59", "month", "2027-01-01"),
        ("2026-01-31 12:00", "month", "2026-02-01"),
        ("2028-02-29 12:00", "month", "2028-03-01"),
        ("2026-03-31 23:59", "quarter", "2026-04-01"),
        ("2026-04-01 00:00", "quarter", "2026-07-01"),
        ("2026-11-15 00:00", "quarter", "2027-01-01"),
    ],
)
def test_a_period_ends_where_the_next_month_or_quarter_starts(start: str, length: str, end: str) -> None:
    assert period_end(utc(start), length) == utc(end)


def test_a_period_ends_at_midnight_where_the_agreement_s_people_are(session: Session) -> None:
    """One that still ended by UTC goes over into local months."""
    zurich = {"office": OFFICE | {"zone": "Europe/Zurich"}}
    agreement = monitored(session, calendars=zurich)
    period = open_period(session, agreement)
    assert period.ends_at == utc("2026-03-31 22:00")
    period.ends_at = utc("2026-04-01")
    close_period(session, agreement)
    assert open_period(session, agreement).ends_at == utc("2026-04-30 22:00")
    close_period(session, agreement)
    may = close_period(session, agreement)
    assert (may.starts_at, may.ends_at) == (utc("2026-04-30 22:00"), utc("2026-05-31 22:00"))
    letter = letters(session, "experience_report")[-1]
    assert letter.subject == "Your service report, May 2026: Service desk for the harbour"


def test_west_of_utc_no_stump_of_a_few_hours_is_left_between_the_months(session: Session) -> None:
    york = {"office": OFFICE | {"zone": "America/New_York"}}
    agreement = monitored(session, calendars=york)
    open_period(session, agreement).ends_at = utc("2026-04-01")
    close_period(session, agreement)
    assert open_period(session, agreement).ends_at == utc("2026-05-01 04:00")


instants = some.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 1), timezones=some.just(UTC))


@given(start=instants, length=some.sampled_from(["month", "quarter"]))
def test_periods_follow_one_another_on_the_calendar(start: datetime, length: str) -> None:
    end, months = period_end(start, length), 3 if length == "quarter" else 1
    assert start < end <= start + timedelta(days=31 * months)
    assert (end.day, end.hour, end.minute, end.second, end.microsecond) == (1, 0, 0, 0, 0)
    assert (end.month - 1) % months == 0
    after = period_end(end, length)
    assert (after.year - end.year) * 12 + after.month - end.month == months


@pytest.mark.parametrize(
    ("signed", "length", "ends"),
    [
        ("2026-03-02 09:00", "month", "2026-04-01"),
        ("2026-03-22 00:00", "month", "2026-04-01"),  # ten days left: long enough
        ("2026-03-22 00:01", "month", "2026-05-01"),
        ("2026-03-25 09:00", "quarter", "2026-07-01"),
        ("2026-12-28 09:00", "month", "2027-02-01"),
    ],
)
def test_a_first_period_too_short_to_judge_is_joined_to_the_next(
    session: Session, signed: str, length: str, ends: str
) -> None:
    at = utc(signed) - timedelta(hours=1)
    period = open_period(session, monitored(session, at, review_period=length))
    assert (period.starts_at, period.ends_at) == (utc(signed), utc(ends))


def test_a_closed_period_opens_the_next_without_a_gap(session: Session) -> None:
    agreement = monitored(session)
    first = close_period(session, agreement)
    second = open_period(session, agreement)
    assert second.starts_at == first.ends_at == utc("2026-04-01")
    assert second.ends_at == utc("2026-05-01")
    assert second.closes_at == utc("2026-05-01 16:00"), "a Friday: the threshold of eight hours after opening"


def test_a_period_is_due_when_its_wait_is_over(session: Session) -> None:
    agreement = monitored(session)
    period = open_period(session, agreement)
    assert period.closes_at == utc("2026-04-01 16:00")
    assert session.exec(due_periods(period.closes_at - timedelta(seconds=1))).all() == []
    assert session.exec(due_periods(period.closes_at)).all() == [period]
    close_period(session, agreement)
    assert session.exec(due_periods(period.closes_at)).all() == []


def test_the_tickets_of_the_period_are_counted_as_known_when_it_is_assessed(session: Session) -> None:
    agreement = monitored(session)
    period = open_period(session, agreement)
    add_ticket(session, period.starts_at - timedelta(seconds=1))
    add_tickets(session, period.starts_at, 8)
    add_tickets(session, period.starts_at, 2, hours=9)
    add_ticket(session, period.ends_at)
    add_ticket(session, period.starts_at, known_late=90 * DAY)
    close_period(session, agreement)
    (row,) = assessments_in(session, period)
    assert (row.known, row.hits, row.undecided) == (10, 8, 0)
    assert (row.starts_at, row.ends_at, row.as_of) == (period.starts_at, period.ends_at, period.closes_at)
    assert row.target["promise"] == "90\u00a0% of priority 2 tickets resolved within 8 h"
    assert row.target["version"] == 1 and row.verdict == "not enough evidence"
    assert period.closed_at == period.closes_at


def signed_again(session: Session, hours: int = 12) -> tuple[Agreement, datetime]:
    """Version 2, looser, in force from the middle of the second period."""
    agreement = loosened(session, in_renegotiation(session), hours)
    at = utc("2026-04-15 08:00")
    move(session, agreement, Trigger.SKIP_TRIAL, at, reason="agreed")
    return sign_all(session, agreement, at), at


def test_each_version_judges_its_own_part_of_a_period(session: Session) -> None:
    agreement, change = signed_again(session)
    period = open_period(session, agreement)
    add_tickets(session, utc("2026-04-07 08:00"), 5, hours=10)
    add_ticket(session, change - timedelta(seconds=1), hours=10)
    add_ticket(session, change, hours=10)
    add_tickets(session, change + DAY, 3, hours=10)
    close_period(session, agreement)
    former, latter = assessments_in(session, period)
    assert (former.target["version"], former.starts_at, former.ends_at) == (1, period.starts_at, change)
    assert (latter.target["version"], latter.starts_at, latter.ends_at) == (2, change, period.ends_at)
    assert (former.hits, former.known) == (0, 6), "ten hours are too long for version 1"
    assert (latter.hits, latter.known) == (4, 4)


def test_a_version_signed_after_a_period_s_end_has_no_part_in_it(session: Session) -> None:
    agreement = loosened(session, in_renegotiation(session))
    period = open_period(session, agreement)  # April
    at = period.ends_at + timedelta(hours=9)  # before the wait for open tickets is over
    move(session, agreement, Trigger.SKIP_TRIAL, at, reason="agreed")
    sign_all(session, agreement, at)
    close_period(session, agreement)
    assert [row.target["version"] for row in assessments_in(session, period)] == [1]
    following = close_period(session, agreement)
    assert [row.target["version"] for row in assessments_in(session, following)] == [1, 2]


def test_what_was_left_of_an_ended_agreement_is_assessed_once_and_then_no_more(session: Session) -> None:
    agreement = monitored(session)
    move(session, agreement, Trigger.END, MONDAY + 7 * DAY, reason="the harbour closed")
    period = close_period(session, agreement)
    (row,) = assessments_in(session, period)
    assert row.ends_at == MONDAY + 7 * DAY
    assert session.exec(select(ServicePeriod).where(ServicePeriod.id != period.id)).all() == []


def report_of(session: Session, period: ServicePeriod) -> ExperienceReport:
    return session.exec(select(ExperienceReport).where(ExperienceReport.period_id == period.id)).one()


def test_the_experience_report_is_frozen_with_its_hash(session: Session) -> None:
    agreement = monitored(session)
    add_tickets(session, open_period(session, agreement).starts_at, 4)
    add_tickets(session, open_period(session, agreement).starts_at, 1, hours=9)
    period = close_period(session, agreement)
    report = report_of(session, period)
    session.refresh(report)
    assert report.sha256 == sha256_of(canonical_json(report.figures))
    (row,) = report.figures["delivered"]
    assert (row["hits"], row["known"], row["share"], row["kept"]) == (4, 5, 0.8, False)
    assert report.figures["next"][1].startswith("Not kept: P2.")
    (event,) = [row for row in audit.events_of(session, agreement) if row.kind == "experience report"]
    assert report.sha256 in event.data


def test_a_sent_report_does_not_change_when_tickets_come_in_late(session: Session) -> None:
    agreement = monitored(session)
    period = close_period(session, agreement)
    before = (report_of(session, period).sha256, [row.known for row in assessments_in(session, period)])
    add_ticket(session, period.starts_at + DAY, known_late=90 * DAY)
    close_period(session, agreement)
    session.expire_all()
    after = (report_of(session, period).sha256, [row.known for row in assessments_in(session, period)])
    assert after == before


def test_the_report_goes_to_every_stakeholder_of_the_customer(session: Session) -> None:
    agreement = monitored(session)
    period = close_period(session, agreement)
    assert readers(session, "experience_report") == [CUSTOMER_OWNER, BOARD], "users get surveys, not reports"
    link = find_link(session, LinkPurpose.REPORT, token_to(session, BOARD, LinkPurpose.REPORT))
    assert link is not None and link.subject_id == report_of(session, period).id
    assert len(letters(session, "experience_report")) == 2


def test_after_a_standstill_of_a_year_nobody_is_flooded_with_letters(engine: Engine) -> None:
    """The months missed are assessed, each with its report; letters and surveys are about the last ones."""
    with transaction(engine) as session:
        agreement = monitored(session)
        agreement_id, at = agreement.id, open_period(session, agreement).closes_at + 366 * DAY
    while sweep_reviews(engine, at).done:
        pass
    while sweep_surveys(engine, at).done:
        pass

    with reading(engine) as session:
        agreement = session.get_one(Agreement, agreement_id)
        periods = session.exec(select(ServicePeriod).order_by(col(ServicePeriod.starts_at))).all()
        closed = [period for period in periods if period.closed_at is not None]
        recent = [period for period in closed if at - period.closes_at <= 62 * DAY]
        assert (len(closed), len(recent)) == (13, 3)
        assert all(report_of(session, period) for period in closed)
        assert len(letters(session, "experience_report")) == 2 * len(recent)
        told = [
            json.loads(row.data)["sent_to"]
            for row in audit.events_of(session, agreement)
            if row.kind == "experience report"
        ]
        assert told == [[]] * 10 + [[CUSTOMER_OWNER, BOARD]] * 3
        asked = session.exec(select(Survey.subject_id).where(Survey.stage == Stage.MONITORING)).all()
        assert set(asked) <= {period.id for period in periods if at - period.closes_at <= 62 * DAY}


@pytest.mark.parametrize("percent", range(1, 100))
def test_a_share_equal_to_the_objective_is_kept(percent: int) -> None:
    """55 of 100 keeps 55 %, although 0.55 * 100 is a little more than 55 in floating point."""
    for hits, known in ((percent, 100), (percent * 2, 200), (percent * 7, 700)):
        assert reaches(hits, known, percent / 100)
        assert not reaches(hits - 1, known, percent / 100)


def test_a_period_without_tickets_breaks_no_promise(session: Session) -> None:
    agreement = monitored(session, targets=[P2, P2 | {"id": "P1", "population": {"priority": "1"}}])
    period = close_period(session, agreement)
    assert [kept(row) for row in assessments_in(session, period)] == [True, True]
    assert report_of(session, period).figures["delivered"][0]["share"] is None
