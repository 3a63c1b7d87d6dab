"""`slm exclusions` and `slm assess --restate`: what is asked, listed and taken back, and what is refused."""

from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from config.clock import now
from models.database import open_engine, transaction
from tests.cli.command_line import Slm
from tests.states.builders import CUSTOMER_OWNER, MANAGER, PROVIDER, add_ticket, answer, monitored, written
from tests.states.test_restatements import STRIKE, march

DAY = ("--from", "2026-03-17", "--to", "2026-03-18")
ASK = ("exclusions", "ask", "SLA-1", *DAY, "--reason", "strike")


@pytest.fixture
def engine(database: Path) -> Engine:
    return open_engine(f"sqlite:///{database}")


@pytest.fixture
def in_force(engine: Engine) -> None:
    with transaction(engine) as session:
        monitored(session, now() - timedelta(days=1))


def test_it_is_asked_for_listed_and_taken_back(slm: Slm, in_force: None) -> None:
    assert slm.tells("exclusions", "list") == []
    assert slm.does("exclusions", "list") == "No exclusion has been asked for.\n"
    narrowed = ("--population", "priority=2", "--population", "service=E-mail", "--by", PROVIDER)
    asked = slm.tells(*ASK, *narrowed)
    assert (asked["scope"], asked["asked_by"]) == ("priority 2 and service E-mail", PROVIDER)
    assert [row["person"] for row in asked["requests"]] == [CUSTOMER_OWNER]
    assert slm.does(*ASK) == f"SLA-1: exclusion 2, for everything: asked {CUSTOMER_OWNER}\n"
    listed = slm.tells("exclusions", "list", "SLA-1")
    assert [(row["number"], row["agreement"], row["asked_by"]) for row in listed] == [
        (2, "SLA-1", MANAGER),
        (1, "SLA-1", PROVIDER),
    ]
    assert "exclusion 1" in slm.does("approvals")
    taken = slm.tells("exclusions", "withdraw", 1, "--reason", "the wrong day")
    assert taken["state"] == "withdrawn"
    assert slm.does("exclusions", "withdraw", "2", "--reason", "too") == "exclusion 2 is withdrawn\n"
    assert slm.tells("approvals") == []
    table = slm.does("exclusions", "list")
    assert table.count("withdrawn") == 2 and "2026-03-17T00:00" in table


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (("--reason", " "), "SLA-1: give the reason of the exclusion: the report prints it"),
        (("--to", "2026-03-16"), "SLA-1: the exclusion must end after 2026-03-17 00:00:00 UTC, its start"),
        (("--to", "soon"), "'soon' is no instant: write it like 2026-03-01 or 2026-03-01T09:00+01:00"),
        (("--ticket", "T0"), "SLA-1: there is no ticket 'T0' of this customer"),
        (("--population", "priority"), "'priority' is no attribute with its value: write it like priority=2"),
        (("--by", "Nobody"), "SLA-1: nobody is named 'Nobody'"),
    ],
)
def test_what_is_refused_says_why_in_a_line(
    slm: Slm, in_force: None, changes: tuple[str, ...], line: str
) -> None:
    assert slm.refuses(*ASK, *changes) == line
    assert slm.tells("exclusions", "list") == []


def test_what_does_not_exist_is_refused(slm: Slm, engine: Engine) -> None:
    assert (
        slm.refuses("exclusions", "withdraw", 7, "--reason", "x")
        == "there is no exclusion 7: `slm exclusions list` lists them"
    )
    assert "SLA-1" in slm.refuses(*ASK)
    with transaction(engine) as session:
        written(session)
    assert slm.refuses(*ASK) == "SLA-1: no version is in force"


def test_restatements_stand_beside_the_originals(slm: Slm, engine: Engine) -> None:
    with transaction(engine) as session:
        _, period = march(session)
        add_ticket(session, STRIKE + timedelta(hours=9), hours=10, known_late=timedelta(days=40))
        closed = period.closes_at
    (original,) = slm.tells("assess")
    assert (original["number"], original["restates"], original["difference"]) == (0, None, {})
    (made,) = slm.tells("assess", "--restate")
    assert (made["number"], made["restates"]) == (1, 0)
    assert made["difference"] == {"known": [30, 31]}
    assert made["as_of"] > closed.isoformat()
    assert slm.tells("assess") == [original, made]
    assert slm.does("assess", "--restate", "SLA-1") == "0 restatements made\n"
    lines = slm.does("assess", "--check").splitlines()
    assert lines[0].endswith("26 of 30, not enough evidence: identical")
    assert "reported 26 of 30, because evidence known later: 1 ticket: identical" in lines[1]
    assert lines[2] == "2 assessments, 2 identical"
    assert slm.refuses("assess", "--check", "--restate").startswith("--check compares what is kept")


def test_an_approval_from_the_letter_s_page_is_listed_with_who_gave_it(slm: Slm, engine: Engine) -> None:
    with transaction(engine) as session:
        monitored(session, now() - timedelta(days=1))
    slm.does(*ASK)
    with transaction(engine) as session:
        answer(session, CUSTOMER_OWNER, now())
    (row,) = slm.tells("exclusions", "list")
    assert (row["state"], row["approved_by"]) == ("approved", [CUSTOMER_OWNER])
    assert "is approved already" in slm.refuses("exclusions", "withdraw", 1, "--reason", "x")


def test_which_software_froze_a_figure_is_told_where_it_is_another(slm: Slm, engine: Engine) -> None:
    with transaction(engine) as session:
        march(session)
        session.execute(text("DROP TRIGGER frozen_assessment_update"))
        session.execute(text("UPDATE assessments SET software_version = '0.0.9'"))
    line, counted = slm.does("assess", "--check").splitlines()
    assert line.endswith(f"identical (frozen by slmcycle 0.0.9, checked by {version('slmcycle')})")
    assert counted == "1 assessments, 1 identical", "which is no difference"
