"""The store read: the order of tickets and intervals, what was not known yet, and the indexes it goes by."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from evidence.histories import ATTRIBUTES, TicketHistories
from evidence.store import read_histories, read_together
from models.database import reading, transaction
from models.evidence import Ticket, TicketInterval, TicketState
from tests.evidence.logbook import day, march, seconds

NINE, TEN, NOON = day(2, "09:00"), day(2, "10:00"), day(2, "12:00")


def add(session: Session, ticket: str, opened_at: datetime, *lives: tuple[str, datetime, datetime]) -> None:
    """A ticket with states, each with when it began and when that was known, in the order of recording."""
    row = Ticket(
        source="desk",
        external_id=ticket,
        customer="Hospital",
        priority="2",
        service=f"service of {ticket}",
        opened_at=opened_at,
        known_at=opened_at,
    )
    session.add(row)
    session.flush()
    for state, started_at, known_at in lives:
        interval = TicketInterval(
            ticket_id=row.id,
            state=TicketState(state),
            line=f"line of {ticket}",
            started_at=started_at,
            known_at=known_at,
        )
        session.add(interval)
        session.flush()


@pytest.fixture
def stored(engine: Engine) -> Engine:
    """Three tickets that were recorded in another order than they were opened in."""
    with transaction(engine) as session:
        add(session, "late", TEN, ("new", TEN, TEN), ("closed", NOON, NOON))
        add(
            session,
            "b",
            NINE,
            ("resolved", NOON, day(3)),
            ("new", NINE, NINE),
            ("in_progress", NOON, NOON),
            ("awaiting_user", NOON, NOON),
        )
        add(session, "B", NINE, ("new", NINE, NINE))
        add(session, "without intervals", NINE)
    return engine


def test_tickets_stand_by_opening_then_name_and_intervals_by_time_then_knowledge(stored: Engine):
    read = march(stored, as_of=day(4))
    assert read.external_ids.tolist() == ["B", "b", "without intervals", "late"]
    assert read.opened_at.tolist() == [seconds(2, "09:00")] * 3 + [seconds(2, "10:00")]
    assert read.interval_ticket.tolist() == [0, 1, 1, 1, 1, 3, 3]
    assert read.interval_state.tolist() == [
        "new",
        *("new", "in_progress", "awaiting_user", "resolved"),
        *("new", "closed"),
    ]
    noon, end = seconds(2, "12:00"), seconds(4)
    assert read.interval_end.tolist() == [end, noon, noon, noon, end, noon, end]
    assert read.attributes["service"].tolist()[:2] == ["service of B", "service of b"]
    assert set(read.attributes) == set(ATTRIBUTES) and read.details == {}


def test_what_was_recorded_later_does_not_exist_yet(stored: Engine):
    read = march(stored, as_of=NOON)
    assert read.interval_state.tolist() == ["new", "new", "in_progress", "awaiting_user", "new", "closed"]
    assert len(march(stored, as_of=NINE)) == 3, "one had not been opened"


def test_nothing_is_read_as_columns_of_no_length(engine: Engine):
    read = march(engine, as_of=day(4))
    columns = (
        read.external_ids,
        read.opened_at,
        read.interval_ticket,
        read.interval_state,
        read.interval_end,
    )
    assert len(read) == 0 and [len(column) for column in columns] == [0] * 5


@pytest.fixture
def statements(stored: Engine) -> Iterator[list[tuple[str, Any]]]:
    """What the driver is given from now on."""
    told: list[tuple[str, Any]] = []

    def record(_connection: object, _cursor: object, text: str, values: Any, *_further: object) -> None:
        told.append((text, values))

    event.listen(stored, "before_cursor_execute", record)
    yield told
    event.remove(stored, "before_cursor_execute", record)


def plan_of(engine: Engine, text: str, values: Any) -> str:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        else:  # a table of a few rows is read whole unless that is forbidden
            connection.exec_driver_sql("SET enable_seqscan = off")
            rows = connection.exec_driver_sql(f"EXPLAIN {text}", values)
        return "\n".join(str(row[-1]) for row in rows)


def test_two_statements_read_by_index_and_never_a_whole_table(
    stored: Engine, statements: list[tuple[str, Any]]
):
    read: TicketHistories = march(stored, as_of=day(4))
    assert len(read) == 4
    of_tickets, of_intervals = [told for told in statements if told[0].startswith("SELECT")]
    assert "ix_tickets_source_customer_opened_at" in plan_of(stored, *of_tickets)
    require_indexes(plan_of(stored, *of_intervals))


def test_as_many_statements_read_many_customers_and_by_the_same_indexes(
    stored: Engine, statements: list[tuple[str, Any]]
):
    with transaction(stored) as session:
        session.add(Ticket(source="desk", external_id="x", customer="Works", opened_at=TEN, known_at=TEN))
    statements.clear()
    customers = ["Works", "Hospital", "Nobody", "Hospital"]
    with reading(stored) as session:
        window = day(1), day(9), day(4)
        together = read_together(session, "desk", customers, *window, details=["line"])
        told = [told for told in statements if told[0].startswith("SELECT")]
        alone = {name: read_histories(session, "desk", name, *window, details=["line"]) for name in customers}
    found = {name: together.of(name) for name in together.places}
    assert {name: len(read) for name, read in found.items()} == {"Works": 1, "Hospital": 4, "Nobody": 0}
    for name, read in found.items():
        assert columns(read) == columns(alone[name]), name
    of_tickets, of_intervals = told
    require_indexes(plan_of(stored, *of_tickets))
    require_indexes(plan_of(stored, *of_intervals))


def require_indexes(plan: str) -> None:
    assert "SCAN ticket" not in plan and "Seq Scan" not in plan, plan
    assert "ix_tickets_source_customer_opened_at" in plan


def columns(read: TicketHistories) -> list[object]:
    """All that was read, by column."""
    arrays = (read.external_ids, read.opened_at, read.interval_ticket, read.interval_state)
    texts = {**read.attributes, **read.details}
    return [
        *(column.tolist() for column in (*arrays, read.interval_start, read.interval_end)),
        {name: column.tolist() for name, column in texts.items()},
    ]
