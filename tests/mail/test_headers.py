"""Headers: what mail programs and automatic responders are told, and where bounces go."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine

from config.plain_text import plain_line
from config.settings import settings
from mail.envelope import message_of
from mail.links import issue_link
from mail.outbox import post
from mail.sender import Sending, deliver
from models.approvals import LinkPurpose
from models.database import transaction
from models.letters import OutboxLetter
from models.parties import Person
from tests.mail.post_office import MONDAY, Cast, MailServer, outbox


def write(engine: Engine, cast: Cast, **options: Any) -> str:
    """Write a letter that can be unsubscribed from, and return the address for it."""
    with transaction(engine) as session:
        person, agreement = cast.seen_in(session)
        leave = issue_link(session, LinkPurpose.UNSUBSCRIBE, person.id, person, MONDAY)
        words: dict[str, Any] = {"unsubscribe": leave, **options}
        post(session, "ended", person, key="k", at=MONDAY, agreement=agreement, reason="over", **words)
    return leave


@pytest.mark.parametrize(
    ("public_url", "one_click"),
    [
        ("https://service-levels.harbour-logistics.example/desk", "List-Unsubscribe=One-Click"),
        ("http://127.0.0.1:8000", None),  # RFC 8058 wants it encrypted
    ],
)
def test_a_survey_can_be_unsubscribed_from(
    engine: Engine,
    cast: Cast,
    server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    public_url: str,
    one_click: str | None,
) -> None:
    monkeypatch.setenv("SLM_PUBLIC_URL", public_url)
    settings.cache_clear()
    leave = write(engine, cast)
    assert deliver(engine, MONDAY) == Sending(sent=1)
    (message,) = server.received
    assert message["List-Unsubscribe"] == f"<{leave}>"
    assert message["List-Unsubscribe-Post"] == one_click
    assert f"List-Unsubscribe: <{leave}>\r\n".encode() in server.raw[0], "neither folded nor encoded"
    kept = outbox(engine)[0]
    assert leave[-43:] not in kept.text + kept.html + kept.unsubscribe and kept.unsubscribe.endswith("/u/…")


def test_letters_that_ask_for_no_rating_are_no_list(engine: Engine, cast: Cast, server: MailServer) -> None:
    write(engine, cast, unsubscribe="")
    deliver(engine, MONDAY)
    (message,) = server.received
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To", "Precedence"} & set(message.keys())
    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert message["Content-Language"] == "en"


def test_each_letter_has_its_own_address_for_bounces(
    engine: Engine, cast: Cast, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLM_REPLY_DOMAIN", "answers.slmcycle.example")
    settings.cache_clear()
    write(engine, cast, reply_to="re.abc@answers.slmcycle.example")
    address = outbox(engine)[0].return_path
    assert address.startswith("b.") and address.endswith("@answers.slmcycle.example")
    deliver(engine, MONDAY)
    assert server.senders == [address], "the envelope says where bounces go"
    assert server.received[0]["From"] == "Service level management <slm@slmcycle.example>"
    assert server.received[0]["Reply-To"] == "re.abc@answers.slmcycle.example"
    assert outbox(engine)[0].return_path == "b.…@answers.slmcycle.example"


def name_in(raw: bytes) -> str:
    """The receiver's name as a mail program shows it, which puts encoded words together (RFC 2047)."""
    written: str = message_from_bytes(raw)["To"]
    return str(make_header(decode_header(written.rpartition("<")[0].strip())))


def letter_to(name: str) -> OutboxLetter:
    return OutboxLetter(
        deduplication_key="k",
        person_id=1,
        kind="ended",
        to_address="owner@customer.example",
        to_name=name,
        subject="Ended",
        text="over\n",
        html="<p>over</p>",
        message_id="<k@slmcycle.example>",
        created_at=MONDAY,
        next_attempt_at=MONDAY,
    )


SIGNS = st.sampled_from([*"ab \"\\<>@,;:()[]=?_.-\u00e9\U0001f600\u00a0'%{}", "=?utf-8?q?a=2C?=", "x" * 80])
NAMES = st.lists(SIGNS, max_size=40).map("".join)


@given(NAMES | st.text())
@example("Boss, evil@evil.example, " + "x" * 60)
@example('Boss" <evil@evil.example>, "' + "x" * 60)
@example("Head of Berths, Cranes and Yards (Northern Terminal), Harbour Logistics")
def test_whatever_the_name_a_letter_has_one_receiver(name: str) -> None:
    letter = letter_to(plain_line(name))
    raw = message_of(letter, MONDAY).as_bytes()
    message = message_from_bytes(raw, policy=default)
    assert [receiver.addr_spec for receiver in message["To"].addresses] == ["owner@customer.example"]
    if len(plain_line(name)) <= 200:
        assert name_in(raw).split() == plain_line(name).split()
    assert all(len(line) <= 78 for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n"))


def test_a_long_name_with_commas_reaches_one_person_alone(
    engine: Engine, cast: Cast, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = f"Service, evil@evil.example, {'level ' * 12}"
    monkeypatch.setenv("SLM_MAIL_FROM", f'"{ours}" <slm@slmcycle.example>')
    settings.cache_clear()
    with transaction(engine) as session:
        name = "Boss, evil@evil.example, Department of Harbour Operations, Berths and Cranes, Northern End"
        session.get_one(Person, cast.customer.id).name = name
    write(engine, cast)
    assert deliver(engine, MONDAY) == Sending(sent=1)
    (message,) = server.received
    assert name_in(server.raw[0]) == name
    assert [receiver.addr_spec for receiver in message["To"].addresses] == ["owner@customer.example"]
    assert [sender.addr_spec for sender in message["From"].addresses] == ["slm@slmcycle.example"]


WORDS = {
    "de": "Bitte entscheiden Sie über andere Bedingungen für P2 größer gültig",
    "fr": "Veuillez décider d'autres conditions après la révision du délai été",
    "en": "Please decide on other terms for P2 before the first of June",
}


@pytest.mark.parametrize("language", WORDS)
def test_a_subject_is_read_as_it_was_written(language: str) -> None:
    for length in range(90):
        subject = " ".join([f"{'x' * length} {WORDS[language]}".strip()] * (1 + length % 3))
        letter = letter_to("Business owner")
        letter.subject = subject
        raw = message_of(letter, MONDAY).as_bytes()
        assert message_from_bytes(raw, policy=default)["Subject"] == subject
        assert str(make_header(decode_header(message_from_bytes(raw)["Subject"]))) == subject
        assert all(len(line) <= 78 for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n"))
