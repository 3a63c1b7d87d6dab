"""`slm inbox`: letters taken in from files, and the held ones settled at a terminal."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.clock import now
from models.database import open_engine, upgrade
from tests.cli.command_line import Slm
from tests.states.mailed import address_for, asked, decisions, letter_to, message, take_answers


@pytest.fixture
def engine(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("SLM_DATABASE_URL", sqlite_url)
    take_answers(monkeypatch)
    made = open_engine(sqlite_url)
    upgrade(made)
    asked(made, now())
    return made


def test_a_line_a_file_tells_what_became_of_each(slm: Slm, engine: Engine, tmp_path: Path) -> None:
    yes = address_for(engine, "yes")
    answer, again, missing = tmp_path / "answer.eml", tmp_path / "again.eml", tmp_path / "missing.eml"
    answer.write_bytes(message("elsewhere@x.example", "No Sundays"))
    again.write_bytes(answer.read_bytes())

    ran = slm("inbox", "ingest", answer, missing, again, "--rcpt", yes, "--json")

    assert ran.code == 1 and ran.err == f"slm: {missing}: No such file or directory\n"
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [(row["file"], row["outcome"]) for row in rows] == [
        (str(answer), "intent"),
        (str(again), "duplicate"),
    ]
    assert all(set(row) == {"file", "outcome", "reason"} and row["reason"] for row in rows)


def test_held_letters_are_listed_accepted_and_dismissed(slm: Slm, engine: Engine, tmp_path: Path) -> None:
    yes, no = address_for(engine, "yes"), address_for(engine, "no")
    for name, address in (("1.eml", yes), ("2.eml", no)):
        (tmp_path / name).write_bytes(message(address, "By my deputy [bold]", results=None))
        told = slm.does("inbox", "ingest", tmp_path / name)
        assert told.startswith(f"{tmp_path / name}: held: our mail server has not authenticated")

    first, second = slm.tells("inbox", "list")
    assert (first["answer"], first["text"], second["answer"]) == ("approve", "By my deputy [bold]", "decline")
    assert "deputy" not in slm.does("inbox", "list") and yes.split("@")[0] not in json.dumps(first)
    assert "was sent the link to confirm it" in slm.does("inbox", "accept", first["number"])
    assert letter_to(engine, kind="approval_confirm")
    slm.does("inbox", "dismiss", second["number"], "--reason", "a mistake")
    assert slm.tells("inbox", "list") == []
    assert "is not held: it is dismissed" in slm.refuses("inbox", "accept", second["number"])
    assert "no letter 99" in slm.refuses("inbox", "accept", 99)
    assert decisions(engine) == []
