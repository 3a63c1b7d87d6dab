"""The log of the pages that `slm up` serves holds no secret, whatever fails and whoever asks for what."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from cli.pages_server import PagesServer, log_to
from config.clock import now
from models.database import open_engine, transaction
from tests.states.builders import CUSTOMER_OWNER, offered, token_to
from tests.states.mailed import take_answers
from web.app import create_app

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file that this process logs to for the while."""
    # a server that another test ran in this process may have set up logs of its own
    monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", True)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    for handler in handlers:
        root.removeHandler(handler)
    log_to(tmp_path / "pages.log")
    yield tmp_path / "pages.log"
    root.handlers[0].close()
    root.handlers[:], root.level = handlers, level


def test_the_log_of_the_pages_holds_no_secret(
    database: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_answers(monkeypatch)
    engine = open_engine()
    with transaction(engine) as session:
        offered(session, now() - timedelta(hours=1))
        token = token_to(session, CUSTOMER_OWNER)
        session.execute(
            text("CREATE TRIGGER broken BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'broken'); END")
        )
    bound = socket.create_server(("127.0.0.1", 0))
    server = PagesServer(create_app(engine, "a-key-of-this-test"))

    def visit() -> list[int]:
        handed_over = {"answer": "hand_over", "delegate": "New", "email": "n@harbour.example", "why": "x"}
        answers = []
        for method, path, body in (
            ("GET", f"/d/{token}", None),
            ("POST", f"/d/{token}", urlencode(handed_over)),
            ("GET", "/sign-in?key=a-key-of-this-test", None),
        ):
            client = HTTPConnection("127.0.0.1", bound.getsockname()[1])
            client.request(method, path, body, FORM)
            answers.append(client.getresponse().status)
            client.close()
        with suppress(ConnectionError), socket.create_connection(bound.getsockname()) as raw:
            raw.sendall(f"GET /d/{token} no HTTP\r\n\r\n".encode())
            raw.recv(200)
        return answers

    async def scene() -> list[int]:
        serving = await server.start(bound)
        try:
            return await asyncio.to_thread(visit)
        finally:
            server.should_exit = True
            await serving

    assert asyncio.run(scene())[:2] == [200, 500]
    engine.dispose()
    told = log.read_text("utf-8")
    assert "broken" in told and "Traceback" in told, "the fault itself is told"
    for secret in (token, "a-key-of-this-test", "/d/" + token[:8], "yes.", "Dear New"):
        assert secret not in told, secret
