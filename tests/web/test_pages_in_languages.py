"""The pages behind letters speak the language of whom they are for; managers' pages speak English."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from config.clock import now
from config.settings import settings
from mail.links import token_in
from models.agreements import Stage
from models.approvals import Decision, LinkPurpose
from models.database import reading, transaction
from models.surveys import SurveyAnswer
from states.surveys import ask as ask_about
from tests.states.builders import CUSTOMER_OWNER, contents, in_review, letters, monitored, offered, token_to
from tests.states.test_exclusions import ask
from tests.web.visitors import visitor

HOUR = timedelta(hours=1)


def customer(language: str) -> dict[str, object]:
    """The customer of the scenes, whose people read this language."""
    party = contents()["customer"]
    return {**party, "people": [{**person, "language": language} for person in party["people"]]}


def asked(engine: Engine, language: str) -> str:
    """The token of the customer's signatory."""
    with transaction(engine) as session:
        offered(session, now() - HOUR, customer=customer(language))
        return token_to(session, CUSTOMER_OWNER)


def test_a_german_is_asked_refused_and_thanked_in_german(engine: Engine, stranger: TestClient) -> None:
    token = asked(engine, "de")
    page = stranger.get(f"/d/{token}", headers={"accept-language": "fr"})
    assert '<html lang="de">' in page.text and page.headers["content-language"] == "de"
    assert "Genehmigen Sie Version 1?" in page.text
    assert "Uhr ME" in page.text, "the time stands in words of the reader's language"
    assert '<article class="document" lang="en">' in page.text, "what is sealed stays as it is sealed"
    assert "90\u00a0% of priority 2 tickets resolved within 8 h" in page.text

    refused = stranger.post(f"/d/{token}", data={"answer": "approve", "name": "Somebody"})
    assert refused.status_code == 422
    assert "tippen Sie den vollen Namen ein, wie er in der Vereinbarung steht: Business owner" in refused.text

    assert stranger.post(f"/d/{token}", data={"answer": "approve", "name": CUSTOMER_OWNER}).status_code == 303
    receipt = stranger.get(f"/d/{token}").text
    assert "Ihre Entscheidung ist festgehalten" in receipt and "eingetippter voller Name" in receipt
    with reading(engine) as session:
        assert session.exec(select(Decision)).one().assurance == "typed full name", "the record is English"
        mailed = letters(session, "approval_receipt")[-1]
    assert mailed.subject.startswith("Beleg: Sie haben Version 1 von Service desk for the harbour genehmigt")


def test_the_links_that_answer_by_mail_write_a_german_subject(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLM_REPLY_DOMAIN", "answers.slmcycle.example")
    settings.cache_clear()
    asked(engine, "de")
    with reading(engine) as session:
        text = letters(session, "approval_request")[-1].text
    assert "Genehmigen:\nmailto:yes." in text and "?subject=Anfrage%202%20genehmigen" in text
    assert "Ablehnen:\nmailto:no." in text and "?subject=Anfrage%202%20ablehnen" in text


def test_a_french_reader_decides_on_an_exclusion(engine: Engine, stranger: TestClient) -> None:
    with transaction(engine) as session:
        start = now() - 10 * HOUR
        agreement = monitored(session, start, customer=customer("fr"))
        times = {"starts_at": start + HOUR, "ends_at": start + 2 * HOUR, "at": now() - HOUR}
        ask(session, agreement, population={"priority": "2"}, **times)
        token = token_to(session, CUSTOMER_OWNER)
    page = stranger.get(f"/d/{token}").text
    assert "ce temps doit-il ne pas compter\u00a0?" in page and "priorité 2" in page
    stranger.post(f"/d/{token}", data={"answer": "decline", "name": CUSTOMER_OWNER, "reason": "non"})
    page = stranger.get(f"/d/{token}").text
    assert "État de l’exclusion" in page and "refusée" in page


def test_a_report_and_its_frozen_sentences_are_read_in_german(engine: Engine, stranger: TestClient) -> None:
    with transaction(engine) as session:
        in_review(session, customer=customer("de"))
        token = token_to(session, CUSTOMER_OWNER, LinkPurpose.REPORT)
    page = stranger.get(f"/r/{token}").text
    assert "nicht erfüllt" in page and "10 von 40" in page
    assert "Die Überprüfung entscheidet über eine Verbesserung oder eine Änderung." in page


def test_a_survey_is_answered_in_french_and_left_in_french(engine: Engine, stranger: TestClient) -> None:
    with transaction(engine) as session:
        agreement = monitored(session, now() - HOUR, customer=customer("fr"))
        occasion = "the service from 1 March 2026 to 31 March 2026"
        ask_about(session, agreement, Stage.MONITORING, 1, occasion, now())
        letter = [row for row in letters(session, "survey_invitation") if row.to_name == CUSTOMER_OWNER][-1]
    token, leave = token_in(letter.text, LinkPurpose.SURVEY), re.search(r"/u/[\w-]+", letter.text)
    assert token and leave
    page = stranger.get(f"/s/{token}").text
    assert "Cette enquête porte sur le service du 1er\u00a0mars 2026 au 31\u00a0mars 2026." in page
    refused = stranger.post(f"/s/{token}", data={"speed": "4", "initials": "BO"}).text
    assert "indiquez votre satisfaction d’ensemble" in refused
    stranger.post(f"/s/{token}", data={"overall": "4", "initials": "BO"})
    assert "<h1>Merci</h1>" in stranger.get(f"/s/{token}").text
    with reading(engine) as session:
        assert session.exec(select(SurveyAnswer)).one().score == 4
    assert "Plus d’enquêtes" in stranger.get(leave[0]).text


@pytest.mark.parametrize(
    ("accepts", "words"),
    [
        ("de-CH, en;q=0.5", "Diese Adresse führt nirgendwohin"),
        ("fr", "Cette adresse ne mène nulle part"),
        ("es", "This address leads nowhere"),
    ],
)
def test_a_wrong_link_is_told_in_the_browsers_language(
    stranger: TestClient, accepts: str, words: str
) -> None:
    page = stranger.get("/d/" + "a" * 43, headers={"accept-language": accepts})
    assert page.status_code == 404 and words in page.text


def test_managers_and_programs_read_english(app: FastAPI, manager: TestClient, program: TestClient) -> None:
    for path in ("/", "/letters", "/agreements/nothing"):
        page = manager.get(path, headers={"accept-language": "de"})
        assert '<html lang="en">' in page.text and page.headers["content-language"] == "en"
    assert '<html lang="en">' in visitor(app).get("/sign-in", headers={"accept-language": "de"}).text
    told = program.get("/api/agreements/nothing", headers={"accept-language": "de"}).json()
    assert "there is no agreement" in told["error"]
