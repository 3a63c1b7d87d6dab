"""The audit trail: a chain that tells who changed, dropped or swapped an event, and that never forks."""

from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from models.agreements import Agreement
from models.audit import AuditHead
from models.database import reading, transaction
from states import audit
from states.drafting import find_agreement
from tests.states.builders import MANAGER, MONDAY, at_once, monitored, written


def chained(session: Session, events: int = 5) -> Agreement:
    """An agreement with so many events in its chain."""
    agreement = written(session)
    for number in range(2, events + 1):
        audit.append(session, agreement, "note", MANAGER, MONDAY + timedelta(seconds=number), number=number)
    return agreement


def tamper(session: Session, *statements: str) -> None:
    session.flush()
    for statement in statements:
        session.execute(text(statement))
    session.expire_all()


def test_a_whole_life_is_one_unbroken_chain(either: Session) -> None:
    agreement = monitored(either)
    events = audit.events_of(either, agreement)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert events[0].previous_hash == "0" * 64
    assert audit.faults(either, agreement) == []
    head = either.get_one(AuditHead, agreement.id)
    assert (head.length, head.hash) == (len(events), events[-1].hash)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("data = '{}'", "event 3 (note) was changed"),
        ("actor = 'Nobody'", "event 3 (note) was changed"),
        ("kind = 'remark'", "event 3 (remark) was changed"),
        ("at = '2026-03-02 10:00:00+00:00'", "event 3 (note) was changed"),
    ],
)
def test_a_changed_event_is_found(either: Session, change: str, found: str) -> None:
    agreement = chained(either)
    tamper(either, f"UPDATE audit_events SET {change} WHERE sequence = 3")
    assert audit.faults(either, agreement) == [f"SLA-1: {found}"]


def test_an_event_rewritten_with_its_hash_does_not_fit_what_follows(either: Session) -> None:
    agreement = chained(either)
    third = audit.events_of(either, agreement)[2]
    third.data = '{"number":33}'
    third.hash = audit._hash(third)
    either.flush()
    assert audit.faults(either, agreement) == ["SLA-1: event 4 does not follow the one before"]


def test_a_missing_event_in_the_middle_is_found(either: Session) -> None:
    agreement = chained(either)
    tamper(either, "DELETE FROM audit_events WHERE sequence = 3")
    assert audit.faults(either, agreement) == ["SLA-1: event 3 is missing"]


def test_a_gap_closed_by_renumbering_is_found(either: Session) -> None:
    agreement = chained(either)
    tamper(
        either,
        "DELETE FROM audit_events WHERE sequence = 3",
        "UPDATE audit_events SET sequence = 3 WHERE sequence = 4",
        "UPDATE audit_events SET sequence = 4 WHERE sequence = 5",
        "UPDATE audit_heads SET length = 4",
    )
    assert audit.faults(either, agreement) == [
        "SLA-1: event 3 does not follow the one before",
        "SLA-1: event 3 (note) was changed",
        "SLA-1: event 4 (note) was changed",
    ]


@pytest.mark.parametrize("missing", [1, 5])
def test_missing_events_at_the_end_are_found(either: Session, missing: int) -> None:
    agreement = chained(either)
    tamper(either, f"DELETE FROM audit_events WHERE sequence > {5 - missing}")
    assert audit.faults(either, agreement) == [f"SLA-1: events {6 - missing} to 5 are missing at the end"]


def test_an_end_cut_off_together_with_the_length_is_found(either: Session) -> None:
    agreement = chained(either)
    tamper(either, "DELETE FROM audit_events WHERE sequence = 5", "UPDATE audit_heads SET length = 4")
    assert audit.faults(either, agreement) == ["SLA-1: the chain does not end in its head"]


def test_swapped_events_are_found(either: Session) -> None:
    agreement = chained(either)
    tamper(
        either,
        "UPDATE audit_events SET sequence = 99 WHERE sequence = 3",
        "UPDATE audit_events SET sequence = 3 WHERE sequence = 4",
        "UPDATE audit_events SET sequence = 4 WHERE sequence = 99",
    )
    faults = audit.faults(either, agreement)
    assert "SLA-1: event 3 (note) was changed" in faults and "SLA-1: event 4 (note) was changed" in faults


def test_an_added_event_is_found(either: Session) -> None:
    agreement = chained(either)
    tamper(
        either,
        "INSERT INTO audit_events SELECT agreement_id, 6, at, actor, kind, data, hash, hash "
        "FROM audit_events WHERE sequence = 5",
    )
    assert "SLA-1: event 6 (note) was changed" in audit.faults(either, agreement)


def test_a_chain_without_its_head_is_found(either: Session) -> None:
    agreement = chained(either)
    tamper(either, "DELETE FROM audit_heads")
    assert audit.faults(either, agreement) == ["SLA-1: the chain has no head"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database, on both databases in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def test_writers_at_once_build_on_one_another(engine: Engine) -> None:
    with transaction(engine) as session:
        written(session)
    together = Barrier(2)

    def note(actor: str) -> None:
        together.wait()
        for number in range(10):
            with transaction(engine) as session:
                audit.append(session, find_agreement(session, "SLA-1"), "note", actor, MONDAY, number=number)

    assert at_once(lambda: note("one"), lambda: note("other")) == [None, None]
    with reading(engine) as session:
        agreement = find_agreement(session, "SLA-1")
        assert len(audit.events_of(session, agreement)) == 21
        assert audit.faults(session, agreement) == []


def test_what_is_rolled_back_never_happened(either: Session) -> None:
    agreement = chained(either, 2)
    with either.begin_nested() as savepoint:
        audit.append(either, agreement, "note", MANAGER, MONDAY, number=3)
        savepoint.rollback()
    audit.append(either, agreement, "note", MANAGER, MONDAY, number=4)
    assert [event.sequence for event in audit.events_of(either, agreement)] == [1, 2, 3]
    assert audit.faults(either, agreement) == []
