"""Frozen figures are derived again from the evidence: identical, or what differs is named."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from models.agreements import Agreement
from models.assessments import ServicePeriod
from states.assessment_check import assessments_of, check
from states.closing import close_period
from tests.states.builders import P2, add_tickets, monitored


def assessed(session: Session, **changes: Any) -> Agreement:
    agreement = monitored(session, **changes)
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
    assert set(differences) == {"consumed", "inputs"}, "every ticket still hits"
    session.execute(
        text("UPDATE ticket_intervals SET started_at = started_at + 864000 WHERE state = 'resolved'")
    )
    differences = check(session, agreement, row).differences
    assert {"hits", "verdict", "inputs"} <= set(differences)
    assert differences["hits"] == (40, 0)


def without_seals(session: Session, *triggers: str) -> None:
    """Somebody with the database's own tools drops what guards it."""
    for trigger in triggers:
        session.execute(text(f"DROP TRIGGER {trigger}"))


def test_other_hours_behind_the_seal_are_found_though_every_ticket_still_hits(session: Session) -> None:
    agreement = assessed(session)
    [row] = assessments_of(session, agreement)
    without_seals(session, "sealed_service_calendars_update")
    session.execute(text("UPDATE service_calendars SET hours = replace(hours, '18:00', '17:00')"))
    session.expire_all()
    differences = check(session, agreement, row).differences
    assert set(differences) == {"consumed", "hours", "sealed hours"}, "no figure of the target is another one"


def test_other_clocks_are_found_by_the_hours_that_were_counted(session: Session) -> None:
    """New time zone rules change the hours of a calendar of which not one letter was changed."""
    agreement = assessed(session)
    [row] = assessments_of(session, agreement)
    frozen = row.target
    without_seals(session, "frozen_assessment_update")
    row.target = frozen | {"hours_sha256": "0" * 64}
    session.flush()
    assert set(check(session, agreement, row).differences) == {"hours"}
    row.target = {name: value for name, value in frozen.items() if not name.endswith("_sha256")}
    session.flush()
    assert check(session, agreement, row).differences == {}, "an older release did not keep them"


def test_frozen_terms_that_are_not_the_sealed_ones_are_found(session: Session) -> None:
    agreement = assessed(session, targets=[P2 | {"pause_states": ["awaiting_user", "awaiting_evidence"]}])
    [row] = assessments_of(session, agreement)
    assert check(session, agreement, row).differences == {}
    without_seals(session, "frozen_assessment_update")
    session.execute(
        text(
            "UPDATE assessments SET target = json_set(target, '$.objective', 0.1, '$.promise', 'nothing', "
            "'$.version', 7), unit = 'EUR', reason = 'because'"
        )
    )
    session.expire_all()
    assert check(session, agreement, row).differences == {
        "version": (7, 1),
        "target's objective": (0.1, 0.9),
        "unit": ("EUR", ""),
        "promise": ("nothing", "90 % of priority 2 tickets resolved within 8 h"),
        "reason": ("because", ""),
    }


def test_a_term_changed_behind_the_seal_is_found(session: Session) -> None:
    agreement = assessed(session)
    [row] = assessments_of(session, agreement)
    without_seals(session, "sealed_service_level_targets_update")
    session.execute(text("UPDATE service_level_targets SET objective = 0.899"))
    session.expire_all()
    differences = check(session, agreement, row).differences
    assert differences["sealed objective"] == (0.9, 0.899)


@pytest.mark.parametrize("change", ["UPDATE assessments SET unit = 'EUR'", "DELETE FROM assessments"])
def test_the_database_refuses_to_change_what_is_frozen(either: Session, change: str) -> None:
    assessed(either)
    with pytest.raises(DatabaseError, match="an assessment cannot be changed: a correction is a restatement"):
        either.execute(text(change))
