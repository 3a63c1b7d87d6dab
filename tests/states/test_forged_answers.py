"""Forgeries by mail: guessed addresses, forged senders and results, and text that would be something else."""

from itertools import count

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.agreements import Agreement
from models.database import reading
from states.held_letters import comments_on
from tests.states.builders import MONDAY, letters
from tests.states.mailed import (
    DAY,
    DOMAIN,
    OWNER,
    PASS,
    SERVER,
    address_for,
    asked,
    decisions,
    events,
    inbox,
    letter_to,
    message,
    send,
    signatories_at,
    take_answers,
)

_guesses = count()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture(autouse=True)
def by_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    take_answers(monkeypatch)


def guess() -> str:
    return "yes." + f"{next(_guesses):026d}".translate(str.maketrans("0189", "abcd")) + f"@{DOMAIN}"


def test_guessing_finds_nothing_and_fills_no_database(engine: Engine) -> None:
    asked(engine)
    outcomes = [send(engine, message(guess())) for _ in range(25)]
    assert {outcome for outcome, _ in outcomes} == {"unknown"}
    assert outcomes[-1][1] == "too many letters to unknown addresses: it is not kept"
    assert len(inbox(engine)) == 20
    assert decisions(engine) == [] and events(engine) == []
    # whoever guessed too often is still heard at an address that is right
    assert send(engine, message(address_for(engine, "yes")))[0] == "intent"


def test_letters_that_are_not_kept_are_lines_in_the_log(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    asked(engine)
    address = address_for(engine, "re")
    twice = message(address, "What of Sundays?")
    outcomes = [send(engine, twice)[0] for _ in range(3)] + [
        send(engine, message(guess()))[0] for _ in range(22)
    ]
    assert outcomes[:3] == ["comment", "duplicate", "duplicate"]
    lines = [line.getMessage() for line in caplog.records if line.name == "states.mailed_answers"]
    assert lines[:2] == [f"a letter from {OWNER} to re.…@{DOMAIN}: duplicate: it arrived before"] * 2
    assert len(lines) == 4 and f"from {OWNER} to yes.…@{DOMAIN}: unknown: too many letters" in lines[2]
    assert address.partition("@")[0][3:] not in caplog.text and len(inbox(engine)) == 21


@pytest.mark.parametrize("above", ["another.example; dmarc=pass header.from=harbour.example", None])
def test_a_result_below_those_of_our_server_is_not_believed(engine: Engine, above: str | None) -> None:
    """What a sender forges stands below what our server adds, however many fields it adds."""
    asked(engine, signatories=signatories_at("L1"))
    forged = f"Authentication-Results: {PASS}\r\n".encode()
    ours = f"Authentication-Results: {SERVER}; dmarc=fail header.from=harbour.example\r\n".encode()
    other = f"Authentication-Results: {above}\r\n".encode() if above else b""
    received = b"Received: from harbour.example by mx.northwind.example; Mon, 2 Mar 2026 09:00:00 +0000\r\n"
    letter = message(address_for(engine, "yes"), results=None)
    assert send(engine, ours + received + other + forged + letter)[0] == "held"
    assert decisions(engine) == []


def test_a_secret_of_another_purpose_opens_nothing(engine: Engine) -> None:
    asked(engine)
    token = letter_to(engine).reply_to.removeprefix("re.")
    assert send(engine, message(f"yes.{token}"))[0] == "unknown"


@pytest.mark.parametrize(
    "results",
    [
        f"evil.example; dmarc=pass header.from=harbour.example\r\nAuthentication-Results: {SERVER}; none",
        f"{SERVER}; dmarc=pass header.from=attacker.example",
        f"{SERVER}; dkim=pass header.d=attacker.example",
        f"{SERVER}; spf=pass smtp.mailfrom=attacker.example",
        f"{SERVER}; dkim=pass header.d=example",
        f"{SERVER}; auth=pass smtp.auth=harbour.example",
        f'{SERVER}; dkim=fail reason="x; dmarc=pass header.from=harbour.example"',
        f"{SERVER}; dkim=fail (dmarc=pass header.from=harbour.example)",
        f"{SERVER}; dkim=pass header.d=harbour.example; dmarc=fail header.from=harbour.example",
        f"{SERVER}; spf=temperror smtp.mailfrom=harbour.example; dkim=pass header.d=harbour.example",
        f"x{SERVER}; dmarc=pass header.from=harbour.example",
        f"{SERVER}.evil.example; dmarc=pass header.from=harbour.example",
    ],
)
def test_forged_results_are_not_believed(engine: Engine, results: str) -> None:
    asked(engine)
    raw = message(address_for(engine, "yes"), results=None)
    assert send(engine, f"Authentication-Results: {results}\r\n".encode() + raw)[0] == "held"
    assert decisions(engine) == []


def test_results_below_our_own_are_not_read(engine: Engine) -> None:
    asked(engine)
    raw = message(address_for(engine, "yes"), results=PASS)
    ours = f"Authentication-Results: {SERVER}; dmarc=fail header.from=harbour.example\r\n"
    received = "Received: from attacker by mx; Mon, 2 Mar 2026 09:00:00 +0000\r\n"
    assert send(engine, (ours + received).encode() + raw)[0] == "held"


@pytest.mark.parametrize(
    "results",
    [
        f"{SERVER}; dkim=pass header.d=harbour.example header.s=x",
        f'{SERVER} 1; dkim=pass (2048-bit key) header.i=@harbour.example header.b="ab;cd"; spf=none',
        f"{SERVER}; spf=pass (sender ok) smtp.mailfrom={OWNER}; dkim=none",
        f"{SERVER.upper()};\r\n\tdmarc = pass (p=none dis=none) header.from=harbour.example",
    ],
)
def test_results_of_our_own_server_are_understood(engine: Engine, results: str) -> None:
    asked(engine)
    raw = message(address_for(engine, "yes"), results=None)
    assert send(engine, f"Authentication-Results: {results}\r\n".encode() + raw)[0] == "intent"


NASTY = [
    "{{ 7 * 7 }}{% for x in y %}{{ ''.__class__ }}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\N{RIGHT-TO-LEFT OVERRIDE}evorppa\N{POP DIRECTIONAL FORMATTING}",
    "=?utf-8?q?a=0D=0ABcc:_everybody@harbour.example?=",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_text_stays_text_wherever_it_is_shown(engine: Engine, nasty: str) -> None:
    asked(engine)
    head = message(address_for(engine, "yes"), nasty)
    raw = head.replace(b"Subject: Approve", f"Subject: {nasty}".encode()).replace(
        b"From: Business owner", f'From: "{nasty}"'.encode()
    )
    assert send(engine, raw)[0] == "intent"
    (kept,) = inbox(engine)
    assert "\n" not in kept.subject + kept.sender + kept.reason
    for shown in (kept.subject, kept.sender, kept.text, kept.reason):
        assert not set(shown) & set("\N{RIGHT-TO-LEFT OVERRIDE}\N{POP DIRECTIONAL FORMATTING}")
    letter = letter_to(engine, kind="approval_confirm")
    assert letter.to_address == OWNER
    for part in (letter.subject, letter.text, letter.html):
        assert "49" not in part.split("http")[0] and "<script>" not in part and "everybody" not in part
    with reading(engine) as session:
        (comment,) = comments_on(session, session.exec(select(Agreement)).one())
        assert len(letters(session)) == 3
    assert comment.sender == OWNER


def test_no_secret_stands_in_the_trail_or_the_inbox(engine: Engine) -> None:
    asked(engine)
    secrets = [address_for(engine, word).split("@")[0] for word in ("yes", "no", "re")]
    for word in ("yes", "no", "re"):
        send(engine, message(address_for(engine, word), " ".join(secrets), Subject=" ".join(secrets)))
        send(engine, message(address_for(engine, word), sender=f"{secrets[0]}@evil.example"))
    told = [event.data for event in events(engine)]
    told += [f"{row.subject}{row.sender}{row.recipient}{row.text}{row.reason}" for row in inbox(engine)]
    assert len(told) == 12
    assert not [line for line in told for secret in secrets if secret in line]


def test_a_letter_about_nothing_of_ours_is_unknown(engine: Engine) -> None:
    asked(engine)
    assert send(engine, message("somebody@elsewhere.example"))[0] == "unknown"
    assert send(engine, b"", at=MONDAY + DAY)[0] == "unknown"
    assert send(engine, b"\0\0\0\xff", at=MONDAY + DAY)[0] == "unknown"
