"""Our own mail server hands answers over by LMTP: the same core as behind the other doors."""

import smtplib

import pytest
from sqlalchemy import Engine

from config.clock import now
from mail.lmtp import LmtpServer
from models.database import open_engine
from states.mailed_answers import Ingested, server_door
from tests.mail.post_office import free_port
from tests.states.mailed import (
    DOMAIN,
    OWNER,
    address_for,
    asked,
    decisions,
    inbox,
    letter_to,
    message,
    signatories_at,
    take_answers,
)


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    take_answers(monkeypatch)


def hand_over(engine: Engine, raw: bytes, *recipients: str, sender: str = OWNER) -> list[str]:
    """Hand a letter to the product as a mail server does, and return the reply to each recipient."""
    with LmtpServer("127.0.0.1", free_port(), server_door(engine)) as server:
        client = smtplib.LMTP("127.0.0.1", server.port, local_hostname="localhost", timeout=20)
        client.ehlo("localhost")
        client.mail(sender)
        assert {client.rcpt(address)[0] for address in recipients} == {250}
        replies = [client.data(raw), *(client.getreply() for _ in recipients[1:])]
        client.quit()
    return [f"{code} {line.decode()}" for code, line in replies]


def test_a_decision_comes_in_once_with_what_our_server_says_of_the_sender(engine: Engine) -> None:
    asked(engine, now(), signatories=signatories_at("L1"))
    yes = address_for(engine, "yes")
    letter = message(yes)
    assert hand_over(engine, letter, yes) == ["250 2.0.0 decision"]
    assert hand_over(engine, letter, yes) == ["250 2.0.0 duplicate"]
    (decision,) = decisions(engine)
    assert (decision.via, decision.typed) == ("mail", OWNER)
    assert decision.assurance == "secret reply address, dmarc=pass"
    assert inbox(engine)[0].raw == letter


def test_the_recipients_of_one_letter_have_their_own_outcomes(engine: Engine) -> None:
    asked(engine, now())
    yes, comment = address_for(engine, "yes"), address_for(engine, "re")
    unknown = f"yes.{'a' * 26}@{DOMAIN}"
    replies = hand_over(
        engine, message(yes, "What of Sundays?"), yes, unknown, comment, "slm@slmcycle.example"
    )
    assert replies == [f"250 2.0.0 {outcome}" for outcome in ("intent", "unknown", "comment", "held")]
    forged = message(yes, results="elsewhere.example; dmarc=pass header.from=harbour.example")
    assert hand_over(engine, forged, yes) == ["250 2.0.0 held"]


def test_a_bounce_comes_back_to_its_letter_by_its_empty_sender(engine: Engine) -> None:
    asked(engine, now())
    report = message(letter_to(engine).return_path, sender="Mail system <mailer-daemon@harbour.example>")
    assert hand_over(engine, report, letter_to(engine).return_path, sender="") == ["250 2.0.0 bounce"]


def test_while_the_database_is_away_the_mail_server_keeps_the_letter(
    engine: Engine, request: pytest.FixtureRequest
) -> None:
    asked(engine, now())
    yes = address_for(engine, "yes")
    letter = message(yes)
    nowhere = {
        "sqlite": "sqlite:////nowhere/at/all.db",
        "postgresql": f"postgresql+psycopg://postgres@127.0.0.1:{free_port()}/slm",
    }
    away = open_engine(nowhere[engine.dialect.name])
    assert hand_over(away, letter, yes, yes) == ["451 4.3.0 the letter cannot be recorded now"] * 2
    away.dispose()
    told: list[Ingested] = []
    server_door(engine, told.append)(letter, yes, OWNER, now())
    assert [done.outcome.value for done in told] == ["intent"]
