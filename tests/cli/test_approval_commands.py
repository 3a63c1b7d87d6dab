"""`slm approvals` and `slm people`: remind, withdraw, ask anew, answer, and who stands in for whom."""

from pathlib import Path

import pytest

from config.clock import now
from models.database import open_engine, transaction
from states.approval_acts import find_numbered
from states.questions import put_question
from tests.cli.command_line import Slm
from tests.scenes.granite_works import HEAD, OWNER, REFERENCE, write_agreement


@pytest.fixture
def asked(slm: Slm, database: Path, tmp_path: Path) -> None:
    """Both signatories are asked: the provider's by request 1, the customer's by request 2."""
    slm.does("apply", write_agreement(tmp_path / "granite.yaml", settled=True))
    slm.does("advance", REFERENCE, "skip_trial", "--reason", "it was like this for years")


@pytest.mark.usefixtures("asked")
def test_reminding_and_withdrawing(slm: Slm) -> None:
    listed = {
        row["number"]: (row["person"], row["group"], row["assurance"]) for row in slm.tells("approvals")
    }
    assert listed == {1: (HEAD, 1, "L2"), 2: (OWNER, 1, "L2")}
    assert slm.tells("approvals", "list") == slm.tells("approvals")
    assert slm.tells("approvals", REFERENCE) == slm.tells("approvals", "list", REFERENCE)
    assert [row["number"] for row in slm("approvals", "--all", "--json", REFERENCE).json] == [1, 2]
    assert "none" in slm.refuses("approvals", "none")
    assert slm.does("approvals", "remind", 1) == f"{HEAD} gets reminder 1\n"
    assert slm.tells("approvals", "remind", 1)["reminders"] == 2
    slm.does("approvals", "remind", 1)
    assert slm.refuses("approvals", "remind", 1) == (
        "request 1: 3 reminders were sent, and policy allows no more"
    )
    assert slm.refuses("approvals", "void", 2, "--reason", " ") == "request 2: to void it, give a reason"
    assert slm.tells("approvals", "void", 2, "--reason", "the wrong person")["state"] == "void"
    assert slm.refuses("approvals", "remind", 2) == ("request 2 is void: nobody waits for an answer to it")
    assert slm.refuses("approvals", "remind", 9) == (
        "there is no approval request 9: `slm approvals` lists them"
    )


@pytest.mark.usefixtures("asked")
def test_asking_anew_at_the_right_address(slm: Slm) -> None:
    told = slm.tells("approvals", "reask", 2, "--email", "right@granite.example")
    assert (told["number"], told["person"], told["email"]) == (3, OWNER, "right@granite.example")
    assert slm.refuses("approvals", "reask", 2) == "request 2: request 3 took its place"
    assert slm.refuses("approvals", "reask", 3, "--email", "nowhere") == "'nowhere' is no e-mail address"


@pytest.mark.usefixtures("asked")
def test_answering_a_question(slm: Slm, database: Path) -> None:
    engine = open_engine()
    with transaction(engine) as session:
        put_question(session, find_numbered(session, 2), "What of Sundays?", now())
    engine.dispose()
    assert "asks a question" in slm.does("approvals")
    told = slm.tells("approvals", "answer", 2, "They do not count.", "--by", HEAD)
    assert told["questions"][0]["answer"] == "They do not count."
    assert told["questions"][0]["answered_by"] == HEAD
    assert slm.refuses("approvals", "answer", 2, "Again") == "request 2: no question waits for an answer"


@pytest.mark.usefixtures("asked")
def test_who_is_away_and_who_stands_in(slm: Slm) -> None:
    people = {row["name"]: row for row in slm.tells("people", "list")}
    head, owner = people[HEAD]["email"], people[OWNER]["email"]
    away = ("people", "away", head, "--from", "2099-07-01", "--until", "2099-07-15")
    assert "a delegate is of the same party" in slm.refuses(*away, "--delegate", owner)
    assert slm.refuses(*away, "--delegate", "x@y.example") == "nobody has the address 'x@y.example'"
    colleague = next(
        row["email"]
        for row in people.values()
        if row["party"] == people[HEAD]["party"] and row["email"] != head
    )
    said = slm.does(*away, "--delegate", colleague)
    assert said == (
        f"{head} is away from 2099-07-01T00:00 until 2099-07-15T00:00 UTC: "
        f"{colleague} is asked in their name\n"
    )
    (told,) = next(row["away"] for row in slm.tells("people", "list") if row["name"] == HEAD)
    assert told["delegate"] == colleague
    assert "2099-07-01 to" in slm.does("people", "list").replace("\n", " ")
