"""The scenes type the same commands on the same database as the command line's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mail.mailbox import LocalMailbox
from models.database import open_engine
from tests.cli.conftest import database, slm
from tests.mail.post_office import free_port
from tests.scenes.doors import KEY, Post
from web.app import create_app

__all__ = ["database", "slm"]


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Post]:
    """A mail server on this machine, to which the product hands its letters."""
    port = free_port()
    monkeypatch.setenv("SLM_SMTP_PORT", str(port))
    with LocalMailbox(tmp_path / "mailbox", "127.0.0.1", port):
        yield Post(tmp_path / "mailbox")


@pytest.fixture
def browser(database: Path) -> Iterator[TestClient]:
    """A stakeholder's browser: no session, no key, only the addresses in letters."""
    engine = open_engine(f"sqlite:///{database}")
    with TestClient(create_app(engine, KEY)) as client:
        yield client
    engine.dispose()
