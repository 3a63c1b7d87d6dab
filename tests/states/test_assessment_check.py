"""Frozen figures are derived again from the evidence: identical, or what differs is named."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session, select

from models.agreements import Agreement
from models.assessments import ServicePeriod
from states.assessment_check import assessments_of, check
from states.monitoring import close_period
from tests.states.builders import add_tickets, monitored


def assessed(session: Session) -> Agreement:
    agreement = monitored(session)
    period = session.exec(select(ServicePeriod)).one()
    add_tickets(session, period.starts_at, 40, hours=2)
    close_period(session, agreement, period, period.closes_at + timedelta(hours=1))
    return agreement


def test_what_nobody_touched_is_identical(session: Session) -> None:
    agreement = assessed(session)
    [row] = assessments_of(session, agreement)
    assert row.known == 40
    assert check(session, agreement, row).differences == {}


def test_what_became_known_later_changes_nothing(session: Session) -> None:
    agreement = assessed(session)
    [row] = assessments_of(session, agreement)
    session.execute(
        text(
            "INSERT INTO ticket_intervals "
            "(ticket_id, state, group_name, line, priority, started_at, known_at) "
            "SELECT ticket_id, 'in_progress', '', '', '', started_at + 60, :later "
            "FROM ticket_intervals WHERE state = 'resolved'"
        ),
        {"later": int((row.as_of + timedelta(days=1)).timestamp())},
    )
    assert check(session, agreement, row).differences == {}


def test_a_changed_fact_is_found(session: Session) -> None:
    agreement = assessed(session)
    [row] = assessments_of(session, agreement)
    session.execute(
        text("UPDATE ticket_intervals SET started_at = started_at + 7200 WHERE state = 'resolved'")
    )
    differences = check(session, agreement, row).differences
    assert set(differences) == {"inputs"}
    session.execute(
        text("UPDATE ticket_intervals SET started_at = started_at + 864000 WHERE state = 'resolved'")
    )
    differences = check(session, agreement, row).differences
    assert {"hits", "verdict", "inputs"} <= set(differences)
    assert differences["hits"] == (40, 0)
