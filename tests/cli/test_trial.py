"""`slm trial`: planned, watched and concluded at a terminal."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from config import clock
from evidence.measured_values import add_values
from models.database import open_engine, transaction
from states.drafting import find_agreement
from states.move import Trigger
from tests.cli.command_line import Slm
from tests.states.builders import MONDAY, SOURCE, add_tickets, in_trial, move, trial_of, written
from tests.states.other_promises import value

DAY = timedelta(days=1)


@pytest.fixture
def today() -> Iterator[clock.SimulatedClock]:
    """A clock that stands on the Monday on which the scenes begin."""
    with clock.simulated(MONDAY) as simulated:
        yield simulated


@pytest.fixture
def desk(database: Path) -> Iterator[Session]:
    engine = open_engine(f"sqlite:///{database}")
    with transaction(engine) as session:
        add_tickets(session, MONDAY - 21 * DAY, 57)
        add_tickets(session, MONDAY - 21 * DAY, 3, hours=11)
        written(session)
    yield session
    engine.dispose()


def begun(database: Path, at: datetime = MONDAY, **changes: object) -> datetime:
    """Start the trial with forty slow tickets in it; return when it closes."""
    engine = open_engine(f"sqlite:///{database}")
    with transaction(engine) as session:
        agreement = in_trial(session, at, **changes)
        add_tickets(session, MONDAY, 40, hours=11)
        closes = trial_of(session, agreement).closes_at
    engine.dispose()
    return closes


def test_the_plan_tells_the_chance_and_the_alternatives(slm: Slm, desk: Session, today: object) -> None:
    text = slm.does("trial", "plan", "SLA-1").replace("\u00a0", " ")
    assert "with about 60 tickets: " in text and "would decide in 80 % of cases" in text
    told = slm.tells("trial", "plan", "SLA-1", "--days", 56, "--confidence", "90%")
    (row,) = told["targets"]
    assert (told["days"], told["confidence"], row["expected"]) == (56, 0.9, 160.0)
    assert row["needed_by_misses"] == {"0": 22, "1": 38, "2": 52, "3": 65}
    assert row["baseline"]["share"] == 0.95 and 0 < row["chance"]["mixed"]["met"] < 1
    assert slm.tells("trial", "plan", "SLA-1")["days"] == 21


def test_terms_are_chosen_only_when_asked(slm: Slm, desk: Session, today: object) -> None:
    chosen = slm.does("trial", "plan", "SLA-1", "--days", 42, "--looks", 2, "--choose")
    assert "Chosen for the draft: 42 days" in chosen
    told = slm.tells("trial", "plan", "SLA-1")
    assert (told["days"], told["looks"], told["confidence_of_each_look"]) == (42, 2, 0.975)


def test_what_cannot_be_planned_is_refused(slm: Slm, database: Path, desk: Session, today: object) -> None:
    assert slm.refuses("trial", "plan", "SLA-9").startswith("there is no agreement 'SLA-9'")
    assert "write a share like 0.9 or 90%" in slm.refuses("trial", "plan", "SLA-1", "--confidence", "high")
    assert "from 1 to 366 days" in slm.refuses("trial", "plan", "SLA-1", "--days", 0)
    assert "has had no trial yet" in slm.refuses("trial", "status", "SLA-1")
    assert "no trial is running" in slm.refuses("trial", "conclude", "SLA-1")
    begun(database, reference="SLA-2")
    assert "its plan is fixed" in slm.refuses("trial", "plan", "SLA-2")


def test_while_it_runs_it_is_provisional_and_after_it_the_misses_are_told(
    slm: Slm, database: Path, today: clock.SimulatedClock
) -> None:
    closes = begun(database)
    today.move_to(MONDAY + 15 * DAY)
    running = slm.tells("trial", "status", "SLA-1")
    assert (running["state"], running["figures"], running["days_left"]) == ("running", "provisional", 6)
    text = slm.does("trial", "status", "SLA-1")
    assert "Provisional" in text and " met" not in text and "not enough" not in text
    assert f"from {closes:%Y-%m-%d %H:%M} UTC on" in slm.refuses("trial", "conclude", "SLA-1")

    today.move_to(closes)
    told = slm.tells("trial", "conclude", "SLA-1", "--by", "Service manager")
    (row,) = told["targets"]
    assert (row["verdict"], row["known"], len(row["misses"])) == ("not met", 40, 40)
    assert row["counter_offer"]["threshold_s"] == 11 * 3600
    text = slm.does("trial", "status", "SLA-1").replace("\u00a0", " ")
    assert "the evidence supports 90 % within 11 h" in text and "and 20 further misses" in text
    assert "--target P2" in text


def test_a_condition_is_adopted_or_refused_with_the_reason(
    slm: Slm, database: Path, today: clock.SimulatedClock
) -> None:
    engine = open_engine(f"sqlite:///{database}")
    with transaction(engine) as session:
        agreement = in_trial(session, trial_days=42)
        add_tickets(session, MONDAY, 60, category="Mail")
        add_tickets(session, MONDAY, 60, category="Network", hours=20)
        closes = trial_of(session, agreement).closes_at
    engine.dispose()
    today.move_to(closes)
    slm.does("trial", "conclude", "SLA-1")
    assert "it would hold as stated elsewhere; 20 h in category Network" in slm.does(
        "trial", "status", "SLA-1"
    )
    rest, part = slm.tells("targets", "adopt", "SLA-1", "P2", "--condition")
    assert (rest["target"], part["target"]) == ("P2", "P2-Network")
    assert "no condition to adopt" in slm.refuses("targets", "adopt", "SLA-1", "P2", "--condition")
    slm.does("advance", "SLA-1", "offer")


def test_what_is_no_ticket_is_told_in_its_own_words(
    slm: Slm, database: Path, today: clock.SimulatedClock
) -> None:
    stated = [
        {"id": "UP", "indicator": "availability", "objective": "99 %", "calendar": "office"},
        {"id": "COST", "indicator": "cost", "bound": 1200, "calendar": "office"},
    ]
    settled = [{"text": "It is as good as was said", "settlement": "accepted"}]
    engine = open_engine(f"sqlite:///{database}")
    with transaction(engine) as session:
        add_tickets(session, MONDAY - 21 * DAY, 5)
        told = [value("cost", MONDAY + number * DAY, 1_180, unit="EUR") for number in (-20, 1)]
        add_values(session, SOURCE, told, int((MONDAY + 2 * DAY).timestamp()))
        agreement = written(session, targets=stated, requirements=settled)
    plan = slm.does("trial", "plan", "SLA-1").replace("\u00a0", " ")
    assert "100 % of " in plan and " min" in plan and "EUR" in plan
    with transaction(engine) as session:
        agreement = find_agreement(session, "SLA-1")
        move(session, agreement, Trigger.START_TRIAL, MONDAY)
        closes = trial_of(session, agreement).closes_at
    engine.dispose()
    today.move_to(MONDAY + 7 * DAY)
    running = slm.does("trial", "status", "SLA-1").replace("\u00a0", " ")
    assert "100 % of 3,000 min" in running and "180000" not in running
    today.move_to(closes + 40 * DAY)
    assert "has been due since" in slm.does("trial", "status", "SLA-1")
    text = slm.does("trial", "conclude", "SLA-1").replace("\u00a0", " ")
    assert "UP: 100 % of 9,000 min: met" in text
    assert "COST: within its bound of at most 1,200: met" in text


def test_a_later_end_is_told_with_the_later_conclusion(
    slm: Slm, database: Path, today: clock.SimulatedClock
) -> None:
    begun(database)
    extend = ("advance", "SLA-1", "extend_trial", "--until")
    told = slm.does(*extend, "2026-04-06T09:00Z")
    assert "the intake ends 6 April 2026" in told and "concluded from 6 April 2026" in told
    data = slm.tells(*extend, "2026-04-13T09:00Z")
    assert data["trial"]["ends_at"].startswith("2026-04-13T09:00")
    assert data["trial"]["closes_at"].startswith("2026-04-13T17:00")
