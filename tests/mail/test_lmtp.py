"""Letters handed over by LMTP (RFC 2033), over a real connection: each recipient gets a reply of its own."""

import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from config.errors import UnreachableError
from config.settings import settings
from mail.lmtp import LmtpServer
from models.letters import InboxOutcome
from tests.mail.post_office import free_port

YES, NO = "yes.abc@answers.example", "no.abc@answers.example"
Reply = tuple[int, bytes]


class Inbox:
    """Takes letters in, but for recipients that there is a trouble with."""

    def __init__(self, troubles: dict[str, Exception]) -> None:
        self.troubles = troubles
        self.taken: list[tuple[bytes, str, str]] = []

    def __call__(self, content: bytes, recipient: str, sender: str, at: datetime) -> InboxOutcome:
        assert at.tzinfo is not None
        if recipient in self.troubles:
            raise self.troubles[recipient]
        self.taken.append((content, recipient, sender))
        return InboxOutcome.DECISION if recipient == YES else InboxOutcome.HELD


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLM_REPLY_DOMAIN", "answers.example")
    settings.cache_clear()


@contextmanager
def served(take_in: Inbox) -> Iterator[smtplib.LMTP]:
    with LmtpServer("127.0.0.1", free_port(), take_in) as server:
        client = smtplib.LMTP("127.0.0.1", server.port, local_hostname="localhost", timeout=20)
        try:
            yield client
        finally:
            client.close()


def hand_over(client: smtplib.LMTP, recipients: list[str], content: bytes) -> list[Reply]:
    """Hand a letter over; return the replies to the recipients that were taken, after the data."""
    client.ehlo_or_helo_if_needed()
    assert client.mail("owner@customer.example")[0] == 250
    taken = [address for address in recipients if client.rcpt(address)[0] == 250]
    first: Reply = client.data(content)
    return [first, *(client.getreply() for _ in taken[1:])]


def test_each_recipient_has_an_outcome_of_its_own_and_the_connection_goes_on() -> None:
    inbox = Inbox({})
    letter = b"Subject: fine\r\n\r\n.one dot\r\nbytes \xff\xfe\r\n"
    with served(inbox) as client:
        assert hand_over(client, [YES, NO], letter) == [(250, b"2.0.0 decision"), (250, b"2.0.0 held")]
        assert hand_over(client, [NO], letter) == [(250, b"2.0.0 held")]
        assert client.noop()[0] == 250
    assert inbox.taken[:2] == [
        (letter, YES, "owner@customer.example"),
        (letter, NO, "owner@customer.example"),
    ]


def test_what_is_none_of_our_addresses_is_refused_and_the_others_are_taken() -> None:
    inbox = Inbox({})
    with served(inbox) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("")
        assert client.rcpt("somebody@elsewhere.example") == (550, b"5.1.1 no such address here")
        assert client.docmd("DATA")[0] == 503
        assert client.rcpt("SLM@slmcycle.example")[0] == 250
        assert client.data(b"\r\nhello\r\n") == (250, b"2.0.0 held")
    assert [row[1:] for row in inbox.taken] == [("SLM@slmcycle.example", "")]


def test_what_cannot_be_recorded_now_is_asked_for_again_and_the_rest_is_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away, broken = "no.away@answers.example", "no.broken@answers.example"
    inbox = Inbox({away: UnreachableError("database: connection refused"), broken: ValueError("a bug")})
    with served(inbox) as client:
        replies = hand_over(client, [away, YES, broken], b"\r\nhello\r\n")
        assert [code for code, _ in replies] == [451, 250, 451]
        inbox.troubles.clear()
        assert [code for code, _ in hand_over(client, [away, broken], b"\r\nhello\r\n")] == [250, 250]
    assert [row[1] for row in inbox.taken] == [YES, away, broken]
    assert [line.getMessage() for line in caplog.records if line.name == "mail.lmtp"] == [
        "a letter could not be taken in: a bug"
    ]


def test_a_letter_over_the_limit_is_refused_before_and_after_its_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLM_MAIL_MOST_MB", "0.01")
    settings.cache_clear()
    inbox = Inbox({})
    with served(inbox) as client:
        client.ehlo_or_helo_if_needed()
        assert client.esmtp_features["size"] == "10000" and client.has_extn("pipelining")
        assert client.mail("a@b.example", ["size=10001"])[0] == 552
        replies = hand_over(client, [YES, NO], b"\r\n" + b"x" * 70 + b"\r\n" * 10_000)
        assert [code for code, _ in replies] == [552, 552]
        assert hand_over(client, [YES], b"\r\n" + b"x" * 5000 + b"\r\n") == [(250, b"2.0.0 decision")]
    assert len(inbox.taken) == 1


def test_it_speaks_lmtp_and_takes_commands_in_one_go() -> None:
    inbox = Inbox({})
    with (
        LmtpServer("127.0.0.1", free_port(), inbox) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as line,
        line.makefile("rwb") as wire,
    ):
        wire.write(b"EHLO a\r\nLHLO a\r\nMAIL FROM:<a@b.example>\r\n")
        wire.write(f"RCPT TO:<{YES}>\r\nRCPT TO:<\xe9@answers.example>\r\nDATA\r\n".encode())
        wire.write(b"\r\nhello\r\n.\r\nQUIT\r\n")
        wire.flush()
        replies = [text.decode().rstrip() for text in wire]
    codes = [text[:3] for text in replies if text[3] == " "]
    assert codes == ["220", "500", "250", "250", "250", "250", "354", "250", "250", "221"]


def test_a_port_in_use_is_said_in_one_line() -> None:
    with LmtpServer("127.0.0.1", free_port(), Inbox({})) as server:
        second = LmtpServer("127.0.0.1", server.port, Inbox({}))
        with pytest.raises(
            UnreachableError, match=f"^the LMTP server cannot listen on 127.0.0.1:{server.port}: "
        ):
            second.start()
