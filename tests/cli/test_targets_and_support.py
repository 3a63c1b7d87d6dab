"""`slm targets decompose` and `check`: a target divided, adopted, and held against what carries it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.clock import simulated
from config.settings import settings
from models.database import open_engine, transaction
from tests.cli.command_line import Slm
from tests.states.builders import MONDAY, written
from tests.states.steps import ON_OLA, a_quiet_spring, ola, ola_in_force

CARRIED = ("--carried-by", "first line=Service desk", "--carried-by", "back office=OLA-1/P2")


@pytest.fixture
def engine(database: Path) -> Iterator[Engine]:
    """The settings' database with SLA-1 in requirements and twenty tickets; it is Monday."""
    engine = open_engine(f"sqlite:///{settings().var / 'slmcycle.db'}")
    with transaction(engine) as session:
        written(session)
        a_quiet_spring(session)
    with simulated(MONDAY):
        yield engine
    engine.dispose()


def test_a_proposal_is_printed_and_nothing_is_written(slm: Slm, engine: Engine) -> None:
    said = slm.does("targets", "decompose", "SLA-1", "P2")
    assert "SLA-1 P2: 90\u00a0% of priority 2 tickets resolved within 8 h" in said
    assert "19 of 20 tickets (95 %) keep every budget; the objective is 90 %" in said
    assert "20 (100 %)" in said
    assert "own quantiles would add up to" in said and "the feed names the line" in said
    assert "no target is broken down" in slm.does("targets", "check", "SLA-1")


def test_a_proposal_is_adopted_and_checked(slm: Slm, engine: Engine) -> None:
    told = slm.tells("targets", "decompose", "SLA-1", "P2", "--weeks", "8", "--adopt")
    assert told["adopted"] and told["met"] and told["joint_share"] == 0.95
    assert [row["carried_by"] for row in told["steps"]] == ["to be named", "to be named"]
    checked = slm("targets", "check", "SLA-1")
    assert checked.code == 1 and checked.err == ""
    assert "gap: P2: Nothing carries the first line and its budget of" in checked.out
    with transaction(engine) as session:
        ola_in_force(session)
    again = slm.tells("targets", "decompose", "SLA-1", "P2", "--adopt", *CARRIED)
    assert [row["carried_by"] for row in again["steps"]] == ["Service desk", "OLA-1/P2"]
    assert sum(row["budget_s"] for row in again["steps"]) <= 8 * 3600


def test_gaps_as_json_end_with_exit_code_1(slm: Slm, engine: Engine) -> None:
    with transaction(engine) as session:
        written(session, process_targets=ON_OLA)
        ola(session)
    ran = slm("targets", "check", "SLA-1", "--json")
    assert ran.code == 1 and '"kind": "not in force when the promise begins"' in ran.out
    with transaction(engine) as session:
        ola_in_force(session)
    told = slm.tells("targets", "check", "SLA-1")
    assert (told["version"], told["divided"], told["whole"], told["gaps"]) == (1, ["P2"], [], [])
    assert slm.does("targets", "check", "SLA-1") == "SLA-1, version 1: what carries P2 adds up\n"


def test_the_steps_may_be_named_in_order(slm: Slm, engine: Engine) -> None:
    named = ("--step", "back office", "--step", "first line")
    told = slm.tells("targets", "decompose", "SLA-1", "P2", *named)
    assert [row["step"] for row in told["steps"]] == ["back office", "first line"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("P9",), "SLA-1: there is no target 'P9'; there are: P2"),
        (("P2", "--step", "vendor"), "SLA-1: P2: the evidence has no line 'vendor'; it has: first line"),
        (("P2", "--step", "first line"), "of the time is spent in back office: name every line"),
        (("P2", *CARRIED), "--carried-by names who carries what is written: give --adopt with it"),
        (("P2", "--adopt", "--carried-by", "Operations"), "'Operations': write who carries a step like"),
        (("P2", "--adopt", "--carried-by", "vendor=X"), "SLA-1: P2 has no step 'vendor'"),
    ],
)
def test_bad_input_is_refused_with_a_line(
    slm: Slm, engine: Engine, arguments: tuple[str, ...], said: str
) -> None:
    assert said in slm.refuses("targets", "decompose", "SLA-1", *arguments)


def test_an_agreement_that_is_not_there(slm: Slm, engine: Engine) -> None:
    assert "there is no agreement 'SLA-9'" in slm.refuses("targets", "check", "SLA-9")
