"""Mail scanners follow every link and send every form; secrets stay out of logs, titles and answers."""

import logging
import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from config.clock import now
from mail.links import PATHS
from models.agreements import Stage
from models.database import transaction
from models.reviews import ReviewDecision
from states import surveys
from states.proposals import propose_outcome, propose_terms
from tests.states.builders import in_review, letters, offered, written
from tests.web.visitors import Page, everything, visitor
from web.logs import WithoutSecrets, scrub

SECRET = re.compile(rf"(?:{'|'.join(PATHS.values())})[A-Za-z0-9_-]{{43}}")


@pytest.fixture
def addresses(engine: Engine) -> list[str]:
    """Every secret address that stands in a letter: of requests, surveys and reports."""
    with transaction(engine) as session:
        agreement = offered(session, now() - timedelta(hours=1))
        surveys.ask(session, agreement, Stage.REQUIREMENTS, agreement.id, "the present service", now())
        asked = in_review(session, reference="SLA-2")
        propose_outcome(session, asked, ReviewDecision.RENEW, asked.owner, "all is mended", now())
        terms = written(session, now(), reference="SLA-3")
        propose_terms(session, terms, "P2", terms.owner, "nights are quiet", now(), objective=0.8)
        found = [address for letter in letters(session) for address in SECRET.findall(letter.text)]
    assert {address[:3] for address in found} == set(PATHS.values())
    return found


def test_a_scanner_that_clicks_everything_changes_nothing(
    engine: Engine, app: FastAPI, addresses: list[str]
) -> None:
    before = everything(engine)
    scanner = visitor(app)
    waiting, seen = list(addresses), set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        assert scanner.head(address).status_code < 500
        page = Page(scanner.get(address))
        waiting += page.links
        for form in page.forms:
            scanner.request(form.method, form.action, data=form.fields)
            scanner.post(form.action, data=dict.fromkeys(form.fields, "x"))
    assert len(seen) >= len(set(addresses))
    assert everything(engine) == before


def test_get_and_head_of_every_route_change_nothing(
    engine: Engine, app: FastAPI, manager: TestClient, addresses: list[str]
) -> None:
    before = everything(engine)
    for reference in ("SLA-1", "SLA-2"):
        for trigger in ("rework", "end", "renew", "sign"):
            manager.get(f"/agreements/{reference}/advance/{trigger}")
            manager.head(f"/agreements/{reference}/advance/{trigger}")
        for path in ("adopt", "accept-risk", "propose", "propose-offer"):
            assert manager.get(f"/agreements/{reference}/targets/P2/{path}").status_code == 405
    for path in ("/", "/mailbox", "/sign-in", "/sign-out", "/api/agreements", "/api/agreements/SLA-1"):
        manager.get(path)
        manager.head(path)
    assert everything(engine) == before


def test_no_secret_stands_in_a_title_a_managers_page_or_the_api(
    engine: Engine, manager: TestClient, stranger: TestClient, addresses: list[str]
) -> None:
    tokens = [address[3:] for address in addresses]
    for address, token in zip(addresses, tokens, strict=True):
        answer = stranger.get(address)
        own = ("/pdf", "/signed.pdf")  # the page's links to its own documents
        text = answer.text
        for document in own:
            text = text.replace(f"{address}{document}", "")
        assert token not in Page(answer).title and token not in text
        assert "Sign out" not in manager.get(address).text
    pages = ("/", "/agreements/SLA-1", "/agreements/SLA-2", "/api/agreements/SLA-1", "/api/agreements")
    for path in (*pages, "/letters", "/letters?state=queued", *(f"/letters/{n}" for n in range(1, 20))):
        text = manager.get(path).text
        assert not any(token in text for token in tokens), path


def test_logs_say_where_but_not_with_which_secret(addresses: list[str]) -> None:
    for address in addresses:
        record = logging.LogRecord(
            "uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d',
            ("127.0.0.1:1", "GET", f"{address}?x=1", "1.1", 200), None,
        )  # fmt: skip
        assert WithoutSecrets().filter(record)
        assert address[3:] not in record.getMessage() and f"{address[:3]}…?x=1" in record.getMessage()
    assert scrub("GET /sign-in?next=%2F&key=abc HTTP/1.1") == "GET /sign-in?next=%2F&key=… HTTP/1.1"
    assert scrub("/agreements/d/x") == "/agreements/d/…" and scrub(200) == 200
