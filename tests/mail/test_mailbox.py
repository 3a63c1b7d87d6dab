"""The local mailbox: what the product sends on one machine can be read there."""

import smtplib
import socket
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from config.errors import BadInputError, NotFoundError, UnreachableError
from mail.mailbox import LocalMailbox, read_letter, read_mailbox
from mail.outbox import post
from mail.sender import Sending, deliver
from models.agreements import Agreement
from models.database import reading, transaction
from models.letters import InboxLetter
from states.mailed_answers import local_door
from tests.mail.post_office import MONDAY, Cast

US = "slm@slmcycle.example"


def message(to: str, subject: str, text: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "Owner <owner@customer.example>", to, subject
    letter["Message-ID"] = f"<{subject}@customer.example>"
    letter.set_content(text, cte="base64")
    return letter


def hand_in(port: int, *letters: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as client:
        for letter in letters:
            client.send_message(letter)


def inbox(engine: Engine) -> list[InboxLetter]:
    with reading(engine) as session:
        return list(session.exec(select(InboxLetter)))


def test_what_is_sent_can_be_read(engine: Engine, cast: Cast, smtp_port: int, tmp_path: Path) -> None:
    with transaction(engine) as session:
        agreement = session.get_one(Agreement, cast.agreement.id)
        for number in range(3):
            reason = f"Reason {number}"
            post(
                session,
                "ended",
                cast.customer,
                key=f"k{number}",
                at=MONDAY,
                agreement=agreement,
                reason=reason,
            )
    folder = tmp_path / "var" / "mailbox"
    assert read_mailbox(folder) == []
    with LocalMailbox(folder, "127.0.0.1", smtp_port, local_door(engine)):
        assert deliver(engine, MONDAY) == Sending(sent=3)

    newest, middle, oldest = read_mailbox(folder)
    assert read_mailbox(folder, limit=1) == [newest]
    assert "Reason 2" in newest.text and "Reason 1" in middle.text and "Reason 0" in oldest.text
    assert "Reason 2" in newest.html
    assert newest.recipient == "Business owner <owner@customer.example>"
    assert newest.sender == f"Service level management <{US}>"
    assert (newest.subject, newest.at) == ("Ended: Service desk", MONDAY)
    assert read_letter(folder, newest.id) == newest
    assert inbox(engine) == []


@pytest.mark.parametrize(
    "letter_id", ["", ".", "../secret.key", "a/b", "1.M1P1Q1.x/../../secret.key", "1.M1P1Q1.x"]
)
def test_only_letters_can_be_read(tmp_path: Path, smtp_port: int, letter_id: str) -> None:
    (tmp_path / "secret.key").write_text("secret")
    with LocalMailbox(tmp_path / "mailbox", "127.0.0.1", smtp_port):
        pass
    with pytest.raises(NotFoundError, match="no such letter"):
        read_letter(tmp_path / "mailbox", letter_id)
    with pytest.raises(NotFoundError):
        read_letter(tmp_path / "nowhere", letter_id)


def test_a_letter_to_the_product_is_held_once_as_it_arrived(
    engine: Engine, smtp_port: int, tmp_path: Path
) -> None:
    token = "S" * 43
    reply = message(f"SLM <{US}>", "Re: sign", f"I quote: http://127.0.0.1:8000/d/{token} ü")
    with LocalMailbox(tmp_path / "mailbox", "127.0.0.1", smtp_port, local_door(engine)):
        hand_in(smtp_port, reply, reply, message("owner@customer.example", "other", "hello"))

    (held,) = inbox(engine)
    assert (held.recipient, held.subject) == (US, "Re: sign")
    assert held.sender == "owner@customer.example"
    assert held.outcome == "held" and held.state == "waiting"
    assert held.raw == reply.as_bytes().replace(b"\n", b"\r\n")
    assert token not in f"{held.text}{held.reason}{held.subject}"
    assert len(read_mailbox(tmp_path / "mailbox")) == 3


def test_a_strange_letter_is_kept_all_the_same(engine: Engine, smtp_port: int, tmp_path: Path) -> None:
    strange = (
        b"From: =?nonsense?q?=FF?= <a@b\r\nSubject: \xff\xfe\r\nContent-Type: text/plain; charset=martian\r\n"
        b"Date: never\r\n\r\n\xff\x00bytes\r\n"
    )
    with (
        LocalMailbox(tmp_path / "mailbox", "127.0.0.1", smtp_port, local_door(engine)),
        smtplib.SMTP("127.0.0.1", smtp_port, local_hostname="localhost") as client,
    ):
        client.sendmail("", [US.upper()], strange)
    (kept_row,) = inbox(engine)
    assert kept_row.raw == strange and kept_row.outcome == "automatic"
    (kept,) = read_mailbox(tmp_path / "mailbox")
    assert kept.at is None and "bytes" in kept.text


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path, smtp_port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", smtp_port))
        taken.listen()
        mailbox = LocalMailbox(tmp_path / "mailbox", "127.0.0.1", smtp_port)
        with pytest.raises(UnreachableError, match=f"cannot listen on 127.0.0.1:{smtp_port}: ") as refusal:
            mailbox.start()
    assert "\n" not in str(refusal.value)


def test_the_local_mailbox_is_not_for_other_machines(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"127\.0\.0\.1 only, not on 0\.0\.0\.0"):
        LocalMailbox(tmp_path, "0.0.0.0", 8025)
