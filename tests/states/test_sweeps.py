"""The sweeps: each does what is due once, however often, however late and by however many at once."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, SQLModel, col, func, select

from models.agreements import Agreement, Stage
from models.approvals import ApprovalRequest, RequestState
from models.assessments import Assessment, ServicePeriod
from models.audit import AuditEvent
from models.database import reading, transaction
from models.letters import OutboxLetter
from models.reviews import ExperienceReport, ReviewPack
from models.surveys import Survey, SurveyInvitation
from models.trials import Trial, TrialState
from states import approvals, audit
from states.drafting import find_agreement
from states.due_rows import SweepReport
from states.lifecycle import advance
from states.move import Trigger
from states.sweeps import SWEEPS, sweep_approvals, sweep_reviews, sweep_trials
from tests.states.builders import (
    MANAGER,
    MONDAY,
    PROVIDER,
    add_tickets,
    at_once,
    in_renegotiation,
    in_trial,
    letters,
    monitored,
    offered,
    written,
)

DAY = timedelta(days=1)
APRIL = datetime(2026, 4, 2, 9, tzinfo=UTC)
NAMES = [name for name in SWEEPS if name != "mail"]
TABLES: list[Any] = [
    Assessment,
    AuditEvent,
    ExperienceReport,
    OutboxLetter,
    ReviewPack,
    ServicePeriod,
    Survey,
    SurveyInvitation,
]


def world(session: Session) -> None:
    """Seven agreements, each with something due on the second of April."""
    for number in (1, 2):
        in_trial(session, reference=f"TRIAL-{number}", evidence_source=f"t{number}")
        add_tickets(session, MONDAY, 5, source=f"t{number}")
    offered(session, APRIL - 4 * DAY, reference="SIGNING")
    for number in (1, 2):
        monitored(session, reference=f"MONITORED-{number}", evidence_source=f"m{number}")
    add_tickets(session, MONDAY + DAY, 10, source="m1")
    add_tickets(session, MONDAY + DAY, 10, hours=9, source="m2")
    written(session, reference="ASKED", evidence_source="a")
    in_renegotiation(session, reference="REVISED", evidence_source="r")
    session.execute(text("UPDATE actions SET due_at = created_at"))


def sweep(engine: Engine, at: datetime) -> list[SweepReport]:
    return [SWEEPS[name](engine, at) for name in NAMES]


def done(reports: list[SweepReport]) -> Counter[str]:
    return Counter(f"{report.sweep}: {line}" for report in reports for line in report.done)


def problems(reports: list[SweepReport]) -> list[str]:
    return [problem for report in reports for problem in report.problems]


def counts(engine: Engine) -> dict[str, int]:
    with reading(engine) as session:
        return {
            table.__tablename__: session.exec(select(func.count()).select_from(table)).one()
            for table in TABLES
        }


EXPECTED = Counter(
    {
        "trials: TRIAL-1: trial concluded": 1,
        "trials: TRIAL-2: trial concluded": 1,
        "approvals: Head of delivery: reminded": 1,
        "approvals: Business owner: reminded": 1,
        "surveys: ASKED: asked about the present service": 1,
        "reviews: MONITORED-1: 2 March 2026 to 31 March 2026 assessed": 1,
        "reviews: MONITORED-2: 2 March 2026 to 31 March 2026 assessed": 1,
        "reviews: MONITORED-1: reviewed and renewed, all green": 1,
        "reviews: MONITORED-2: review begun": 1,
    }
)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database, on both databases in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def test_what_was_done_is_not_due_any_more(engine: Engine) -> None:
    with transaction(engine) as session:
        world(session)
    first = sweep(engine, APRIL)
    assert problems(first) == []
    told = done(first)
    overdue = [line for line in told if line.startswith("revisions: ")]
    assert len(overdue) == 1 and overdue[0].endswith("owner told that it is overdue")
    assert told - Counter(overdue) == EXPECTED
    after = counts(engine)

    again = sweep(engine, APRIL)
    assert (done(again), problems(again)) == (Counter(), [])
    assert counts(engine) == after


def test_many_at_once_share_the_work_and_double_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        world(session)
    together = Barrier(4)

    def work() -> list[SweepReport]:
        together.wait()
        return sweep(engine, APRIL)

    results = at_once(work, work, work, work)

    reports = [report for result in results if isinstance(result, list) for report in result]
    assert len(reports) == 4 * len(NAMES), results
    reports += sweep(engine, APRIL)  # what somebody held while everybody else went by
    assert problems(reports) == []
    assert set(done(reports).values()) == {1}
    assert done(reports) & EXPECTED == EXPECTED
    with reading(engine) as session:
        agreements = session.exec(select(Agreement)).all()
        assert [fault for agreement in agreements for fault in audit.faults(session, agreement)] == []
        keys = [letter.deduplication_key for letter in letters(session)]
        assert len(keys) == len(set(keys))
        kinds = Counter(letter.kind for letter in letters(session))
        assert (kinds["trial_concluded"], kinds["review_made"], kinds["experience_report"]) == (2, 2, 6)
        assert session.exec(select(func.count()).select_from(ServicePeriod)).one() == 6


def one_or_none(session: Session, table: type[SQLModel]) -> Any:
    return session.exec(select(table)).one_or_none()


class TestAlone:
    """Scenes that are the same on any database."""

    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    def test_a_row_that_fails_does_not_stop_the_rest(self, engine: Engine) -> None:
        with transaction(engine) as session:
            for number in (1, 2, 3):
                in_trial(session, reference=f"TRIAL-{number}")
            session.execute(text("UPDATE service_calendars SET name = 'gone' WHERE version_id = 2"))
        report = sweep_trials(engine, APRIL)
        assert report.done == ["TRIAL-1: trial concluded", "TRIAL-3: trial concluded"]
        (problem,) = report.problems
        assert problem.startswith("trials 2: ") and not problem.endswith(": ")
        with reading(engine) as session:
            states = [trial.state for trial in session.exec(select(Trial).order_by(col(Trial.id)))]
            assert states == [TrialState.CONCLUDED, TrialState.RUNNING, TrialState.CONCLUDED]

        with transaction(engine) as session:
            session.execute(text("UPDATE service_calendars SET name = 'office' WHERE version_id = 2"))
        assert sweep_trials(engine, APRIL).done == ["TRIAL-2: trial concluded"]

    def test_half_done_work_is_undone(self, engine: Engine) -> None:
        """The period is assessed and then its report fails: nothing of it stays."""
        with transaction(engine) as session:
            monitored(session)
        before = counts(engine)
        with transaction(engine) as session:
            session.execute(
                text("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'no room'); END")
            )
        report = sweep_reviews(engine, APRIL)
        assert report.done == [] and "no room" in report.problems[0]
        assert counts(engine) == before

    def test_what_was_missed_while_nobody_swept_is_caught_up(self, engine: Engine) -> None:
        with transaction(engine) as session:
            monitored(session)
        report = sweep_reviews(engine, APRIL + 91 * DAY)
        assert report.done == [
            "SLA-1: 2 March 2026 to 31 March 2026 assessed",
            "SLA-1: April 2026 assessed",
            "SLA-1: May 2026 assessed",
            "SLA-1: June 2026 assessed",
            "SLA-1: review begun",
        ]

    def test_requests_that_ran_out_are_closed_and_not_reminded(self, engine: Engine) -> None:
        with transaction(engine) as session:
            offered(session)
        report = sweep_approvals(engine, MONDAY + 14 * DAY)
        assert report.done == ["Head of delivery: request ran out", "Business owner: request ran out"]
        with reading(engine) as session:
            assert {row.state for row in session.exec(select(ApprovalRequest))} == {RequestState.EXPIRED}
            assert Counter(letter.kind for letter in letters(session))["approval_reminder"] == 0

    def test_a_whole_month_of_reminders_by_daily_sweeps(self, engine: Engine) -> None:
        """Asked on a Monday; reminded three times, then the owner is told; after two weeks it runs out."""
        with transaction(engine) as session:
            offered(session)
        told: list[tuple[str, str]] = []
        for day in range(30):
            at = MONDAY + day * DAY
            lines = sweep_approvals(engine, at).done
            told += [(f"{at:%a %d}", line) for line in lines if line.startswith("Head")]
        assert told == [
            ("Wed 04", "Head of delivery: reminded"),
            ("Fri 06", "Head of delivery: reminded"),
            ("Tue 10", "Head of delivery: reminded"),
            ("Thu 12", "Head of delivery: reminded"),
            ("Mon 16", "Head of delivery: request ran out"),
        ]
        with reading(engine) as session:
            sent = Counter(row.kind for row in letters(session) if row.to_name in (PROVIDER, MANAGER))
            assert (sent["approval_reminder"], sent["approval_escalation"]) == (3, 4), "of two signatories"

    def test_surveys_are_asked_and_counted(self, engine: Engine) -> None:
        with transaction(engine) as session:
            in_trial(session)
        at = MONDAY + 21 * DAY
        assert SWEEPS["surveys"](engine, at).done == ["SLA-1: asked about the trial run of version 1"]
        assert SWEEPS["surveys"](engine, at + 6 * DAY).done == []
        assert SWEEPS["surveys"](engine, at + 7 * DAY).done == [
            "the trial run of version 1: 0 answers counted"
        ]


def test_a_sweep_and_a_move_do_not_wait_for_each_other_crosswise(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep holds a request and wants the audit trail; a rework holds the trail and wants the request."""
    with transaction(engine) as session:
        offered(session)
    reminding, remind = Event(), approvals.remind

    def slowly(session: Session, request: ApprovalRequest, at: datetime) -> None:
        reminding.set()
        Event().wait(0.5)  # in which the rework takes what it can
        remind(session, request, at)

    monkeypatch.setattr(approvals, "remind", slowly)

    def rework() -> Stage:
        reminding.wait()
        with transaction(engine) as session:
            agreement = find_agreement(session, "SLA-1")
            return advance(session, agreement, Trigger.REWORK, MANAGER, MONDAY, reason="wait").stage

    works: list[Callable[[], object]] = [lambda: sweep_approvals(engine, MONDAY + 4 * DAY), rework]
    report, stage = at_once(*works)

    assert isinstance(report, SweepReport), report
    assert stage == Stage.REQUIREMENTS and report.problems == []
    assert len(report.done) in (1, 2), "the second request may be void before its turn comes"
