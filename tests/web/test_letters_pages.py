"""The mail log, and the page on which people ask for no more surveys."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from config.clock import now
from models.agreements import Agreement, Stage
from models.approvals import LinkPurpose
from models.database import reading, transaction
from models.letters import LetterState, OutboxLetter
from models.surveys import SurveyOptOut
from states import surveys
from states.audit import events_of
from tests.states.builders import CUSTOMER_OWNER, letters, offered, token_to, written
from tests.web.visitors import Page, everything


@pytest.fixture
def numbers(engine: Engine) -> list[int]:
    """Letters of an agreement whose signatories were asked an hour ago: one failed, one waits."""
    with transaction(engine) as session:
        offered(session, now() - timedelta(hours=1))
        found = letters(session, "approval_request")
        found[0].state, found[0].last_error, found[0].attempts = LetterState.FAILED, "550 5.1.1 <nobody>", 1
        found[1].state, found[1].smtp_reply = LetterState.SENT, "250 2.0.0 queued as 4F2"
        found[1].sent_at, found[1].perhaps_sent = now(), True
        return [letter.id for letter in found]


def test_the_log_lists_letters_and_finds_them(manager: TestClient, numbers: list[int]) -> None:
    text = manager.get("/letters").text
    assert "Request to sign" in text and "550 5.1.1 &lt;nobody&gt;" in text and "queued as 4F2" in text
    assert "sent again, and marked so" in text and 'href="/inbox"' in text
    failed = Page(manager.get("/letters?state=failed"))
    assert failed.title == "Letters"
    assert [link for link in failed.links if link.startswith("/letters/")] == [f"/letters/{numbers[0]}"]
    assert "Nothing matches the search" in manager.get("/letters?to=nobody@nowhere.example").text
    assert "Nothing matches the search" in manager.get("/letters?state=bounced").text
    unknown = manager.get("/letters?agreement=SLA-%3Cb%3E")
    assert unknown.status_code == 200 and "SLA-&lt;b&gt;" in unknown.text
    assert "550 5.1.1" in manager.get("/letters?agreement=SLA-1&state=nonsense").text


def test_without_letters_the_log_says_when_there_will_be_some(manager: TestClient) -> None:
    assert "No letter yet" in manager.get("/letters").text


def test_a_letter_that_failed_is_sent_again(engine: Engine, manager: TestClient, numbers: list[int]) -> None:
    failed, sent = numbers
    shown = Page(manager.get(f"/letters/{failed}"))
    assert f"/letters/{failed}/retry" in [form.action for form in shown.forms]
    answer = manager.post(f"/letters/{failed}/retry")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/letters/{failed}")
    assert "is queued" in manager.get(f"/letters/{failed}").text
    with reading(engine) as session:
        assert session.get_one(OutboxLetter, failed).state == LetterState.QUEUED
        event = events_of(session, session.exec(select(Agreement)).one())[-1]
        assert (event.kind, event.actor) == ("letter queued again", "manager")

    assert f"/letters/{sent}/retry" not in [
        form.action for form in Page(manager.get(f"/letters/{sent}")).forms
    ]
    refused = manager.post(f"/letters/{sent}/retry")
    assert refused.status_code == 409 and "it cannot be sent again" in refused.text
    assert manager.get("/letters/999999999999").status_code == 404


def test_only_managers_see_the_log_and_nobody_sees_secrets(
    engine: Engine, manager: TestClient, stranger: TestClient, numbers: list[int]
) -> None:
    with reading(engine) as session:
        secrets = [token_to(session, letter.to_name) for letter in letters(session, "approval_request")]
    paths = ["/letters", *(f"/letters/{number}" for number in numbers)]
    before = everything(engine)
    for path in paths:
        answer = manager.get(path)
        assert answer.status_code == 200 and answer.headers["referrer-policy"] == "same-origin"
        assert not any(secret in answer.text for secret in secrets), path
        assert stranger.get(path).headers["location"].startswith("/sign-in")
    assert "/d/…" in manager.get(paths[1]).text
    assert stranger.post(f"/letters/{numbers[0]}/retry").status_code == 401
    assert everything(engine) == before


@pytest.fixture
def address(engine: Engine) -> str:
    """Where the customer's business owner can ask for no more surveys."""
    with transaction(engine) as session:
        agreement = written(session)
        surveys.ask(session, agreement, Stage.REQUIREMENTS, agreement.id, "the present service", now())
        return f"/u/{token_to(session, CUSTOMER_OWNER, LinkPurpose.UNSUBSCRIBE)}"


def opted_out(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return [row.via for row in session.exec(select(SurveyOptOut))]


def test_a_mail_program_unsubscribes_with_one_click(
    engine: Engine, mail_program: TestClient, address: str
) -> None:
    answer = mail_program.post(address, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "You get no more surveys" in answer.text
    assert mail_program.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert opted_out(engine) == ["one click"]


@pytest.fixture
def mail_program(app: object) -> TestClient:
    """A mail program: no cookies, no browser's headers."""
    return TestClient(app, follow_redirects=False)  # type: ignore[arg-type]


def test_a_person_types_a_word_to_stop_and_another_to_go_on(
    engine: Engine, stranger: TestClient, address: str
) -> None:
    page = Page(stranger.get(address))
    assert page.title == "Surveys" and address[3:] not in page.title
    before = everything(engine)
    for sent in ({}, {"word": ""}, {"word": "x"}, {"word": "start "[:3]}):
        answer = stranger.post(address, data=sent)
        assert answer.status_code == 422 and "Type the word stop" in answer.text
    assert everything(engine) == before

    assert stranger.post(address, data={"word": " Stop. "}).headers["location"] == address
    assert "You get no more surveys" in stranger.get(address).text and opted_out(engine) == ["page"]
    assert stranger.post(address, data={"word": "start"}).status_code == 303
    assert opted_out(engine) == []


def test_unknown_addresses_unsubscribe_nobody(engine: Engine, stranger: TestClient, address: str) -> None:
    for path in ("/u/", "/s/"):
        token = address[3:] if path == "/s/" else "x" * 43
        assert stranger.get(path + token).status_code == 404
        assert stranger.post(path + token, data={"word": "stop"}).status_code == 404
    assert opted_out(engine) == []
