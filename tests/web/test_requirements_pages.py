"""Requirements on the pages: settled there, and read as a document and as PDF."""

import subprocess
from datetime import timedelta
from pathlib import Path
from shutil import which

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from models.database import reading, transaction
from models.version_words import Settlement
from states.drafting import find_agreement
from tests.states.builders import MONDAY, add_tickets, draft, in_trial, written

HERE = "/agreements/SLA-1/requirements"


def test_a_requirement_is_challenged_and_settled_on_the_page(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        written(session, requirements=[{"text": "<b>Fast</b>", "target": "P2"}])
        add_tickets(session, MONDAY - timedelta(weeks=10), 5)
    assert "&lt;b&gt;Fast&lt;/b&gt;" in manager.get("/agreements/SLA-1").text
    assert manager.post(f"{HERE}/1/challenge").status_code == 303
    said = manager.get("/agreements/SLA-1").text
    assert "challenged by" in said and "last 12 weeks" in said
    settled = {"settlement": "reduced", "reason": "the evidence says so"}
    assert manager.post(f"{HERE}/1/settle", data=settled).status_code == 303
    with reading(engine) as session:
        requirement = draft(find_agreement(session, "SLA-1")).requirements[0]
        assert (requirement.settlement, requirement.reason) == (Settlement.REDUCED, "the evidence says so")


def test_a_settlement_without_a_reason_is_refused_and_changes_nothing(
    engine: Engine, manager: TestClient
) -> None:
    with transaction(engine) as session:
        written(session, requirements=[{"text": "Fast", "target": "P2"}])
    answer = manager.post(f"{HERE}/1/settle", data={"settlement": "dropped", "reason": " "})
    assert answer.status_code == 409 and "say why it is dropped" in answer.text
    with reading(engine) as session:
        assert draft(find_agreement(session, "SLA-1")).requirements[0].settlement == Settlement.OPEN


def test_the_document_is_a_page_that_stands_alone(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        in_trial(session)
    answer = manager.get(f"{HERE}/1")
    assert answer.status_code == 200 and "Mail comes back the same day" in answer.text
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert manager.get(f"{HERE}/2").status_code == 404


def test_a_stranger_reads_no_requirements(engine: Engine, stranger: TestClient) -> None:
    with transaction(engine) as session:
        in_trial(session)
    for path in (f"{HERE}/1", f"{HERE}/1/pdf"):
        assert "Mail comes back" not in stranger.get(path).text


@pytest.mark.skipif(which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")
def test_the_document_is_printed(engine: Engine, manager: TestClient, tmp_path: Path) -> None:
    with transaction(engine) as session:
        in_trial(session)
    answer = manager.get(f"{HERE}/1/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    (tmp_path / "requirements.pdf").write_bytes(answer.content)
    told = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "requirements.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Mail comes back the same day" in told and "priority 2 tickets resolved within 8 h" in told
