"""The page of held mail: read safely, accepted and dismissed; nothing there decides."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from config.clock import now
from tests.states.mailed import address_for, asked, decisions, inbox, letter_to, message, send, take_answers
from tests.web.visitors import everything

NASTY = "<script>alert(1)</script>{{ 7 * 7 }}"


@pytest.fixture(autouse=True)
def by_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    take_answers(monkeypatch)


def test_held_mail_is_shown_as_text_and_without_secrets(engine: Engine, manager: TestClient) -> None:
    asked(engine, now())
    yes = address_for(engine, "yes")
    send(engine, message(yes, f"{NASTY} {yes}", results=None, Subject=NASTY), at=now())
    page = manager.get("/inbox")
    assert page.status_code == 200
    assert "our mail server has not authenticated the sender" in page.text
    assert "<script>alert" not in page.text and "49" not in page.text.split("<main")[1]
    assert yes.split("@")[0] not in page.text


def test_accepting_sends_the_link_and_shows_the_comment(engine: Engine, manager: TestClient) -> None:
    asked(engine, now())
    send(engine, message(address_for(engine, "yes"), "My deputy says yes", results=None), at=now())
    (held,) = inbox(engine)
    before = everything(engine)
    manager.get(f"/inbox/{held.id}/accept")
    manager.head("/inbox")
    assert everything(engine) == before

    assert manager.post(f"/inbox/{held.id}/accept").status_code == 303
    assert "was sent the link to confirm it" in manager.get("/inbox").text
    assert letter_to(engine, kind="approval_confirm") and decisions(engine) == []
    assert "My deputy says yes" in manager.get("/agreements/SLA-1").text


def test_dismissing_needs_a_reason(engine: Engine, manager: TestClient) -> None:
    asked(engine, now())
    send(engine, message(address_for(engine, "re"), "Buy this", results=None), at=now())
    (held,) = inbox(engine)
    assert manager.post(f"/inbox/{held.id}/dismiss", data={"reason": ""}).status_code == 409
    assert manager.post(f"/inbox/{held.id}/dismiss", data={"reason": "advertising"}).status_code == 303
    assert "No letter is held" in manager.get("/inbox").text


def test_strangers_see_no_mail(stranger: TestClient, app: FastAPI) -> None:
    assert stranger.get("/inbox").status_code in (303, 401)
    assert stranger.post("/inbox/1/accept").status_code in (303, 401)
