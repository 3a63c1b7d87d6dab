"""What can be answered behind a letter's link: decisions, questions, codes, delegates; what forgers try."""

import json
import re
from datetime import timedelta
from itertools import product

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.testclient import TestClient

from config.clock import now
from models.approvals import ApprovalQuestion, Decision
from models.audit import AuditEvent
from models.database import reading, transaction
from states.drafting import find_agreement
from states.move import Trigger
from tests.states.builders import (
    BOARD,
    CUSTOMER_OWNER,
    PROVIDER,
    contents,
    letters,
    monitored,
    move,
    offered,
    person,
    token_to,
)
from tests.states.test_exclusions import ask
from tests.web.letters_pages import LETTERS_PAGES
from tests.web.visitors import Form, Page, everything, visitor

HOUR = timedelta(hours=1)
PROVIDER_SIGNS, OWNER_SIGNS = contents()["signatories"]
HAND_OVER = {
    "answer": "hand_over",
    "delegate": BOARD,
    "email": "managing@harbour.example",
    "why": "on leave",
}


def asked(engine: Engine, assurance: str = "L2") -> str:
    """The token of the customer, who is asked at this level of assurance."""
    with transaction(engine) as session:
        signatories = [PROVIDER_SIGNS, {**OWNER_SIGNS, "assurance": assurance}]
        offered(session, now() - HOUR, signatories=signatories)
        return token_to(session, CUSTOMER_OWNER)


def newest_code(engine: Engine) -> str:
    with reading(engine) as session:
        found = re.search(r"One-time code: ([0-9]{6})", letters(session, "approval_code")[-1].text)
    assert found
    return found[1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


@pytest.fixture(params=["L1", "L2", "L3", "exclusion", "handed over", "question", "decided"])
def token(request: pytest.FixtureRequest, engine: Engine, stranger: TestClient) -> str:
    """The token of a decision page, in each state in which it has something to click."""
    if request.param == "exclusion":
        with transaction(engine) as session:
            start = now() - 10 * HOUR
            agreement = monitored(session, start)
            ask(session, agreement, starts_at=start + HOUR, ends_at=start + 2 * HOUR, at=now() - HOUR)
            return token_to(session, CUSTOMER_OWNER)
    token = asked(engine, request.param if request.param.startswith("L") else "L2")
    if request.param == "handed over":
        stranger.post(f"/d/{token}", data=HAND_OVER)
        with reading(engine) as session:
            return token_to(session, BOARD)
    if request.param == "question":
        stranger.post(f"/d/{token}", data={"answer": "ask", "question": "What of Sundays?"})
    if request.param == "decided":
        stranger.post(f"/d/{token}", data={"answer": "approve", "name": CUSTOMER_OWNER})
    return token


def clicking_everything_changes_nothing(engine: Engine, app: FastAPI, path: str) -> None:
    """Get the page, send its forms untouched, and click its controls in all ways, typing nothing."""
    before = everything(engine)
    scanner = visitor(app)
    assert scanner.head(path).status_code == scanner.get(path).status_code == 200
    page = Page(scanner.get(path))
    assert not page.checked and not page.scripts
    for form in page.forms:
        untouched = {name: value for name, value in form.fields.items() if (name, value) not in form.controls}
        scanner.request(form.method, form.action, data=form.fields)
        for clicked in ways_to_click(form):
            scanner.post(form.action, data=untouched | clicked)
    assert everything(engine) == before


def ways_to_click(form: Form) -> list[dict[str, str]]:
    """Each choice of each group with each of the others; of more than two groups the outermost choices."""
    names = sorted({name for name, _ in form.controls})
    groups = [[value for known, value in form.controls if known == name] for name in names]
    if len(groups) > 2:
        groups = [[group[0], group[-1]] for group in groups]
    return [
        {name: value for name, value in zip(names, values, strict=True) if value}
        for values in product(*(["", *group] for group in groups))
    ]


@pytest.mark.campaign
def test_clicking_every_control_and_typing_nothing_decides_nothing(
    engine: Engine, app: FastAPI, token: str
) -> None:
    clicking_everything_changes_nothing(engine, app, f"/d/{token}")
    clicking_everything_changes_nothing(engine, app, f"/d/{token}/pdf")


@pytest.mark.campaign
@pytest.mark.parametrize("name", [*LETTERS_PAGES])
def test_clicking_every_control_of_what_else_a_letter_leads_to_changes_nothing(
    engine: Engine, app: FastAPI, name: str
) -> None:
    with transaction(engine) as session:
        path = LETTERS_PAGES[name](session)
    clicking_everything_changes_nothing(engine, app, path)


def test_initials_do_where_no_more_is_asked_for(engine: Engine, stranger: TestClient) -> None:
    token = asked(engine, "L1")
    assert "Your initials" in stranger.get(f"/d/{token}").text
    refused = stranger.post(f"/d/{token}", data={"answer": "approve", "name": "x"})
    assert refused.status_code == 422 and "type your initials, BO" in refused.text
    assert stranger.post(f"/d/{token}", data={"answer": "approve", "name": "b.o."}).status_code == 303
    shown = stranger.get(f"/d/{token}").text
    assert "typed initials" in shown and "A receipt was mailed to business@harbour.example" in shown


def test_the_page_is_printed_for_whoever_holds_the_link(engine: Engine, stranger: TestClient) -> None:
    token = asked(engine)
    printed = stranger.get(f"/d/{token}/pdf")
    assert printed.headers["content-type"] == "application/pdf" and printed.content.startswith(b"%PDF")
    assert stranger.get(f"/d/{token}/pdf").content == printed.content, "byte for byte: it is printed once"
    assert stranger.get(f"/d/{'x' * 43}/pdf").status_code == 404


def test_a_question_is_asked_and_answered_and_the_request_stays_open(
    engine: Engine, stranger: TestClient, manager: TestClient
) -> None:
    token = asked(engine)
    sent = {"answer": "ask", "question": "What of <b>Sundays</b>?"}
    assert stranger.post(f"/d/{token}", data=sent).status_code == 303
    assert "What of &lt;b&gt;Sundays&lt;/b&gt;?" in stranger.get(f"/d/{token}").text
    tracker = manager.get("/agreements/SLA-1").text
    assert "asks: What of &lt;b&gt;Sundays" in tracker
    with reading(engine) as session:
        question = session.exec(select(ApprovalQuestion)).one()
    where = f"/agreements/SLA-1/approvals/{question.request_id}/answer"
    answered = manager.post(where, data={"question": str(question.id), "text": "They do not count."})
    assert answered.headers["location"] == "/agreements/SLA-1#approvals"
    with reading(engine) as session:
        token = token_to(session, CUSTOMER_OWNER)
    shown = stranger.get(f"/d/{token}").text
    assert "They do not count." in shown and "do you approve version 1?" in shown


def test_it_is_handed_over_and_the_old_link_says_to_whom(engine: Engine, stranger: TestClient) -> None:
    token = asked(engine)
    assert stranger.post(f"/d/{token}", data=HAND_OVER).status_code == 303
    old = stranger.get(f"/d/{token}")
    assert "It is handed over" in old.text and f"{BOARD} is asked to decide" in old.text
    late = stranger.post(f"/d/{token}", data={"answer": "approve", "name": CUSTOMER_OWNER})
    assert late.status_code == 409 and "It is handed over" in late.text
    with reading(engine) as session:
        new = token_to(session, BOARD)
    assert f"in the place of <strong>{CUSTOMER_OWNER}</strong>" in stranger.get(f"/d/{new}").text
    assert stranger.post(f"/d/{new}", data={"answer": "approve", "name": BOARD}).status_code == 303


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ({"email": ""}, "give the name and the e-mail address"),
        ({"why": ""}, "give a reason"),
        ({"email": "operations@northwind.example"}, "is not of Harbour Logistics"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "is no e-mail address"),
    ],
)
def test_what_is_missing_to_hand_over_is_said(
    engine: Engine, stranger: TestClient, sent: dict[str, str], line: str
) -> None:
    token = asked(engine)
    before = everything(engine)
    answer = stranger.post(f"/d/{token}", data=HAND_OVER | sent)
    assert answer.status_code == 422 and line in answer.text and 'value="Managing board"' in answer.text
    assert everything(engine) == before


def test_a_code_is_mailed_typed_and_spent(engine: Engine, stranger: TestClient) -> None:
    token = asked(engine, "L3")
    approve = {"answer": "approve", "name": CUSTOMER_OWNER}
    without = stranger.post(f"/d/{token}", data=approve)
    assert without.status_code == 422 and "type the code of 6 digits" in without.text
    mailed = stranger.post(f"/d/{token}", data=approve | {"do": "code"})
    assert mailed.status_code == 200 and "Mailed to business@harbour.example" in mailed.text
    assert 'autocomplete="one-time-code"' in mailed.text and 'id="answer-approve"' in mailed.text
    code = newest_code(engine)
    assert code not in mailed.text
    assert stranger.post(f"/d/{token}", data=approve | {"code": code}).status_code == 303
    assert "typed full name and a mailed one-time code" in stranger.get(f"/d/{token}").text


def test_five_wrong_codes_are_counted_though_nothing_else_is_kept(
    engine: Engine, stranger: TestClient
) -> None:
    token = asked(engine, "L3")
    approve = {"answer": "approve", "name": CUSTOMER_OWNER}
    stranger.post(f"/d/{token}", data=approve | {"do": "code"})
    code = newest_code(engine)
    for _ in range(5):
        answer = stranger.post(f"/d/{token}", data=approve | {"code": wrong(code)})
        assert answer.status_code == 422 and "this is not the code" in answer.text
        assert wrong(code) not in answer.text
    right = stranger.post(f"/d/{token}", data=approve | {"code": code})
    assert right.status_code == 422 and "5 wrong codes were typed" in right.text
    with reading(engine) as session:
        assert session.exec(select(Decision)).all() == []


def test_one_address_tries_so_many_codes_and_no_more(engine: Engine, stranger: TestClient) -> None:
    token = asked(engine, "L3")
    approve = {"answer": "approve", "name": CUSTOMER_OWNER}
    statuses = []
    for _ in range(4):
        stranger.post(f"/d/{token}", data=approve | {"do": "code"})
        code = wrong(newest_code(engine))
        statuses += [
            stranger.post(f"/d/{token}", data=approve | {"code": code}).status_code for _ in range(4)
        ]
    assert statuses == [422] * 15 + [429]


def test_a_token_for_another_version_signs_nothing(engine: Engine, stranger: TestClient) -> None:
    token = asked(engine)
    with transaction(engine) as session:
        agreement = find_agreement(session, "SLA-1")
        move(session, agreement, Trigger.REWORK, now(), reason="a typing error")
        move(session, agreement, Trigger.SKIP_TRIAL, now(), reason="known")
    before = everything(engine)
    answer = stranger.post(f"/d/{token}", data={"answer": "approve", "name": CUSTOMER_OWNER})
    assert answer.status_code == 409 and "withdrawn: a typing error" in answer.text
    assert everything(engine) == before


@pytest.mark.parametrize("again", [{"answer": "ask", "question": "?"}, HAND_OVER, {"answer": "approve"}])
def test_a_form_that_is_sent_again_after_the_decision_changes_nothing(
    engine: Engine, stranger: TestClient, again: dict[str, str]
) -> None:
    token = asked(engine)
    stranger.post(f"/d/{token}", data={"answer": "approve", "name": CUSTOMER_OWNER})
    before = everything(engine)
    answer = stranger.post(f"/d/{token}", data={"name": CUSTOMER_OWNER} | again)
    assert answer.status_code == 409 and "Your decision is recorded" in answer.text
    assert everything(engine) == before


def test_the_evidence_says_how_and_from_where_and_holds_no_token(
    engine: Engine, stranger: TestClient
) -> None:
    token = asked(engine)
    headers = {"sec-fetch-user": "?1", "sec-fetch-mode": "navigate", "referer": f"http://x/d/{token}"}
    data = {"answer": "approve", "name": CUSTOMER_OWNER}
    stranger.post(f"/d/{token}", data=data, headers=headers | {"user-agent": "a browser"})
    with reading(engine) as session:
        events = session.exec(select(AuditEvent).order_by(col(AuditEvent.sequence))).all()
    told = json.loads(next(event.data for event in events if event.kind == "decision"))
    assert told["headers"] == {
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "navigate",
        "sec-fetch-user": "?1",
    }
    assert (told["assurance"], told["address"], told["user_agent"]) == (
        "typed full name",
        "testclient",
        "a browser",
    )
    assert not any(token in event.data for event in events)


def test_what_deceives_is_taken_out_of_what_is_typed(engine: Engine, stranger: TestClient) -> None:
    token = asked(engine)
    reason = "{{ 7*7 }} <script>\u202e\r\nBcc: x@y.example"
    stranger.post(f"/d/{token}", data={"answer": "decline", "name": CUSTOMER_OWNER, "reason": reason})
    shown = stranger.get(f"/d/{token}").text
    assert "{{ 7*7 }} &lt;script&gt;\nBcc: x@y.example" in shown and "\u202e" not in shown
    with reading(engine) as session:
        for letter in letters(session, "declined"):
            assert "{{ 7*7 }} &lt;script&gt;" in letter.html and "<script>" not in letter.html
            assert "\n" not in letter.subject and "Bcc" not in letter.subject


def test_a_manager_reminds_withdraws_and_asks_anew(
    engine: Engine, manager: TestClient, stranger: TestClient
) -> None:
    old = asked(engine)
    with reading(engine) as session:
        requests = {person(session, name).name for name in (CUSTOMER_OWNER, PROVIDER)}
    tracker = manager.get("/agreements/SLA-1").text
    assert all(name in tracker for name in requests) and "typed full name wanted" in tracker
    where = "/agreements/SLA-1/approvals"
    assert manager.post(f"{where}/2/remind").status_code == 303
    assert manager.post(f"{where}/2/ask-anew", data={"email": "owner@harbour.example"}).status_code == 303
    assert "A newer letter was sent" in stranger.get(f"/d/{old}").text
    assert manager.post(f"{where}/1/void", data={"reason": ""}).status_code == 409
    assert manager.post(f"{where}/1/void", data={"reason": "the wrong person"}).status_code == 303
    shown = manager.get("/agreements/SLA-1").text
    assert "before: Business owner: asked anew" in shown and "the wrong person" in shown
    assert manager.post("/agreements/SLA-1/approvals/99/remind").status_code == 404
    assert stranger.post(f"{where}/1/remind").status_code in (303, 401)
    with reading(engine) as session:
        kinds = [letter.kind for letter in letters(session)]
    assert kinds.count("approval_reminder") == 1 and kinds.count("approval_void") == 1
