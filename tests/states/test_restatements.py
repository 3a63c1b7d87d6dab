"""Restatements: what came later stands beside the original, marked, with its difference and its reason."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from models.agreements import Agreement
from models.approvals import LinkPurpose
from models.assessments import Assessment, ServicePeriod
from models.evidence import Ticket
from models.exclusions import Exclusion
from models.reviews import ExperienceReport, ReviewPack
from states import audit
from states.assessment_check import assessments_of, check
from states.experience import delivered
from states.monitoring import assessments_in, newest_of
from states.move import Trigger
from states.restated_figures import figure_of, restatements_of
from states.restatements import restate
from tests.states.builders import (
    BOARD,
    CUSTOMER_OWNER,
    MANAGER,
    P2,
    add_ticket,
    add_tickets,
    answer,
    close_period,
    letters,
    loosened,
    monitored,
    move,
    open_period,
    readers,
    sign_all,
    token_to,
)
from tests.states.test_exclusions import ask

DAY = timedelta(days=1)
STRIKE = datetime(2026, 3, 17, tzinfo=UTC)  # a Tuesday


def march(session: Session) -> tuple[Agreement, ServicePeriod]:
    """March is assessed and reported: 26 of 30 kept; four tickets of the 17th waited out a strike."""
    agreement = monitored(session)
    add_tickets(session, open_period(session, agreement).starts_at, 26)
    for hour in range(8, 12):
        add_ticket(session, STRIKE + timedelta(hours=hour), hours=10)
    return agreement, close_period(session, agreement)


def figures(rows: list[Assessment]) -> list[str]:
    return [figure_of(row) for row in rows]


def latest_in(session: Session, period: ServicePeriod) -> list[Assessment]:
    """The newest figures of a period, each restated one in place of the original."""
    rows = session.exec(select(Assessment).where(Assessment.period_id == period.id))
    return newest_of(sorted(rows, key=lambda row: (row.version_id, row.target_key, row.number)))


def excluded(session: Session, agreement: Agreement, at: datetime, **changes: object) -> Exclusion:
    """The strike is excluded: asked for, and approved by the customer at `at`."""
    asked: dict[str, object] = {"starts_at": STRIKE, "ends_at": STRIKE + DAY, "reason": "strike", "at": at}
    exclusion = ask(session, agreement, **asked | changes)
    answer(session, CUSTOMER_OWNER, at)
    return exclusion


def report_of(session: Session, period: ServicePeriod) -> ExperienceReport:
    return session.exec(select(ExperienceReport).where(ExperienceReport.period_id == period.id)).one()


def all_identical(session: Session, agreement: Agreement) -> bool:
    session.expire_all()
    return all(not check(session, agreement, row).differences for row in assessments_of(session, agreement))


def test_an_exclusion_before_the_close_is_in_the_figures_and_in_the_report(session: Session) -> None:
    agreement = monitored(session)
    add_tickets(session, open_period(session, agreement).starts_at, 26)
    for hour in range(8, 12):
        add_ticket(session, STRIKE + timedelta(hours=hour), hours=10)
    exclusion = excluded(session, agreement, STRIKE + 3 * DAY)
    period = close_period(session, agreement)
    assert figures(assessments_in(session, period)) == ["30 of 30"]
    (printed,) = report_of(session, period).figures["exclusions"]
    assert (printed["number"], printed["reason"], printed["approved_by"]) == (
        exclusion.id,
        "strike",
        [CUSTOMER_OWNER],
    )
    assert "approved by Business owner on 20 March 2026" in letters(session, "experience_report")[0].text
    assert restate(session, agreement, period.closes_at + 90 * DAY) == []


def test_a_report_without_exclusions_says_so(session: Session) -> None:
    _, period = march(session)
    assert report_of(session, period).figures["exclusions"] == []
    assert "No time was excluded." in letters(session, "experience_report")[0].text


def test_an_exclusion_after_the_report_is_a_restatement(either: Session) -> None:
    session = either
    agreement, period = march(session)
    sent = report_of(session, period).sha256
    at = period.closes_at + 9 * DAY
    exclusion = excluded(session, agreement, at)

    assert figures(assessments_in(session, period)) == ["26 of 30"]
    assert figures(latest_in(session, period)) == ["30 of 30"]
    (restated,) = restatements_of(session, agreement)
    assert restated.difference == {
        "hits": (26, 30),
        "verdict": ("not enough evidence", "met"),
    }
    row = restated.row
    assert (row.number, row.as_of) == (1, at)
    assert row.reason == f"exclusion {exclusion.id} approved: strike"
    assert all_identical(session, agreement), "the original as of then, the restatement as of now"
    assert report_of(session, period).sha256 == sent

    assert readers(session, "restatement") == [CUSTOMER_OWNER, BOARD]
    letter = letters(session, "restatement")[0]
    assert letter.subject.startswith("Restated: your service report, 2 March 2026")
    for words in ("now 30 of 30: met", "reported 26 of 30: not enough", "because: exclusion"):
        assert words in letter.text
    assert token_to(session, BOARD, LinkPurpose.REPORT)
    assert [event.kind for event in audit.events_of(session, agreement)].count("assessment restated") == 1
    assert audit.faults(session, agreement) == []


def test_what_is_known_is_restated_once(session: Session) -> None:
    agreement, period = march(session)
    excluded(session, agreement, period.closes_at + 9 * DAY)
    for days in (9, 10, 400):
        assert restate(session, agreement, period.closes_at + days * DAY) == []
    assert len(letters(session, "restatement")) == 2


def test_an_exclusion_that_changes_no_figure_restates_nothing(session: Session) -> None:
    agreement, period = march(session)
    excluded(session, agreement, period.closes_at + DAY, population={"priority": "1"})
    excluded(session, agreement, period.closes_at + DAY, starts_at=STRIKE - DAY, ends_at=STRIKE)
    assert restatements_of(session, agreement) == [] and letters(session, "restatement") == []


def test_tickets_known_later_are_a_restatement_of_their_own(session: Session) -> None:
    agreement, period = march(session)
    for hour in range(8, 12):
        add_ticket(session, STRIKE + timedelta(days=1, hours=hour), hours=10, known_late=40 * DAY)
    assert restate(session, agreement, period.closes_at + 2 * DAY) == [], "nobody knows of them yet"
    (restated,) = restate(session, agreement, period.closes_at + 60 * DAY)
    assert restated.difference["known"] == (30, 34)
    assert restated.row.reason == "evidence known later: 4 tickets"
    assert all_identical(session, agreement)


def test_two_causes_are_both_named_and_a_second_restatement_follows_the_first(session: Session) -> None:
    agreement, period = march(session)
    add_ticket(session, STRIKE + timedelta(days=1, hours=9), hours=10, known_late=15 * DAY)
    first = excluded(session, agreement, period.closes_at + 5 * DAY)
    add_ticket(session, STRIKE + timedelta(days=1, hours=9), hours=10, known_late=20 * DAY)
    second = excluded(session, agreement, period.closes_at + 30 * DAY, ends_at=STRIKE + 2 * DAY)
    rows = [row.row for row in restatements_of(session, agreement)]
    assert [(row.number, figure_of(row)) for row in rows] == [(1, "30 of 31"), (2, "32 of 32")]
    assert rows[0].reason == f"exclusion {first.id} approved: strike; evidence known later: 1 ticket"
    assert rows[1].reason == f"exclusion {second.id} approved: strike; evidence known later: 1 ticket"
    assert all_identical(session, agreement)


def test_an_open_ticket_that_is_known_at_last_is_restated(session: Session) -> None:
    agreement = monitored(session)
    add_ticket(session, STRIKE + timedelta(hours=9))
    add_ticket(session, datetime(2026, 3, 31, 17, tzinfo=UTC), hours=5)
    period = close_period(session, agreement, datetime(2026, 4, 1, 9, tzinfo=UTC))
    assert figures(assessments_in(session, period)) == ["1 of 1, 1 undecided"]
    (restated,) = restate(session, agreement, period.closes_at + DAY)
    assert (figure_of(restated.row), restated.row.reason) == ("2 of 2", "evidence known later: 1 ticket")


def test_an_exclusion_approved_in_the_second_of_the_close_changes_nothing_frozen(session: Session) -> None:
    agreement, period = march(session)
    exclusion = excluded(session, agreement, period.closes_at)
    assert exclusion.decided_at == period.closes_at + timedelta(seconds=1)
    again = excluded(session, agreement, period.closes_at, population={"priority": "2"})
    assert again.decided_at == period.closes_at + timedelta(seconds=2)
    assert figures(latest_in(session, period)) == ["30 of 30"]
    assert all_identical(session, agreement)


def test_each_version_s_part_is_restated_by_its_own_terms(session: Session) -> None:
    agreement, _ = march(session)
    review = move(session, agreement, Trigger.BEGIN_REVIEW, open_period(session, agreement).starts_at + DAY)
    move(session, review, Trigger.RENEGOTIATE, review.stage_since, reason="asked for")
    change = datetime(2026, 4, 15, 8, tzinfo=UTC)
    move(session, loosened(session, agreement), Trigger.SKIP_TRIAL, change, reason="agreed")
    sign_all(session, agreement, change)
    for day in (-1, 1):
        add_ticket(session, change + day * DAY, hours=14)
    april = close_period(session, agreement)
    assert figures(assessments_in(session, april)) == ["0 of 1", "0 of 1"]
    six_hours = {"starts_at": change - DAY, "ends_at": change - DAY + timedelta(hours=6)}
    excluded(session, agreement, april.closes_at + DAY, **six_hours)
    (restated,) = restatements_of(session, agreement)
    assert restated.row.target["version"] == 1 and restated.difference["hits"] == (0, 1)
    assert figures(assessments_in(session, april)) == ["0 of 1", "0 of 1"]
    assert figures(latest_in(session, april)) == ["1 of 1", "0 of 1"]


def test_the_review_restates_earlier_periods_and_stays_with_what_was_reported(session: Session) -> None:
    agreement, period = march(session)
    move(session, agreement, Trigger.BEGIN_REVIEW, period.closes_at)
    move(session, agreement, Trigger.RENEW, period.closes_at)
    add_ticket(session, STRIKE + timedelta(hours=9), hours=10, known_late=20 * DAY)
    april = close_period(session, agreement)
    move(session, agreement, Trigger.BEGIN_REVIEW, april.closes_at)
    packs = session.exec(select(ReviewPack).order_by(col(ReviewPack.id))).all()
    assert packs[0].figures["restatements"] == []
    (told,) = packs[1].figures["restatements"]
    assert (told["reported"], told["figure"]) == ("26 of 30", "26 of 31")
    assert told["reason"] == "evidence known later: 1 ticket"
    assert [row["known"] for row in packs[1].figures["delivered"]] == [0], "April as it was assessed"
    letter = letters(session, "review_made")[-1]
    assert letter.to_name == MANAGER and "RESTATED SINCE THE LAST REVIEW" in letter.text


def test_a_report_run_again_a_year_later_gives_identical_numbers(session: Session) -> None:
    agreement, period = march(session)
    sent = report_of(session, period).figures["delivered"]
    excluded(session, agreement, period.closes_at + DAY)
    add_tickets(session, period.starts_at, 20, hours=11, known_late=60 * DAY)
    for _ in range(11):
        close_period(session, agreement)
    restate(session, agreement, period.closes_at + 365 * DAY)
    session.expire_all()
    assert [delivered(row) for row in assessments_in(session, period)] == sent
    assert report_of(session, period).figures["delivered"] == sent
    assert all_identical(session, agreement)


def test_half_a_period_of_data_is_divided_by_itself(session: Session) -> None:
    """Signed on the 2nd, first ticket on the 17th: what was not measured is neither kept nor missed."""
    agreement = monitored(session, targets=[P2, P2 | {"id": "P1", "population": {"priority": "1"}}])
    for hour in range(8, 12):
        add_ticket(session, STRIKE + timedelta(hours=hour), hours=10 if hour == 8 else 1)
    period = close_period(session, agreement)
    p1, p2 = assessments_in(session, period)
    assert (p2.hits, p2.known, p2.starts_at) == (3, 4, period.starts_at)
    assert delivered(p2)["share"] == 0.75 and delivered(p1)["share"] is None
    assert (p1.lower, p1.upper, p1.verdict) == (0.0, 1.0, "not enough evidence")


@pytest.mark.parametrize("days", [0, -1])
def test_an_earlier_instant_restates_nothing(session: Session, days: int) -> None:
    agreement, period = march(session)
    add_ticket(session, STRIKE, known_late=5 * DAY)
    assert restate(session, agreement, period.closes_at + days * DAY) == []


def test_one_ticket_is_excluded_and_no_other(session: Session) -> None:
    agreement, period = march(session)
    slow = session.exec(select(Ticket.external_id).where(Ticket.opened_at >= STRIKE)).first()
    excluded(session, agreement, period.closes_at + DAY, ticket=slow)
    assert figures(latest_in(session, period)) == ["27 of 30"]
