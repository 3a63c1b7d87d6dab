"""Explaining a ticket: every second is accounted for, and the running ones are what the assessment counts."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from config.errors import NotFoundError
from evidence.ledgers import Counting
from levels.stopwatches import Outcome
from models.evidence import Ticket, TicketInterval, TicketState
from states.explanations import explain
from tests.states.builders import CUSTOMER, SOURCE, monitored

MAY = datetime(2026, 5, 4, 9, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)


def ticket_with(
    session: Session, name: str, *states: tuple[TicketState, datetime], priority: str = "2"
) -> None:
    """Insert a ticket that went through these states, each known as it began."""
    ticket = Ticket(
        source=SOURCE,
        external_id=name,
        customer=CUSTOMER,
        priority=priority,
        opened_at=states[0][1],
        known_at=states[0][1],
    )
    session.add(ticket)
    session.flush()
    for state, at in states:
        session.add(TicketInterval(ticket_id=ticket.id, state=state, started_at=at, known_at=at))
    session.flush()


def a_disputed_ticket(session: Session) -> None:
    """Monday 16:00 opened, 17:00 waiting for the user until Tuesday 10:00, resolved at 12:00, reopened
    at 14:00 and resolved for good at 15:00."""
    monday, tuesday = MAY.replace(hour=16), MAY.replace(hour=10) + timedelta(days=1)
    ticket_with(
        session,
        "T-1",
        (TicketState.NEW, monday),
        (TicketState.AWAITING_USER, monday + HOUR),
        (TicketState.IN_PROGRESS, tuesday),
        (TicketState.RESOLVED, tuesday + 2 * HOUR),
        (TicketState.IN_PROGRESS, tuesday + 4 * HOUR),
        (TicketState.RESOLVED, tuesday + 5 * HOUR),
    )


def test_every_second_from_opening_to_the_stop_is_accounted_for(session: Session) -> None:
    monitored(session)
    a_disputed_ticket(session)
    [told] = explain(session, "T-1", MAY + timedelta(days=9))
    hours = {counting: told.total(counting) / 3600 for counting in Counting}
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


def test_a_ticket_that_nothing_covers_is_named(session: Session) -> None:
    monitored(session)
    ticket_with(session, "T-9", (TicketState.NEW, MAY), priority="9")
    with pytest.raises(NotFoundError, match="T-9 of Harbour Logistics falls under no target"):
        explain(session, "T-9", MAY + HOUR)
    with pytest.raises(NotFoundError, match="no ticket 'T-none'"):
        explain(session, "T-none", MAY)
    a_disputed_ticket(session)
    with pytest.raises(NotFoundError, match="no target named 'P7'"):
        explain(session, "T-1", MAY + timedelta(days=3), "P7")
