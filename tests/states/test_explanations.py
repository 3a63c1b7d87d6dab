"""Explaining a ticket: every second is accounted for, and the running ones are what the assessment counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from config.errors import NotFoundError
from evidence.accounts import Counting
from levels.stopwatches import Outcome
from models.evidence import TicketState
from states.availability import availability_figures
from states.exclusions import ask_exclusion
from states.explanations import explain, why_under_none
from states.measures import measure_targets
from tests.states.builders import CUSTOMER_OWNER, P2, PROVIDER, answer, monitored, person
from tests.states.told_tickets import Happened, ticket_with

MAY = datetime(2026, 5, 4, 9, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)


def a_disputed_ticket(session: Session, line: str = "") -> None:
    """Monday 16:00 opened, 17:00 waiting for the user until Tuesday 10:00, resolved at 12:00, reopened
    at 14:00 and resolved for good at 15:00."""
    monday, tuesday = MAY.replace(hour=16), MAY.replace(hour=10) + timedelta(days=1)
    happened = (
        (TicketState.NEW, monday),
        (TicketState.AWAITING_USER, monday + HOUR),
        (TicketState.IN_PROGRESS, tuesday),
        (TicketState.RESOLVED, tuesday + 2 * HOUR),
        (TicketState.IN_PROGRESS, tuesday + 4 * HOUR),
        (TicketState.RESOLVED, tuesday + 5 * HOUR),
    )
    ticket_with(session, "T-1", *(Happened(state, at, line) for state, at in happened))


def test_every_second_from_opening_to_the_stop_is_accounted_for(session: Session) -> None:
    monitored(session)
    a_disputed_ticket(session)
    [told] = explain(session, "T-1", MAY + timedelta(days=9))
    hours = {line.counting: told.total(line.counting) / 3600 for line in told.lines}
    # 1 h before the question, 2 h and 1 h after it; the question takes 1 h + 2 h of service hours, the
    # time it was resolved 2 h; the night 14 h
    assert hours == {Counting.RUNNING: 4, Counting.PAUSED: 5, Counting.OUTSIDE: 14}
    assert told.consumed_s == told.total(Counting.RUNNING)
    assert sum(line.seconds for line in told.lines) == 23 * 3600
    assert all(a.end == b.start for a, b in zip(told.lines, told.lines[1:], strict=False))
    assert (told.in_force, told.stopped, told.outcome) == (True, True, Outcome.HIT)


def test_asked_as_of_an_instant_it_knows_nothing_later(session: Session) -> None:
    monitored(session)
    a_disputed_ticket(session)
    tuesday_noon = MAY.replace(hour=13) + timedelta(days=1)
    [told] = explain(session, "T-1", tuesday_noon)
    assert told.stopped and told.consumed_s == 3 * 3600, "it was resolved then, and not yet reopened"
    [earlier] = explain(session, "T-1", MAY.replace(hour=17, minute=30))
    assert not earlier.stopped
    assert [line.counting for line in earlier.lines] == [Counting.RUNNING, Counting.PAUSED]


def test_a_ticket_opened_before_anything_was_in_force_says_so(session: Session) -> None:
    monitored(session)
    before = datetime(2026, 2, 2, 9, tzinfo=UTC)
    ticket_with(session, "T-0", (TicketState.NEW, before), (TicketState.RESOLVED, before + HOUR))
    [told] = explain(session, "T-0", MAY)
    assert not told.in_force


def reasons(session: Session, ticket: str, at: datetime) -> dict[str, list[str]]:
    return {row.target.key: row.why for row in why_under_none(session, ticket, at)}


def test_each_term_that_leaves_a_ticket_out_is_named(session: Session) -> None:
    terms: dict[str, dict[str, Any]] = {
        "A": {"indicator": "availability", "threshold": None, "population": {"service": "E-mail"}},
        "B": {"indicator": "between states", "from_states": ["awaiting_user"], "to_states": ["resolved"]},
        "P": {"population": {"service": "E-mail", "priority": "2"}},
        "S": {"indicator": "step", "line": "back office"},
        "W": {"weekdays": ["sat", "sun"]},
        "V": {"indicator": "ratio", "measure": "checks", "threshold": None, "population": {}},
    }
    targets = [{**P2, "id": key} | changed for key, changed in terms.items()]
    monitored(session, targets=targets, requirements=settled(*terms))
    ticket_with(session, "T-1", Happened(TicketState.NEW, MAY, "first line"), service="Files")
    assert reasons(session, "T-1", MAY + HOUR) == {
        "A": ["it is no outage"],
        "B": ["it never was awaiting user"],
        "P": ["its service is Files, not E-mail"],
        "S": ["it never was open in the line 'back office'"],
        "V": ["ratio is not measured by tickets"],
        "W": ["it was opened on a Monday, not on Saturday and Sunday"],
    }
    ticket_with(session, "T-2", (TicketState.NEW, MAY), (TicketState.CANCELLED, MAY + HOUR))
    told = reasons(session, "T-2", MAY + 2 * HOUR)
    assert told["P"] == ["it names no service, so not E-mail", "it stands cancelled: nobody had to serve it"]
    assert told["W"] == ["it stands cancelled: nobody had to serve it"]


def test_a_ticket_that_nothing_covers_is_named(session: Session) -> None:
    monitored(session)
    ticket_with(session, "T-9", (TicketState.NEW, MAY), priority="9")
    assert explain(session, "T-9", MAY + HOUR) == []
    assert reasons(session, "T-9", MAY + HOUR) == {"P2": ["its priority is 9, not 2"]}
    with pytest.raises(NotFoundError, match="no ticket 'T-none'"):
        explain(session, "T-none", MAY)
    a_disputed_ticket(session)
    with pytest.raises(NotFoundError, match="no target named 'P7'"):
        explain(session, "T-1", MAY + timedelta(days=3), "P7")


def test_each_stopwatch_of_a_ticket_has_its_own_ledger(session: Session) -> None:
    indicators: dict[str, dict[str, Any]] = {
        "R": {"indicator": "response"},
        "U": {"indicator": "next update"},
        "S": {"indicator": "step", "line": "first line"},
        "B": {"indicator": "between states", "from_states": ["in_progress"], "to_states": ["resolved"]},
        "A": {"indicator": "availability", "threshold": None},
    }
    monitored(session, targets=[P2, *({**P2, "id": key} | terms for key, terms in indicators.items())])
    a_disputed_ticket(session, line="first line")
    found = explain(session, "T-1", MAY + timedelta(days=9))
    assert {told.target.key: told.consumed_s / 3600 for told in found} == {
        "B": 2,  # Tuesday, 10:00 to 12:00
        "P2": 4,
        "R": 1,
        "S": 4,
        "U": 2,
    }
    for told in found:
        assert told.consumed_s == told.total(Counting.RUNNING), told.target.key
        assert sum(line.seconds for line in told.lines) == 23 * 3600, "from the opening to the resolution"


STEPS = [
    {**P2, "id": line[0].upper(), "indicator": "step", "line": line} for line in ("first line", "supplier")
]


def test_a_feed_that_names_groups_alone_has_lines_by_them(session: Session) -> None:
    """The desk has it for an hour, the network team for two, the supplier for three, and a second desk ticket
    names no group at all."""
    agreement = monitored(session, targets=STEPS, requirements=settled("F", "S"))
    happened = (
        Happened(TicketState.NEW, MAY, group="Desk"),
        Happened(TicketState.IN_PROGRESS, MAY + HOUR, group="Network"),
        Happened(TicketState.AWAITING_SUPPLIER, MAY + 3 * HOUR, group="Network"),
        Happened(TicketState.RESOLVED, MAY + 6 * HOUR, group="Network"),
    )
    ticket_with(session, "T-1", *happened)
    ticket_with(session, "T-2", (TicketState.NEW, MAY), (TicketState.RESOLVED, MAY + HOUR))
    at = MAY + timedelta(days=9)
    told = {row.target.key: row for row in explain(session, "T-1", at)}
    assert {key: row.consumed_s / 3600 for key, row in told.items()} == {"F": 1, "S": 3}
    assert [line.why for line in told["F"].lines][:2] == ["in first line", "in back office"]
    [alone] = explain(session, "T-2", at)
    assert (alone.target.key, alone.consumed_s) == ("F", 3600), "alone it has the line it has among others"

    [first, _] = measure_targets(session, agreement, agreement.versions[-1].targets, MAY, at, at, 0.95)
    assert first.measurement is not None
    assert first.measurement.consumed.tolist() == [3600, 3600], "the assessment counts the same"


def test_a_feed_that_names_lines_is_not_told_by_its_groups(session: Session) -> None:
    monitored(session, targets=STEPS, requirements=settled("F", "S"))
    ticket_with(session, "T-0", Happened(TicketState.NEW, MAY - HOUR, "back office"))
    ticket_with(session, "T-1", Happened(TicketState.NEW, MAY, group="Desk"))
    assert reasons(session, "T-1", MAY + HOUR) == {
        "F": ["it never was open in the line 'first line'"],
        "S": ["it never was open in the line 'supplier'"],
    }


def settled(*keys: str) -> list[dict[str, Any]]:
    return [{"text": f"{key} is quick", "target": key, "settlement": "accepted"} for key in keys]


def test_excluded_time_is_shown_with_its_reason_from_its_approval_on(session: Session) -> None:
    agreement = monitored(session)
    a_disputed_ticket(session)
    tuesday, at = MAY + timedelta(days=1), MAY + timedelta(days=3)
    ask_exclusion(
        session,
        agreement,
        person(session, PROVIDER),
        "the fibre was cut",
        tuesday.replace(hour=10),
        tuesday.replace(hour=11),
        at,
        ticket="T-1",
    )
    answer(session, CUSTOMER_OWNER, at + HOUR)
    [before] = explain(session, "T-1", at)
    [after] = explain(session, "T-1", at + HOUR)
    assert (before.consumed_s, after.consumed_s) == (4 * 3600, 3 * 3600)
    assert [line.why for line in after.lines if line.counting is Counting.EXCLUDED] == [
        "the fibre was cut (approved 2026-05-07 10:00 UTC)"
    ]


def test_an_outages_seconds_down_are_what_the_availability_loses(session: Session) -> None:
    up = {"id": "UP", "indicator": "availability", "population": {"service": "E-mail"}, "objective": "99 %"}
    requirements = [{"text": "It works", "target": "UP", "settlement": "accepted"}]
    agreement = monitored(session, targets=[up | {"calendar": "office"}], requirements=requirements)
    begins, day = MAY.replace(hour=17), timedelta(days=1)
    happened = (
        (TicketState.NEW, begins),
        (TicketState.RESOLVED, begins + 17 * HOUR),
        (TicketState.IN_PROGRESS, begins + 19 * HOUR),
        (TicketState.RESOLVED, begins + 20 * HOUR),
    )
    ticket_with(session, "O-1", *happened, service="E-mail", request_type="outage")
    maintained, at = (begins + 15 * HOUR, begins + 16 * HOUR), MAY + 3 * day
    head = person(session, PROVIDER)
    ask_exclusion(session, agreement, head, "new disks", *maintained, at, population={"service": "E-mail"})
    answer(session, CUSTOMER_OWNER, at + HOUR)
    [told] = explain(session, "O-1", at + HOUR)
    assert [(line.counting.value, line.seconds // 3600) for line in told.lines] == [
        ("down", 1),
        ("outside hours", 14),
        ("excluded", 1),
        ("down", 1),
        ("not measured", 2),
        ("down", 1),
    ]
    (target,) = agreement.versions[0].targets
    found = availability_figures(session, agreement, target, MAY - day, at, at + HOUR)
    assert told.consumed_s == found.known - found.hits == 3 * 3600
    assert told.outcome is None and told.stopped and told.in_force
