"""The signed agreement behind the pages: for managers, and for those who signed."""

from datetime import timedelta

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from models.database import reading, transaction
from models.signed_documents import SignedDocument
from states import signed_documents
from states.drafting import find_agreement
from states.seal_verification import open_sealed
from tests.states.builders import (
    CUSTOMER_OWNER,
    MONDAY,
    PROVIDER,
    answer,
    monitored,
    offer,
    offered,
    token_to,
)
from tests.web.visitors import everything, visitor


def test_a_manager_prints_it_once_and_reads_it_ever_after(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        agreement = monitored(session)
        here = f"/versions/{agreement.versions[0].sha256}/pdf"
    assert here in manager.get("/agreements/SLA-1").text
    assert here in manager.get(here.removesuffix("/pdf")).text

    before = everything(engine)
    waiting = manager.get(here)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (200, "60")
    assert "Print and seal it now" in waiting.text and everything(engine) == before

    assert manager.post(here).status_code == 303
    shown = manager.get(here)
    assert shown.headers["content-type"] == "application/pdf"
    assert shown.headers["content-disposition"] == 'inline; filename="SLA-1-version-1.pdf"'
    assert open_sealed(shown.content).contents["agreement"] == "SLA-1"
    assert manager.post(here).status_code == 303
    assert manager.get(here).content == shown.content


def test_a_signatory_reads_it_behind_the_link_and_changes_nothing(engine: Engine, app: FastAPI) -> None:
    with transaction(engine) as session:
        offered(session)
        tokens = [token_to(session, name) for name in (PROVIDER, CUSTOMER_OWNER)]
    browser = visitor(app)
    here = f"/d/{tokens[0]}/signed.pdf"
    unsigned = browser.get(here)
    assert unsigned.status_code == 404 and "is not signed" in unsigned.text

    with transaction(engine) as session:
        for name in (PROVIDER, CUSTOMER_OWNER):
            answer(session, name, MONDAY + timedelta(hours=1))
    assert here in browser.get(f"/d/{tokens[0]}").text
    before = everything(engine)
    waiting = browser.get(here)
    assert waiting.status_code == 202 and "come back in a minute" in waiting.text
    assert "<button" not in waiting.text and tokens[0] not in waiting.text
    assert everything(engine) == before

    with reading(engine) as session:
        version_id = signed_documents.signed_version(find_agreement(session, "SLA-1")).id
    kept = signed_documents.ensure(engine, version_id, MONDAY).pdf
    for token in tokens:
        assert browser.get(f"/d/{token}/signed.pdf").content == kept
    assert browser.head(here).status_code == 200


def test_nobody_else_reads_it(engine: Engine, stranger: TestClient, manager: TestClient) -> None:
    with transaction(engine) as session:
        sha256 = offer(offered(session)).sha256
    here = f"/versions/{sha256}/pdf"
    assert manager.get(here).status_code == 404, "it is not signed"
    assert manager.post(here).status_code == 409
    assert manager.get(f"/versions/{'0' * 64}/pdf").status_code == 404
    assert stranger.get(here).status_code == 303 and stranger.post(here).status_code in (303, 401)
    assert stranger.get(f"/d/{'A' * 43}/signed.pdf").status_code == 404
    with reading(engine) as session:
        assert session.get(SignedDocument, 1) is None
