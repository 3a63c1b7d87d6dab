"""The local mailbox on the pages: for managers only, each letter in a frame of its own."""

import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from config.settings import settings


@pytest.fixture
def letter_id(tmp_path: Path) -> str:
    """The id of a letter that has arrived."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = (
        "slm@here.example",
        "owner@there.example",
        "Please <sign>",
    )
    letter.set_content("Open http://testserver/d/token to decide")
    letter.add_alternative(
        "<html><head><title>x</title></head><body><script>alert(1)</script>"
        '<a href="/d/token">Decide</a></body></html>',
        subtype="html",
    )
    return mailbox.Maildir(tmp_path / "mailbox").add(letter)


def test_only_managers_read_it(stranger: TestClient, letter_id: str) -> None:
    for path in ("/mailbox", f"/mailbox/{letter_id}", f"/mailbox/{letter_id}/html"):
        assert stranger.get(path).status_code == 303


def test_letters_are_listed_and_shown(manager: TestClient, letter_id: str) -> None:
    assert "Please &lt;sign&gt;" in manager.get("/mailbox").text
    page = manager.get(f"/mailbox/{letter_id}").text
    assert "owner@there.example" in page and f"/mailbox/{letter_id}/html" in page
    assert "Open" in page and "alert(1)" not in page


def test_the_letter_itself_runs_nothing_and_links_to_the_top(manager: TestClient, letter_id: str) -> None:
    answer = manager.get(f"/mailbox/{letter_id}/html")
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy and "allow-scripts" not in policy and "default-src 'none'" in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert '<head><base target="_top">' in answer.text


def test_without_letters_and_without_a_mailbox(manager: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No letter has arrived yet" in manager.get("/mailbox").text
    assert manager.get("/mailbox/none").status_code == 404
    monkeypatch.setenv("SLM_LOCAL_MAILBOX", "false")
    settings.cache_clear()
    assert manager.get("/mailbox").status_code == 404
    assert "/mailbox" not in manager.get("/").text
