"""Answers by mail that arrive at the same time, on both databases: one decides, two alike are one."""

import pytest
from sqlalchemy import Engine

from tests.states.builders import at_once
from tests.states.mailed import address_for, asked, decisions, message, send, signatories_at, take_answers


@pytest.fixture(autouse=True)
def by_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    take_answers(monkeypatch)


def test_two_yes_at_once_are_one_decision(engine: Engine) -> None:
    asked(engine, signatories=signatories_at("L1"))
    yes = address_for(engine, "yes")
    works = [lambda: send(engine, message(yes))[0] for _ in range(4)]
    assert sorted(map(str, at_once(*works))) == ["decision", "held", "held", "held"]
    assert len(decisions(engine)) == 1


def test_the_same_letter_many_times_at_once_counts_once(engine: Engine) -> None:
    asked(engine, signatories=signatories_at("L1"))
    raw = message(address_for(engine, "yes"))
    works = [lambda: send(engine, raw)[0] for _ in range(4)]
    assert sorted(map(str, at_once(*works))) == ["decision", *["duplicate"] * 3]
