"""Headers: what mail programs and automatic responders are told, and where bounces go."""

from typing import Any

import pytest
from sqlalchemy import Engine

from config.settings import settings
from mail.links import issue_link
from mail.outbox import post
from mail.sender import Sending, deliver
from models.approvals import LinkPurpose
from models.database import transaction
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
