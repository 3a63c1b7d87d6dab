"""Marks of writing direction and control characters, NUL among them, are kept nowhere and break nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from config.clock import now
from config.errors import BadInputError
from mail.links import token_in
from models.agreements import Agreement, Stage
from models.approvals import LinkPurpose
from models.database import reading, transaction
from models.parties import Person
from states import surveys
from tests.states.builders import CUSTOMER_OWNER, contents, letters, offered, token_to
from tests.states.mailed import address_for, inbox, message, send, take_answers
from tests.web.visitors import Page, everything, visitor

MARKS = "\u202e\u2066\u200f\x00\x07\x85\x1b"
MARKED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def surveyed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> str:
    """An agreement whose title and texts hold such marks, asked about an hour ago; its survey's token."""
    take_answers(monkeypatch)
    nasty: dict[str, Any] = {
        "title": f"Service {MARKS}desk{MARKS}",
        "requirements": [{"text": f"fast {MARKS}help", "business_reason": f"ships {MARKS}wait"}],
        "responsibilities": [row | {"text": row["text"] + MARKS} for row in contents()["responsibilities"]],
    }
    nasty["requirements"][0] |= {"target": "P2", "settlement": "accepted", "reason": f"it {MARKS}is so"}
    with transaction(engine) as session:
        agreement = offered(session, now() - timedelta(hours=1), **nasty)
        surveys.ask(session, agreement, Stage.REQUIREMENTS, agreement.id, "the present service", now())
        found = [
            token_in(letter.text, LinkPurpose.SURVEY) for letter in letters(session, "survey_invitation")
        ]
        assert found[0] is not None
        return found[0]


def kept(engine: Engine) -> str:
    """Every text of every row, save the letters that arrived, which are kept as they came."""
    return "\n".join(
        str(value)
        for rows in everything(engine).values()
        for row in rows
        for value in row
        if not isinstance(value, bytes)
    )


def test_what_deceives_is_taken_out_at_every_door(
    engine: Engine, app: FastAPI, manager: TestClient, surveyed: str
) -> None:
    with reading(engine) as session:
        token = token_to(session, CUSTOMER_OWNER)
        assert session.get_one(Agreement, 1).title == "Service desk"
        assert all("Service desk" in letter.subject for letter in letters(session, "approval_request"))
        rater = session.get_one(Person, letters(session, "survey_invitation")[0].person_id).name
    stranger = visitor(app)
    rated = {"overall": "4", "comment": f"good {MARKS}desk", "initials": rater}
    assert stranger.post(f"/s/{surveyed}", data=rated).status_code == 303
    asked = {"answer": "ask", "name": CUSTOMER_OWNER, "question": f"what of {MARKS}Sundays?"}
    assert stranger.post(f"/d/{token}", data=asked).status_code == 303
    nasty = "".join(sign for sign in MARKS if sign not in "\x85\x1b\x07\x00")
    for results in (None, "mx.northwind.example; dmarc=pass header.from=harbour.example"):
        letter = message(
            address_for(engine, "re"),
            f"what of {nasty}holidays?",
            results=results,
            sender=f'"Bus{nasty}iness" <business@harbour.example>',
            Subject=f"a {nasty}question",
        )
        send(engine, letter, at=now())
    held = next(row.id for row in inbox(engine) if row.state.value == "waiting")
    assert manager.post(f"/inbox/{held}/dismiss", data={"reason": f"not {MARKS}his"}).status_code == 303
    void = manager.post("/agreements/SLA-1/approvals/2/void", data={"reason": f"the {MARKS}wrong one"})
    assert void.status_code == 303
    reworked = {"reason": f"it was {MARKS}mistyped", "row_version": "x"}
    manager.post("/agreements/SLA-1/advance/rework", data=reworked)

    told = kept(engine)
    for words in ("good desk", "what of Sundays?", "what of holidays?", "not his", "the wrong one"):
        assert words in " ".join(told.split()), words
    assert [line for line in told.split("\n") if MARKED.search(line)] == []
    for page in (stranger.get(f"/d/{token}"), manager.get("/agreements/SLA-1"), manager.get("/inbox")):
        assert page.status_code == 200 and Page(page).title and not MARKED.search(page.text)


def test_nul_is_nowhere_a_fault(engine: Engine, app: FastAPI, manager: TestClient, surveyed: str) -> None:
    with reading(engine) as session:
        token = token_to(session, CUSTOMER_OWNER)
    stranger, own = visitor(app), "/agreements/SLA-1"
    answers = [
        manager.get(address)
        for address in (
            *("/letters?to=%00", "/letters?to=a%00b", "/letters?agreement=%00", "/letters?agreement=SLA%001"),
            *("/?q=%00", "/?stage=%00", "/agreements/%00", f"{own}/versions/%00", "/d/%00abc", "/s/%00"),
            *("/api/agreements/%00", "/mailbox/%00", f"{own}/targets/%00"),
        )
    ]
    for address, sent in (
        (f"/s/{surveyed}", {"overall": "4", "comment": "a\0b", "a\0b": "3"}),
        (f"/d/{token}", {"answer": "decline", "name": CUSTOMER_OWNER, "reason": "\0"}),
        (f"/d/{token}", {"answer": "hand_over", "delegate": "a\0b", "email": "x\0@y.example", "why": "q"}),
        (f"/d/{token}", {"answer": "approve", "name": "a\0b", "code": "\0"}),
    ):
        answers.append(stranger.post(address, data=sent))
    for address, sent in (
        (f"{own}/approvals/1/void", {"reason": "\0"}),
        (f"{own}/approvals/1/ask-anew", {"email": "a\0b@harbour.example"}),
        (f"{own}/advance/rework", {"reason": "a\0b"}),
        (f"{own}/targets/P2/accept-risk", {"reason": "a\0b"}),
        ("/inbox/1/dismiss", {"reason": "a\0b"}),
        ("/sign-in", {"key": "a\0b", "person": "\0"}),
    ):
        answers.append(manager.post(address, data=sent))
    told = {f"{answer.request.method} {answer.request.url}": answer.status_code for answer in answers}
    assert {address: status for address, status in told.items() if status >= 500} == {}
    assert len(told) > 18


def test_a_text_that_the_database_cannot_keep_is_refused_in_one_line(engine: Engine, surveyed: str) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite keeps such a text")
    with pytest.raises(BadInputError, match=r"NUL \(0x00\)"), transaction(engine) as session:
        session.get_one(Agreement, 1).title = "a\0b"
