"""`slm letters`: what waits, what failed and why, without any secret."""

from pathlib import Path

import pytest

from mail.links import PATHS, token_in
from models.database import open_engine, reading, transaction
from models.letters import LetterState
from tests.cli.command_line import Slm
from tests.states.builders import CUSTOMER_OWNER, letters, offered


@pytest.fixture
def tokens(database: Path) -> list[str]:
    """The secrets of letters that wait; the first of the letters has failed."""
    engine = open_engine(f"sqlite:///{database}")
    with transaction(engine) as session:
        offered(session)
        asked = letters(session, "approval_request")
        asked[0].state, asked[0].last_error = LetterState.FAILED, "550 5.1.1 no such person"
    with reading(engine) as session:
        found = [token_in(row.text, purpose) for row in letters(session) for purpose in PATHS]
    engine.dispose()
    return [token for token in found if token]


def test_letters_are_listed_shown_and_tried_again(slm: Slm, tokens: list[str]) -> None:
    every = slm.tells("letters")
    (failed,) = slm.tells("letters", "--state", "failed")
    assert failed in every and failed["reason"] == "550 5.1.1 no such person"
    assert slm.tells("letters", "--agreement", "SLA-1", "--to", failed["to"], "--state", "failed") == [failed]
    assert len(slm.tells("letters", "--limit", "1")) == 1
    assert "550 5.1.1 no such person" in slm.does("letters", "--state", "failed")
    assert slm.does("letters", "--to", "nobody@nowhere.example") == "No such letter.\n"

    shown = slm.does("letters", "show", failed["number"])
    assert "reason:              550 5.1.1 no such person" in shown
    assert f"Dear {failed['name']}," in shown and "/d/…" in shown
    assert slm.tells("letters", "show", failed["number"])["text"].startswith("Dear ")

    assert slm.does("letters", "retry", failed["number"]) == (
        f"letter {failed['number']} to {failed['to']} is queued\n"
    )
    again = slm.tells("letters", "retry", failed["number"])
    assert (again["state"], again["attempts"]) == ("queued", 0)
    assert slm.tells("letters", "--state", "failed") == []


def test_what_cannot_be_is_refused_in_a_line(slm: Slm, tokens: list[str]) -> None:
    assert slm.refuses("letters", "show", "999999999999") == "there is no letter 999999999999"
    assert slm.refuses("letters", "retry", "99") == "there is no letter 99"
    assert "SLA-9" in slm.refuses("letters", "--agreement", "SLA-9")
    assert slm("letters", "--state", "lost").code == 2


def test_no_secret_is_printed(slm: Slm, tokens: list[str]) -> None:
    assert tokens and CUSTOMER_OWNER in slm.does("letters", "--json")
    numbers = [row["number"] for row in slm.tells("letters")]
    printed = [slm.does("letters"), slm.does("letters", "--json")]
    printed += [
        slm.does("letters", "show", number, *form) for number in numbers for form in ((), ("--json",))
    ]
    assert not any(token in text for token in tokens for text in printed)


def test_before_the_first_letter(slm: Slm, database: Path) -> None:
    assert slm.does("letters") == "No letter has been written.\n"
    assert slm.tells("letters") == []
