"""What users of other systems suffered from with pauses, reopenings and changed rules.

It must not happen here. Each scene names the thread in which it was told.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, select

from evidence.accounts import Counting
from evidence.importer import import_log
from evidence.mappings import load_mapping, remade
from levels.stopwatches import Outcome
from models.agreements import Agreement
from models.database import transaction
from models.evidence import Ticket, TicketInterval, TicketState
from states.assessment_check import assessments_of, check
from states.explanations import Explanation, explain
from states.measures import measure_targets
from states.move import Trigger
from states.restatements import restate
from tests.states.builders import (
    CUSTOMER,
    OFFICE,
    P2,
    SOURCE,
    close_period,
    draft,
    in_renegotiation,
    loosened,
    monitored,
    move,
    open_period,
    sign_all,
)
from tests.states.told_tickets import Happened, ticket_with

NEW, WORKED_ON, ASKED = TicketState.NEW, TicketState.IN_PROGRESS, TicketState.AWAITING_USER
SUPPLIER, RESOLVED, CLOSED = TicketState.AWAITING_SUPPLIER, TicketState.RESOLVED, TicketState.CLOSED
MAY = datetime(2026, 5, 4, 9, tzinfo=UTC)  # a Monday; service hours are 8 to 18, Monday to Friday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = MAY + 30 * DAY


def target(name: str, **terms: Any) -> dict[str, Any]:
    return P2 | {"id": name, "pause_states": ["awaiting_user"]} | terms


def promised(session: Session, *targets: dict[str, Any], **changes: Any) -> Agreement:
    """An agreement in monitoring that promises these targets."""
    asked = [{"text": "Faults are mended", "settlement": "accepted"}]
    return monitored(session, targets=list(targets), requirements=asked, **changes)


def judged(session: Session, ticket: str = "T-1", at: datetime = LATER) -> dict[str, Explanation]:
    """Each target's account of a ticket."""
    return {told.target.key: told for told in explain(session, ticket, at)}


def hours(told: Explanation) -> float:
    assert told.consumed_s == told.total(Counting.RUNNING)
    return told.consumed_s / 3600


def outcome(told: Explanation) -> tuple[float, str]:
    assert told.outcome is not None, "of a ticket"
    return hours(told), told.outcome.name


def amended(session: Session, at: datetime, hours: int = 12) -> Agreement:
    """An agreement whose version 2, looser, is signed at an instant."""
    agreement = loosened(session, in_renegotiation(session), hours)
    move(session, agreement, Trigger.SKIP_TRIAL, at, reason="agreed")
    return sign_all(session, agreement, at)


# Pauses


def test_a_pause_is_kept_when_the_priority_swaps_the_target(session: Session) -> None:
    """#13: glpi-project/glpi#6902, #15605. The priority changes while the ticket is paused."""
    levels = {f"P{n}": {"population": {"priority": str(n)}} for n in (1, 2)}
    monitored(
        session,
        targets=[
            *(target(key, **terms) for key, terms in levels.items()),
            *(target(f"{key}-rest", priority_change="remaining", **terms) for key, terms in levels.items()),
        ],
    )
    ticket_with(
        session,
        "T-1",
        Happened(NEW, MAY),
        Happened(ASKED, MAY + HOUR),
        Happened(ASKED, MAY + 3 * HOUR, priority="1"),
        Happened(WORKED_ON, MAY + 7 * HOUR, priority="1"),
        Happened(RESOLVED, MAY + 8 * HOUR, priority="1"),
    )
    accounts = judged(session)
    assert {key: outcome(told) for key, told in accounts.items()} == {
        "P2": (2, "HIT"),
        "P1-rest": (2, "HIT"),
    }
    assert all(told.total(Counting.PAUSED) == 6 * 3600 for told in accounts.values())


def test_what_is_pending_is_not_late(session: Session) -> None:
    """#14: glpi-project/glpi#24481. An OLA was violated while its ticket waited for somebody else."""
    terms = {
        "indicator": "step",
        "line": "back office",
        "pause_states": ["awaiting_user", "awaiting_supplier"],
    }
    promised(session, target("OLA", **terms), kind="OLA")
    ticket_with(
        session,
        "T-1",
        Happened(NEW, MAY, "first line"),
        Happened(WORKED_ON, MAY + HOUR, "back office"),
        Happened(SUPPLIER, MAY + 3 * HOUR, "back office"),
    )
    told = judged(session)["OLA"]
    assert outcome(told) == (2, "UNDECIDED")
    assert told.lines[-1].why == "awaiting supplier pauses"


def test_a_pause_over_the_weekend_is_worth_its_service_hours(session: Session) -> None:
    """#15: glpi-project/glpi#10594. The weekend within a pause was credited as if it had been worked."""
    monitored(session, targets=[target("P2")])
    friday = MAY + 4 * DAY
    ticket_with(
        session,
        "T-1",
        (NEW, friday + 6 * HOUR),  # 15:00
        (ASKED, friday + 7 * HOUR),  # 16:00
        (WORKED_ON, friday + 3 * DAY),  # Monday, 9:00
        (RESOLVED, friday + 3 * DAY + HOUR),
    )
    told = judged(session)["P2"]
    assert outcome(told) == (2, "HIT")
    assert told.total(Counting.PAUSED) == 3 * 3600, "two hours on Friday and one on Monday"


def test_each_target_names_the_states_that_pause_it(session: Session) -> None:
    """#16: osTicket/osTicket#3034. Pausing by status, as the contract has it."""
    names = {"user": ["awaiting_user"], "both": ["awaiting_user", "awaiting_supplier"], "none": []}
    promised(session, *(target(name, pause_states=states) for name, states in names.items()))
    ticket_with(
        session,
        "T-1",
        (NEW, MAY),
        (ASKED, MAY + HOUR),
        (SUPPLIER, MAY + 3 * HOUR),
        (WORKED_ON, MAY + 6 * HOUR),
        (RESOLVED, MAY + 8 * HOUR),
    )
    assert {key: hours(told) for key, told in judged(session).items()} == {"user": 6, "both": 3, "none": 8}


# Reopening


def test_the_time_a_ticket_was_closed_does_not_make_it_late(session: Session) -> None:
    """#17: zammad/zammad#188, glpi-project/glpi PR#9267, osTicket/osTicket PR#5206.

    Closed before a holiday, reopened after it, with more than the whole budget of time between.
    """
    hours_with_holiday = OFFICE | {"holidays": ["2026-05-14"]}
    monitored(session, calendars={"office": hours_with_holiday}, targets=[target("P2")])
    again = MAY + 11 * DAY  # Friday, the 15th
    ticket_with(
        session, "T-1", (NEW, MAY), (RESOLVED, MAY + 2 * HOUR), (CLOSED, MAY + 3 * HOUR), (WORKED_ON, again)
    )
    assert outcome(judged(session, at=again - HOUR)["P2"]) == (2, "HIT")
    assert outcome(judged(session, at=again)["P2"]) == (2, "UNDECIDED"), (
        "not late in the second it is reopened"
    )
    assert outcome(judged(session, at=again + 6 * HOUR)["P2"]) == (8, "UNDECIDED")
    assert outcome(judged(session, at=again + 7 * HOUR)["P2"]) == (9, "MISS")


def test_a_reopening_that_resets_gives_the_whole_budget_again(session: Session) -> None:
    """#17, the other policy: the stopwatch starts anew, and the ledger says since when."""
    monitored(session, targets=[target("P2", reopening="reset")])
    again = MAY + 7 * DAY
    ticket_with(
        session,
        "T-1",
        (NEW, MAY),
        (RESOLVED, MAY + 7 * HOUR),
        (WORKED_ON, again),
        (RESOLVED, again + 3 * HOUR),
    )
    told = judged(session)["P2"]
    assert outcome(told) == (3, "HIT")
    [before] = {line.why for line in told.lines if line.counting is Counting.NOT_MEASURED}
    assert before == "before the last reopening, which resets it"


def test_closing_a_late_ticket_leaves_it_late_and_the_evidence_in_place(session: Session) -> None:
    """#22: osTicket/osTicket#4144. Closing reset the overdue flag and the plan, and the evidence was gone."""
    monitored(session, targets=[target("P2")])
    ticket_with(session, "T-1", (NEW, MAY), (RESOLVED, MAY + DAY), (CLOSED, MAY + 2 * DAY))
    open_still, closed = (judged(session, at=MAY + after)["P2"] for after in (DAY - HOUR, 3 * DAY))
    assert outcome(open_still) == (9, "MISS")
    assert outcome(closed) == (10, "MISS")
    assert [(line.counting, line.seconds // 3600) for line in closed.lines] == [
        (Counting.RUNNING, 9),
        (Counting.OUTSIDE, 14),
        (Counting.RUNNING, 1),
        (Counting.NOT_MEASURED, 24),
    ]


# Rules that change


def test_the_version_in_force_at_the_opening_judges_to_the_end(session: Session) -> None:
    """#18, #19: zammad/zammad#4353, #5624. A target was deactivated or changed while tickets were open."""
    change = datetime(2026, 4, 15, 12, tzinfo=UTC)
    amended(session, change, hours=12)
    for name, opened in (("before", change - 4 * HOUR), ("after", change)):
        ticket_with(session, name, (NEW, opened), (RESOLVED, opened + 22 * HOUR + 4 * HOUR))
    before, after = (judged(session, name)["P2"] for name in ("before", "after"))
    assert (before.version.number, outcome(before)) == (1, (12, "MISS")), "eight hours were promised"
    assert (after.version.number, outcome(after)) == (2, (12, "HIT"))


def test_a_dropped_target_judges_what_was_opened_under_it_and_nothing_later(session: Session) -> None:
    """#18: zammad/zammad#4353. A deactivated SLA left its tickets escalated for ever."""
    agreement = in_renegotiation(session, targets=[P2, target("gone", population={"priority": "3"})])
    [dropped] = [kept for kept in draft(agreement).targets if kept.key == "gone"]
    session.delete(dropped)
    session.flush()
    session.expire(draft(agreement))
    change = datetime(2026, 4, 15, 12, tzinfo=UTC)
    move(session, loosened(session, agreement), Trigger.SKIP_TRIAL, change, reason="agreed")
    sign_all(session, agreement, change)
    ticket_with(session, "before", (NEW, change - HOUR), (RESOLVED, change), priority="3")
    ticket_with(session, "after", (NEW, change), priority="3")
    assert judged(session, "before")["gone"].outcome is Outcome.HIT
    figures = {}
    for number in (0, 1):
        judging = agreement.versions[number]
        measured = measure_targets(
            session, agreement, judging.targets, change - HOUR, change + HOUR, LATER, 0.95
        )
        figures[judging.number] = {each.target.key for each in measured if each.known or each.undecided}
    assert figures == {1: {"gone"}, 2: set()}


def test_a_ticket_that_moves_to_another_line_stops_the_clock_of_the_first(session: Session) -> None:
    """#19: zammad/zammad#5624. The old clock stayed after a ticket had moved to another group."""
    lines = ("first line", "back office")
    promised(session, *(target(name.replace(" ", "-"), indicator="step", line=name) for name in lines))
    ticket_with(
        session, "T-1", Happened(NEW, MAY, "first line"), Happened(WORKED_ON, MAY + HOUR, "back office")
    )
    accounts = judged(session, at=MAY + 9 * HOUR)
    assert {key: outcome(told) for key, told in accounts.items()} == {
        "first-line": (1, "UNDECIDED"),
        "back-office": (8, "UNDECIDED"),
    }


def test_a_new_version_touches_no_ticket_and_nothing_sealed(session: Session) -> None:
    """#20: zammad/zammad#4037. Editing an SLA changed the updated-at of every ticket."""

    def evidence() -> list[dict[str, Any]]:
        session.expire_all()
        return [row.model_dump() for kind in (Ticket, TicketInterval) for row in session.exec(select(kind))]

    agreement = monitored(session)
    period = open_period(session, agreement)
    ticket_with(session, "T-1", (NEW, period.starts_at + HOUR), (RESOLVED, period.starts_at + 9 * HOUR))
    period = close_period(session, agreement)
    first = agreement.versions[0]
    before = (evidence(), first.canonical, first.sha256)
    for trigger in (Trigger.BEGIN_REVIEW, Trigger.RENEGOTIATE):
        move(session, agreement, trigger, period.closes_at, reason="asked for")
    move(session, loosened(session, agreement), Trigger.SKIP_TRIAL, period.closes_at, reason="agreed")
    sign_all(session, agreement, period.closes_at + DAY)
    assert [version.number for version in agreement.versions] == [1, 2]
    assert (evidence(), first.canonical, first.sha256) == before
    for row in assessments_of(session, agreement):
        assert check(session, agreement, row).differences == {}


def test_the_changed_time_is_the_one_that_the_ticket_shows(session: Session) -> None:
    """#23: frappe/helpdesk#2214. The new time of a changed SLA was not shown on the ticket."""
    change = datetime(2026, 4, 15, 12, tzinfo=UTC)
    amended(session, change, hours=12)
    ticket_with(session, "before", (NEW, change - HOUR))
    ticket_with(session, "after", (NEW, change))
    shown = {name: judged(session, name)["P2"].target.threshold_s // 3600 for name in ("before", "after")}
    assert shown == {"before": 8, "after": 12}


# What is measured


def test_a_clock_can_run_from_the_assignment_instead_of_the_opening(session: Session) -> None:
    """#21: glpi-project/glpi#1911. An OLA counts from the hand-over."""
    terms = {
        "indicator": "between states",
        "from_states": ["awaiting_supplier"],
        "to_states": ["in_progress"],
    }
    promised(session, target("OLA", **terms), target("P2"), kind="OLA")
    ticket_with(
        session,
        "T-1",
        (NEW, MAY),
        (SUPPLIER, MAY + 2 * HOUR),
        (WORKED_ON, MAY + 5 * HOUR),
        (RESOLVED, MAY + 6 * HOUR),
    )
    assert {key: hours(told) for key, told in judged(session).items()} == {"OLA": 3, "P2": 6}


def test_the_update_clock_and_the_first_response_are_two_promises(session: Session) -> None:
    """#24: zammad/zammad#5177, #3140. The one overruled the other, and tickets escalated though answered."""
    promised(
        session,
        target("answer", indicator="response", threshold="2 h"),
        target("news", indicator="next update", threshold="4 h"),
    )
    ticket_with(session, "T-1", (NEW, MAY), (WORKED_ON, MAY + HOUR), (WORKED_ON, MAY + 7 * HOUR))
    accounts = judged(session, at=MAY + 8 * HOUR)
    assert outcome(accounts["answer"]) == (1, "HIT"), "answered for good, however long the next update takes"
    assert outcome(accounts["news"]) == (6, "MISS")


def test_a_note_that_changes_nothing_keeps_the_update_clock(engine: Engine, tmp_path: Path) -> None:
    """#24 again, by a real import: whoever writes to the customer regularly is in time."""
    with transaction(engine) as session:
        promised(
            session,
            target("answer", indicator="response", threshold="2 h"),
            target("news", indicator="next update", threshold="4 h"),
        )
        period = open_period(session, session.exec(select(Agreement)).one())
        begin, closes_at = period.starts_at.replace(hour=9) + DAY, period.closes_at
    noted = ("new", 0), ("in_progress", 0.5), ("in_progress", 3), ("in_progress", 6), ("resolved", 8)
    fed(engine, tmp_path, begin, "T-1", *noted)
    fed(engine, tmp_path, begin, "T-2", ("new", 0), ("in_progress", 0.5), ("resolved", 8))
    with transaction(engine) as session:
        accounts = judged(session, "T-1", closes_at)
        assert outcome(accounts["answer"]) == (0.5, "HIT")
        assert outcome(accounts["news"]) == (3, "HIT"), "three waits of 2 h 30 min, 3 h and 2 h"
        longest = [line for line in accounts["news"].lines if line.counting is Counting.RUNNING]
        waited = begin + 3 * HOUR, begin + 6 * HOUR
        assert [(line.start, line.end) for line in longest] == [tuple(int(at.timestamp()) for at in waited)]
        assert outcome(judged(session, "T-2", closes_at)["news"]) == (7.5, "MISS")
        agreement = session.exec(select(Agreement)).one()
        close_period(session, agreement)
        found = {row.target_key: row for row in assessments_of(session, agreement)}
        assert (found["news"].known, found["news"].hits) == (2, 1)
        assert all(check(session, agreement, row).differences == {} for row in found.values())


def test_a_note_that_is_recorded_late_restates_the_news_and_nothing_else(
    engine: Engine, tmp_path: Path
) -> None:
    with transaction(engine) as session:
        promised(session, target("news", indicator="next update", threshold="4 h"), target("P2"))
        period = open_period(session, session.exec(select(Agreement)).one())
        begin, closes_at = period.starts_at.replace(hour=9) + DAY, period.closes_at
    told = [("new", 0), ("in_progress", 0.5), ("resolved", 7)]
    fed(engine, tmp_path, begin, "T-1", *told)
    with transaction(engine) as session:
        close_period(session, session.exec(select(Agreement)).one())
    later = (closes_at - begin) / HOUR + 24
    fed(engine, tmp_path, begin, "T-1", *told, ("resolved", later), ("in_progress", 4))
    with transaction(engine) as session:
        agreement = session.exec(select(Agreement)).one()
        assert outcome(judged(session, at=closes_at)["news"]) == (6.5, "MISS")
        assert outcome(judged(session, at=closes_at + 2 * DAY)["news"]) == (3.5, "HIT")
        [restated] = restate(session, agreement, closes_at + 2 * DAY)
        assert restated.row.target_key == "news" and restated.difference["hits"] == (0, 1)
        assert restated.row.reason == "evidence known later: 1 ticket"
        for row in assessments_of(session, agreement):
            assert check(session, agreement, row).differences == {}


def fed(engine: Engine, folder: Path, begin: datetime, ticket: str, *updates: tuple[str, float]) -> None:
    """Import what a feed tells of a ticket: states, and how many hours after `begin` each was told."""
    lines = [
        {
            "id": ticket,
            "state": state,
            "at": (begin + later * HOUR).isoformat(),
            "opened_at": begin.isoformat(),
            "customer": CUSTOMER,
            "priority": "2",
        }
        for state, later in updates
    ]
    path = folder / "feed.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    import_log(engine, path, remade(load_mapping("feed"), {"source": SOURCE}))
