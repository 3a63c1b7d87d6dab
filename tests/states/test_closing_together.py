"""Periods closed together: read at once, each all or nothing, and frozen as if each had been alone."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlmodel import Session, col, select

from models.agreements import Agreement
from models.assessments import Assessment, ServicePeriod
from models.database import reading, transaction
from models.exclusions import Exclusion, ExclusionState
from models.reviews import ExperienceReport
from states import audit, ticket_evidence
from states.closing import close_period
from states.due_rows import SweepReport, Work, act_together
from states.monitoring import due_periods
from states.sweeps import sweep_reviews
from tests.states.builders import MONDAY, OFFICE, P2, add_tickets, contents, in_renegotiation, monitored

DAY = timedelta(days=1)
APRIL = datetime(2026, 4, 2, 9, tzinfo=UTC)
ANSWER = {**P2, "id": "answer", "indicator": "response", "population": {}, "threshold": "1 h"}
CUSTOMERS = ("Airport", "Brewery", "Clinic", "Dairy")


def signed(session: Session, customer: str, **changes: Any) -> Agreement:
    """An agreement with a customer of the same feed as all the others."""
    people = contents()["customer"]["people"]
    theirs = [
        {**told, "email": f"{told['name'].replace(' ', '-')}@{customer}.example".lower()} for told in people
    ]
    signatories = [
        {"email": "operations@northwind.example", "side": "provider"},
        {"email": theirs[0]["email"], "side": "customer"},
    ]
    agreed = {
        "reference": f"SLA-{customer}",
        "customer": {"name": customer, "people": theirs},
        "signatories": signatories,
        "targets": [P2, ANSWER],
    }
    return monitored(session, **agreed | changes)


@pytest.fixture
def customers(engine: Engine) -> Engine:
    """Four customers of one feed; some of what happened to the Dairy's tickets is not known in time."""
    with transaction(engine) as session:
        for number, customer in enumerate(CUSTOMERS, 1):
            signed(session, customer)
            add_tickets(session, MONDAY + DAY, 3 * number, customer=customer)
            add_tickets(session, MONDAY + DAY, number, hours=9, customer=customer)
        add_tickets(session, MONDAY + 2 * DAY, 5, customer="Dairy", known_late=60 * DAY)
        add_tickets(session, MONDAY + 2 * DAY, 5, customer="Stranger")
    return engine


def frozen(session: Session) -> list[tuple[object, ...]]:
    """Every figure, by agreement and target."""
    rows = session.exec(select(Assessment).order_by(col(Assessment.agreement_id), col(Assessment.target_key)))
    return [
        (row.agreement_id, row.target_key, row.starts_at, row.as_of, row.known, row.hits, row.undecided,
         row.lower, row.upper, row.verdict, row.inputs_sha256)
        for row in rows
    ]  # fmt: skip


def closed_alone(engine: Engine) -> list[tuple[object, ...]]:
    """The figures of each period closed by itself, of which nothing stays."""
    with Session(engine, expire_on_commit=False) as session:
        for period in session.exec(due_periods(APRIL)).all():
            close_period(session, session.get_one(Agreement, period.agreement_id), period, APRIL)
        found = frozen(session)
        session.rollback()
    return found


@contextmanager
def readings(engine: Engine) -> Iterator[list[str]]:
    """The statements that read intervals within the block."""
    told: list[str] = []

    def record(_connection: object, _cursor: object, text: str, *_further: object) -> None:
        if "FROM ticket_intervals" in text:
            told.append(text)

    event.listen(engine, "before_cursor_execute", record)
    yield told
    event.remove(engine, "before_cursor_execute", record)


def test_together_each_freezes_what_it_would_have_frozen_alone(customers: Engine) -> None:
    alone = closed_alone(customers)
    with readings(customers) as told:
        report = sweep_reviews(customers, APRIL)
    assert len(told) == 1, "one reading for all four"
    assert report.problems == [] and len([line for line in report.done if "assessed" in line]) == 4
    with reading(customers) as session:
        assert frozen(session) == alone
        dairy = session.exec(select(Agreement).where(Agreement.reference == "SLA-Dairy")).one()
        assert [row[4] for row in frozen(session) if row[0] == dairy.id] == [16, 16], "what was known in time"
        agreements = session.exec(select(Agreement)).all()
        assert [fault for each in agreements for fault in audit.faults(session, each)] == []


def test_terms_hours_and_exclusions_of_ones_own_are_kept_when_all_are_measured_together(
    engine: Engine,
) -> None:
    """The Estate has two agreements on the same tickets; only the second one's customer excluded a day."""
    late = {"zone": "UTC", "weekly": {day: ["12:00-24:00"] for day in OFFICE["weekly"]}}
    sooner = {"targets": [{**P2, "threshold": "2 h"}, ANSWER]}
    with transaction(engine) as session:
        for customer, changes in (
            ("Airport", {}),
            ("Brewery", sooner),
            ("Clinic", {"calendars": {"office": late}}),
        ):
            signed(session, customer, **changes)
        for reference in ("SLA-Estate", "SLA-Estate-2"):
            estate = signed(session, "Estate", reference=reference)
        session.add(
            Exclusion(
                agreement_id=estate.id,
                reason="flood",
                starts_at=MONDAY + DAY,
                ends_at=MONDAY + 3 * DAY,
                state=ExclusionState.APPROVED,
                asked_by_id=estate.owner_id,
                asked_at=MONDAY,
                decided_at=MONDAY + 4 * DAY,
                sha256="",
            )
        )
        for customer in ("Airport", "Brewery", "Clinic", "Estate"):
            add_tickets(session, MONDAY + DAY, 4, customer=customer)
            add_tickets(session, MONDAY + DAY, 3, hours=9, customer=customer)
    alone = closed_alone(engine)
    with readings(engine) as told:
        assert sweep_reviews(engine, APRIL).problems == []
    assert len(told) == 1
    with reading(engine) as session:
        assert frozen(session) == alone
        hits = [row[5] for row in frozen(session) if row[1] == "P2"]
    assert hits == [4, 4, 5, 4, 7], "mornings do not count for the Clinic, nor does the flood for one"


def test_no_more_tickets_are_read_together_than_may_be(
    customers: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 4, 8, 12 and 21 tickets no three customers have twelve at most, and the last one has more alone."""
    alone = closed_alone(customers)
    monkeypatch.setattr(ticket_evidence, "TICKETS_AT_A_TIME", 12)
    with readings(customers) as told:
        sweep_reviews(customers, APRIL)
    assert len(told) == 3
    with reading(customers) as session:
        assert frozen(session) == alone


def test_one_that_fails_halfway_leaves_nothing_and_stops_nobody(customers: Engine) -> None:
    with transaction(customers) as session:
        session.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON outbox WHEN NEW.to_address = "
                "'managing-board@brewery.example' BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
        )
    report = sweep_reviews(customers, APRIL)
    assert [line for line in report.done if "assessed" in line] == [
        f"SLA-{name}: 2 March 2026 to 31 March 2026 assessed" for name in ("Airport", "Clinic", "Dairy")
    ]
    (problem,) = report.problems
    assert problem.startswith("service_periods 2: ") and "no room" in problem
    with reading(customers) as session:
        assert {row.agreement_id for row in session.exec(select(Assessment))} == {1, 3, 4}
        assert {row.agreement_id for row in session.exec(select(ExperienceReport))} == {1, 3, 4}
        brewery = session.get_one(Agreement, 2)
        assert audit.faults(session, brewery) == []

    with transaction(customers) as session:
        session.execute(text("DROP TRIGGER full"))
    assert "SLA-Brewery: 2 March 2026 to 31 March 2026 assessed" in sweep_reviews(customers, APRIL).done


def test_a_period_that_two_versions_share_reads_for_itself_among_the_others(customers: Engine) -> None:
    """Another feed, another window or several parts are no part of the reading of the rest."""
    with transaction(customers) as session:
        in_renegotiation(session, reference="REVISED", evidence_source="other")
        signed(session, "Estate", at=MONDAY + 3 * DAY)
        add_tickets(session, MONDAY + 4 * DAY, 4, customer="Estate")
    alone = closed_alone(customers)
    sweep_reviews(customers, APRIL)
    with reading(customers) as session:
        assert [row for row in frozen(session) if row[3] == APRIL] == [
            row for row in alone if row[3] == APRIL
        ]


def test_where_all_of_them_fail_together_each_is_done_by_itself(customers: Engine) -> None:
    """What is done for all of them at once, such as reading, may fail by the fault of one."""
    report, sizes = SweepReport("reviews"), list[int]()

    def works(session: Session, periods: Sequence[ServicePeriod]) -> Work:
        sizes.append(len(periods))
        for place, period in enumerate(periods):
            if place == 2:
                raise RuntimeError("the third stands in the way of all of them")
            yield closing(session, period)

    def closing(session: Session, period: ServicePeriod) -> Callable[[], str]:
        def act() -> str:
            if period.id == 3:
                raise RuntimeError("by itself, too")
            period.closed_at = APRIL
            return f"{period.id} closed"

        return act

    act_together(customers, report, due_periods(APRIL), works, at_a_time=10)
    assert sizes == [4, 1, 1, 1, 1]
    assert report.done == ["1 closed", "2 closed", "4 closed"]
    assert report.problems == ["service_periods 3: by itself, too"]
