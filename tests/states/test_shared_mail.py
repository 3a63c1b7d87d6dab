"""Real bounces and replies: none of the former is taken for an answer, most of the latter are read well."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from mail.reply_text import reply_in
from tests.states.mailed import (
    address_for,
    asked,
    decisions,
    inbox,
    letter_to,
    send,
    signatories_at,
    take_answers,
)

pytestmark = pytest.mark.campaign

# the share that docs/answers-by-mail.md tells
READ_WELL = 0.65


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_no_bounce_becomes_a_decision_or_a_comment_whatever_address_it_comes_to(
    engine: Engine, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_answers(monkeypatch)
    asked(engine, signatories=signatories_at("L1"))
    bounces = sorted((shared / "mail" / "bounces").glob("*.eml"))
    assert len(bounces) == 40
    words = [address_for(engine, word) for word in ("yes", "no", "re")]
    for file in bounces:
        for recipient in (None, letter_to(engine).return_path, *words):
            outcome, reason = send(engine, file.read_bytes(), recipient)
            assert outcome == "bounce" and reason, f"{file.name} to {recipient}: {outcome}, {reason}"
    assert decisions(engine) == []
    assert not [letter for letter in inbox(engine) if letter.text]


def test_replies_in_many_languages_are_read_as_the_documentation_tells(shared: Path) -> None:
    pairs = json.loads((shared / "mail" / "reply_pairs.json").read_text("utf-8"))["pairs"]
    read_well = sum(reply_in(pair["email"]).split() == pair["reply"].split() for pair in pairs)
    assert len(pairs) == 64
    assert read_well / len(pairs) >= READ_WELL
    told = (Path(__file__).parents[2] / "docs" / "answers-by-mail.md").read_text("utf-8")
    assert f"{read_well} of {len(pairs)}" in told
