"""A real audit log of 40,936 updates (UCI 498), quirks and all, on both databases."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlmodel
from sqlalchemy import Engine, func, select
from sqlmodel import col

from evidence.exclusions import ExcludedTime, read_exclusions
from evidence.histories import ATTRIBUTES, UPDATES, TicketHistories
from evidence.importer import import_log
from evidence.mappings import load_mapping
from evidence.measuring import measure
from evidence.questions import Question
from evidence.store import read_histories
from evidence.ticket_counts import tickets_by_customer
from levels.calendars import Calendar
from models.agreements import Agreement
from models.database import open_engine, reading, transaction, upgrade
from models.evidence import Ticket, TicketInterval, TicketUpdate
from models.exclusions import Exclusion, ExclusionState
from models.parties import Party, PartyKind, Person
from tests.evidence.logbook import OFFICE_HOURS

pytestmark = pytest.mark.campaign

MAPPING = load_mapping("uci-incident")
BEGIN, END = datetime(2016, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC)
CALENDAR = Calendar.compile(OFFICE_HOURS, BEGIN.date(), END.date())
MODERATE = Question("resolution", {"priority": "3"}, 24 * 3_600, ("awaiting_user", "awaiting_evidence"))
QUESTIONS = (
    MODERATE,
    replace(MODERATE, indicator="response"),
    replace(MODERATE, indicator="next update"),
    replace(MODERATE, indicator="step"),
    replace(MODERATE, indicator="between states", from_states=("in_progress",), to_states=("awaiting_user",)),
    replace(MODERATE, reopening="reset"),
    replace(MODERATE, priority_change="remaining"),
)
EXCLUSIONS = [  # the reason, the day on which it begins, and when the customer approved it
    ("the power failed", datetime(2016, 3, 1, tzinfo=UTC), datetime(2016, 3, 4, tzinfo=UTC)),
    ("the network was moved", datetime(2016, 3, 15, tzinfo=UTC), datetime(2016, 4, 1, tzinfo=UTC)),
    ("the printers were replaced", datetime(2016, 3, 17, tzinfo=UTC), datetime(2016, 6, 1, tzinfo=UTC)),
]


@pytest.fixture(scope="module")
def log(shared: Path) -> Path:
    return shared / "data" / "uci_incident" / "incident_event_log_4_locations.csv.gz"


@pytest.fixture(scope="module")
def known(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The whole log in a SQLite file."""
    folder = tmp_path_factory.mktemp("incidents")
    engine = open_engine(f"sqlite:///{folder / 'incidents.db'}")
    upgrade(engine)
    import_log(engine, log, MAPPING, rejected_folder=folder)
    approve_exclusions(engine, END)
    yield engine
    engine.dispose()


def histories(engine: Engine, as_of: datetime, customer: str = "Location 143") -> TicketHistories:
    with reading(engine) as session:
        return read_histories(
            session, "uci-incident", customer, BEGIN, END, as_of, details=("line", "priority", UPDATES)
        )


def test_every_row_is_accounted_for_and_a_second_import_changes_nothing(
    engine: Engine, known: Engine, log: Path, tmp_path: Path
):
    first = import_log(engine, log, MAPPING, rejected_folder=tmp_path)
    print(f"\n{engine.dialect.name}: {first.rows:,} rows in {first.seconds:.1f} s")
    assert (first.rows, first.tickets, first.new_tickets, first.new_intervals) == (
        40_936,
        7_348,
        7_348,
        34_620,
    )
    assert first.rejected == 2 and first.rejected_file is not None
    with first.rejected_file.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["reason"], row["number"]) for row in rows] == [
        ("33549", "state '-100' is not in the mapping uci-incident", "INC0028089"),
        ("33550", "state '-100' is not in the mapping uci-incident", "INC0028089"),
    ]
    assert "times name no zone and are read in UTC" in first.assumed

    again = import_log(engine, log, MAPPING, rejected_folder=tmp_path)
    assert (again.new_tickets, again.new_intervals, again.tickets) == (0, 0, 7_348)
    with reading(engine) as session:
        kept = [
            session.execute(select(func.count()).select_from(kind)).scalar_one()
            for kind in (TicketInterval, TicketUpdate)
        ]
    assert kept == [34_620, 11_298]

    as_of = datetime(2016, 5, 20, tzinfo=UTC)
    assert figures(histories(engine, as_of)) == figures(histories(known, as_of)), "on either database"


def test_each_location_is_a_customer_and_a_missing_one_is_nameless(known: Engine):
    with reading(known) as session:
        customers = tickets_by_customer(session, "uci-incident", BEGIN, END)
    assert list(customers.items())[:5] == [
        ("Location 143", 3_264),
        ("Location 93", 1_935),
        ("Location 51", 1_514),
        ("Location 188", 621),
        ("", 7),
    ]
    assert sum(customers.values()) == 7_348


def test_updates_of_a_clock_that_went_back_are_known_late(known: Engine):
    """INC0000137 was written at 11:10 first, then at 09:52, resolved at 11:03."""
    columns = col(TicketInterval.state), col(TicketInterval.started_at), col(TicketInterval.known_at)
    with reading(known) as session:
        found = session.execute(
            select(*columns).join(Ticket).where(col(Ticket.external_id) == "INC0000137").order_by(columns[1])
        )
        told = [(str(state), f"{at:%d %H:%M}", f"{known_at:%d %H:%M}") for state, at, known_at in found]
    assert told == [
        ("new", "29 09:48", "29 11:10"),
        ("resolved", "29 11:03", "29 11:10"),
        ("closed", "05 12:00", "05 12:00"),
    ]


@pytest.mark.parametrize("clock", [(2016, 3, 20, 12, 0), (2016, 5, 2, 9, 31)])
def test_nothing_sees_the_future(
    known: Engine, log: Path, sqlite_url: str, tmp_path: Path, clock: tuple[int, ...]
):
    """What the full store knows as of an instant is what a store knows that was never told more."""
    as_of = datetime(*clock, tzinfo=UTC)  # type: ignore[arg-type, misc]
    past = open_engine(sqlite_url)
    upgrade(past)
    import_log(past, until(log, tmp_path / "past.csv", as_of), MAPPING, rejected_folder=tmp_path)
    approve_exclusions(past, as_of)
    for customer in ("Location 143", "Location 93"):
        then, now = histories(past, as_of, customer), histories(known, as_of, customer)
        assert len(now) > 300
        for name in (
            "external_ids",
            "opened_at",
            "interval_ticket",
            "interval_state",
            "interval_start",
            "interval_end",
        ):
            np.testing.assert_array_equal(getattr(then, name), getattr(now, name))
        for name in ATTRIBUTES:
            np.testing.assert_array_equal(then.attributes[name], now.attributes[name])
        for name, column in then.details.items():
            np.testing.assert_array_equal(column, now.details[name])
        excluded = [excluded_by(engine, as_of) for engine in (past, known)]
        assert [each.reason for each in excluded[0]] == [
            reason for reason, _, decided_at in EXCLUSIONS if decided_at <= as_of
        ]
        assert figures(then, excluded[0]) == figures(now, excluded[1]) != figures(now)
        assert len({sha256 for _, sha256 in figures(now, excluded[1])}) == len(QUESTIONS)
    past.dispose()


def until(log: Path, path: Path, as_of: datetime) -> Path:
    """The log as it would have been exported at that instant: every row recorded by then, and no other."""
    with gzip.open(log, "rt", newline="") as source, path.open("w", newline="") as target:
        rows, writer = csv.DictReader(source), csv.writer(target)
        assert rows.fieldnames is not None
        writer.writerow(rows.fieldnames)
        for row in rows:
            at = datetime.strptime(row["sys_updated_at"], "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
            if at <= as_of:
                writer.writerow(row.values())
    return path


def approve_exclusions(engine: Engine, until: datetime) -> None:
    """Tell an agreement's exclusions as far as the customer had approved them."""
    with transaction(engine) as session:
        party = Party(name="Location 143", kind=PartyKind.CUSTOMER)
        session.add(party)
        session.flush()
        person = Person(party_id=party.id, name="Business owner", email="owner@location.example")
        session.add(person)
        session.flush()
        agreement = Agreement(
            reference="SLA-143",
            title="Incidents",
            provider_id=party.id,
            customer_id=party.id,
            owner_id=person.id,
            stage_since=BEGIN,
            created_at=BEGIN,
        )
        session.add(agreement)
        session.flush()
        for reason, starts_at, decided_at in EXCLUSIONS:
            decided = decided_at <= until
            session.add(
                Exclusion(
                    agreement_id=agreement.id,
                    reason=reason,
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(days=2),
                    state=ExclusionState.APPROVED if decided else ExclusionState.ASKED,
                    asked_by_id=person.id,
                    asked_at=starts_at,
                    decided_at=decided_at if decided else None,
                    sha256="",
                )
            )


def excluded_by(engine: Engine, as_of: datetime) -> list[ExcludedTime]:
    with reading(engine) as session:
        agreement = session.exec(sqlmodel.select(Agreement)).one()
        return read_exclusions(session, agreement.id, BEGIN, as_of)


def figures(histories: TicketHistories, excluded: Sequence[ExcludedTime] = ()) -> list[tuple[object, str]]:
    measured = [measure(histories, CALENDAR, question, excluded) for question in QUESTIONS]
    return [(measurement.tally, measurement.inputs_sha256) for measurement in measured]
