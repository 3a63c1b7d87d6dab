"""Sending: every letter once, whoever sends, whatever the mail server says."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session

from config.errors import BadInputError
from config.settings import settings
from mail.blotting import CODE_LETTER
from mail.links import token_in
from mail.outbox import post
from mail.sender import LONGEST_DELAY, Sending, deliver
from models.agreements import Agreement
from models.approvals import LinkPurpose
from models.database import transaction
from models.letters import LetterState, OutboxLetter
from models.parties import Person
from tests.mail.post_office import MONDAY, Cast, MailServer, outbox, write_reminders


def test_a_letter_is_sent_once(engine: Engine, cast: Cast, server: MailServer) -> None:
    write_reminders(engine, cast)
    before = outbox(engine)[0]
    token = token_in(before.text, LinkPurpose.DECISION)
    assert token is not None

    assert deliver(engine, MONDAY) == Sending(sent=1)
    assert deliver(engine, MONDAY + timedelta(days=1)) == Sending()

    (message,) = server.received
    assert message["To"] == "Business owner <owner@customer.example>"
    assert message["From"] == "Service level management <slm@slmcycle.example>"
    assert server.senders == ["slm@slmcycle.example"]
    assert message["Subject"] == before.subject
    assert message["Date"].datetime == MONDAY
    assert message["Message-ID"] == before.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert "X-SLM-Resent" not in message and "List-Unsubscribe" not in message
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and text.get_content().replace("\r\n", "\n") == before.text
    assert html is not None and token in html.get_content()

    after = outbox(engine)[0]
    assert (after.state, after.sent_at, after.attempts) == (LetterState.SENT, MONDAY, 1)
    assert after.claimed_until is None
    assert "/d/…" in after.text and "/d/…" in after.html
    assert token not in after.text + after.html


def test_a_letter_waits_for_its_time(engine: Engine, cast: Cast, server: MailServer) -> None:
    write_reminders(engine, cast, 3)
    assert deliver(engine, MONDAY - timedelta(seconds=1)) == Sending(waiting=3)
    assert deliver(engine, MONDAY, limit=2) == Sending(sent=2, waiting=1)
    assert len(server.received) == 2


def test_letters_of_a_replay_are_not_sent(engine: Engine, cast: Cast, server: MailServer) -> None:
    with transaction(engine) as session:
        session.get_one(Agreement, cast.agreement.id).simulated = True
    with transaction(engine) as session:
        person, agreement = (
            session.get_one(Person, cast.customer.id),
            session.get_one(Agreement, cast.agreement.id),
        )
        post(session, "ended", person, key="k", at=MONDAY, agreement=agreement, simulated=True, reason="")
    assert deliver(engine, MONDAY) == Sending()
    assert server.received == []


def test_a_server_that_is_down_keeps_the_letters(engine: Engine, cast: Cast, smtp_port: int) -> None:
    write_reminders(engine, cast, 3)
    sending = deliver(engine, MONDAY)
    assert (sending.sent, sending.deferred, sending.failed, sending.waiting) == (0, 0, 0, 3)
    assert sending.problem.startswith(f"mail server 127.0.0.1:{smtp_port}: ")
    assert "\n" not in sending.problem
    assert {(letter.state, letter.attempts) for letter in outbox(engine)} == {(LetterState.QUEUED, 0)}


def test_a_letter_refused_for_now_is_tried_later(engine: Engine, cast: Cast, server: MailServer) -> None:
    write_reminders(engine, cast, 2)
    server.answer = lambda verb, address: "450 4.2.0 greylisted" if verb == "RCPT" else "250 fine"
    assert deliver(engine, MONDAY) == Sending(deferred=2, waiting=2)
    for letter in outbox(engine):
        assert (letter.state, letter.attempts) == (LetterState.QUEUED, 1)
        assert letter.last_error == "450 4.2.0 greylisted"
        wait = letter.next_attempt_at - MONDAY
        assert timedelta(seconds=29) <= wait <= timedelta(seconds=60)
    assert deliver(engine, MONDAY + timedelta(seconds=5)) == Sending(waiting=2)

    server.answer = lambda verb, address: "250 fine"
    assert deliver(engine, MONDAY + timedelta(minutes=1)) == Sending(sent=2)
    assert not any("X-SLM-Resent" in message for message in server.received), "they were never there"


def test_the_waits_grow_and_end(engine: Engine, cast: Cast, server: MailServer) -> None:
    write_reminders(engine, cast)
    server.answer = lambda verb, address: "451 4.3.0 not now" if verb == "DATA" else "250 fine"
    at, waits = MONDAY, []
    while deliver(engine, at).deferred:
        following = outbox(engine)[0].next_attempt_at
        waits.append(following - at)
        at = following
    assert waits[0] <= timedelta(minutes=1) and waits[5] >= timedelta(minutes=15)
    assert LONGEST_DELAY / 2 - timedelta(seconds=1) <= max(waits) <= LONGEST_DELAY
    assert timedelta(days=5) <= at - MONDAY <= timedelta(days=5) + LONGEST_DELAY
    letter = outbox(engine)[0]
    assert (letter.state, letter.last_error) == (LetterState.FAILED, "451 4.3.0 not now")
    assert (letter.refused_since, letter.attempts) == (MONDAY, len(waits) + 1)


def test_a_letter_refused_for_good_is_given_up(engine: Engine, cast: Cast, server: MailServer) -> None:
    write_reminders(engine, cast)
    server.answer = lambda verb, address: "550 5.1.1 no such person" if verb == "RCPT" else "250 fine"
    assert deliver(engine, MONDAY) == Sending(failed=1)
    letter = outbox(engine)[0]
    assert (letter.state, letter.last_error) == (LetterState.FAILED, "550 5.1.1 no such person")
    assert deliver(engine, MONDAY + timedelta(days=9)) == Sending()


def test_one_bad_address_does_not_hold_up_the_others(engine: Engine, cast: Cast, server: MailServer) -> None:
    write_reminders(engine, cast, 3)
    for number, address in enumerate(["a@b.example\r\nRCPT TO:<x@y.example>", "nobody"], start=1):
        with transaction(engine) as session:
            session.execute(
                update(OutboxLetter)
                .where(OutboxLetter.deduplication_key == f"approval-reminder:{number}")  # type: ignore[arg-type]
                .values(to_address=address)
            )
    assert deliver(engine, MONDAY) == Sending(sent=1, failed=2)
    assert [letter.last_error for letter in outbox(engine)[1:]] == [
        "'a@b.example RCPT TO:<x@y.example>' is not an address",
        "'nobody' is not an address",
    ]


def test_a_server_that_closes_is_called_once_more(engine: Engine, cast: Cast, server: MailServer) -> None:
    write_reminders(engine, cast, 5)

    def answer(verb: str, address: str) -> str:
        return "421 4.3.2 shutting down" if len(server.received) == 2 else "250 fine"

    server.answer = answer
    sending = deliver(engine, MONDAY)
    assert (sending.sent, sending.deferred, sending.waiting) == (2, 2, 3)
    assert "421 4.3.2 shutting down" in sending.problem
    assert [letter.attempts for letter in outbox(engine)] == [1, 1, 1, 1, 0], "the last one was not tried"

    server.answer = lambda verb, address: "250 fine"
    assert deliver(engine, MONDAY + timedelta(minutes=1)) == Sending(sent=3)
    assert len({message["Message-ID"] for message in server.received}) == 5
    assert not any("X-SLM-Resent" in message for message in server.received)


def test_a_refused_sender_is_no_letters_fault(engine: Engine, cast: Cast, server: MailServer) -> None:
    write_reminders(engine, cast, 2)
    server.answer = lambda verb, address: "550 5.7.1 not your address" if verb == "MAIL" else "250 fine"
    at = MONDAY
    for _ in range(8):
        sending = deliver(engine, at)
        assert (sending.sent, sending.failed, sending.waiting) == (0, 0, 2)
        assert sending.problem.endswith(": 550 5.7.1 not your address")
        at += timedelta(days=1)
    server.answer = lambda verb, address: "250 fine"
    assert deliver(engine, at) == Sending(sent=2)


def test_names_from_all_over_the_world_arrive(engine: Engine, cast: Cast, server: MailServer) -> None:
    with transaction(engine) as session:
        person, agreement = (
            session.get_one(Person, cast.customer.id),
            session.get_one(Agreement, cast.agreement.id),
        )
        person.name, person.email = "王 “Jürgen”, Dr.", "owner@bücher.example"
        agreement.title = "Übergabe " * 20
        post(session, "ended", person, key="k", at=MONDAY, agreement=agreement, reason="Grüße")
    assert deliver(engine, MONDAY) == Sending(sent=1)
    (message,) = server.received
    (address,) = message["To"].addresses
    assert (address.display_name, address.addr_spec) == ("王 “Jürgen”, Dr.", "owner@xn--bcher-kva.example")
    assert message["Subject"] == ("Ended: " + "Übergabe " * 20).strip()
    body = message.get_body(("plain",))
    assert body is not None and "Grüße" in body.get_content()


def test_a_sender_address_that_is_none_is_said(
    engine: Engine, cast: Cast, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_reminders(engine, cast)
    monkeypatch.setenv("SLM_MAIL_FROM", "the service desk")
    settings.cache_clear()
    with pytest.raises(BadInputError, match="SLM_MAIL_FROM: 'the service desk' is not an address"):
        deliver(engine, MONDAY)
    assert outbox(engine)[0].attempts == 0


def test_a_witness_that_fails_makes_no_letter_come_twice(
    engine: Engine, cast: Cast, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    write_reminders(engine, cast, 2)
    told: list[LetterState] = []

    def witness(session: Session, letter: OutboxLetter, at: datetime) -> None:
        told.append(letter.state)
        if len(told) == 1:
            raise RuntimeError("the audit trail is out of order")

    assert deliver(engine, MONDAY, witness=witness) == Sending(sent=2)
    assert told == [LetterState.SENT] * 2 and "what became of it is not in the audit trail" in caplog.text
    assert deliver(engine, MONDAY + timedelta(days=1), witness=witness) == Sending()
    assert len(server.received) == 2


def test_a_one_time_code_is_not_kept(engine: Engine, cast: Cast, server: MailServer) -> None:
    with transaction(engine) as session:
        person, agreement = cast.seen_in(session)
        words: dict[str, Any] = {"about": "version 2", "code": "012345", "minutes": 10, "valid_until": MONDAY}
        post(session, CODE_LETTER, person, key="k", at=MONDAY, agreement=agreement, **words)
    waiting = outbox(engine)[0]
    assert "012345" in waiting.text and "012345" in waiting.html
    assert deliver(engine, MONDAY) == Sending(sent=1)
    assert b"012345" in server.raw[0]
    kept = outbox(engine)[0]
    assert "One-time code: …" in kept.text and "012345" not in kept.html and "#1d2733" in kept.html
