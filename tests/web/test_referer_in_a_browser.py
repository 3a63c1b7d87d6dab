"""A browser that leaves a page behind a secret link tells nobody where it was."""

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from fastapi import FastAPI
from selenium.webdriver.support.wait import WebDriverWait
from sqlalchemy import Engine

from config.clock import now
from models.database import transaction
from tests.states.builders import CUSTOMER_OWNER, offered, token_to
from tests.web.browsing import chromium, needs_chromium, served

pytestmark = needs_chromium


class Elsewhere(BaseHTTPRequestHandler):
    """Another site, which writes down what it is told."""

    told: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.told.append(f"{self.path}\n{self.headers}")
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>elsewhere</title>")

    def log_message(self, format: str, *args: object) -> None:
        """Keep still."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    Elsewhere.told = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.campaign
def test_a_link_out_of_the_page_says_nothing_of_it(
    engine: Engine, app: FastAPI, elsewhere: str, tmp_path: Path
) -> None:
    with transaction(engine) as session:
        offered(session, now() - timedelta(hours=1))
        token = token_to(session, CUSTOMER_OWNER)
    with served(app) as address, chromium(tmp_path / "profile", scripts=True) as browser:
        browser.get(f"{address}/d/{token}")
        # loads of a third address are blocked by the page's policy, or say nothing of the page either
        browser.execute_script(
            "new Image().src = arguments[0] + '/image';"
            "const link = document.createElement('a'); link.href = arguments[0] + '/followed';"
            "link.textContent = 'out'; document.body.append(link); link.click();",
            elsewhere,
        )
        WebDriverWait(browser, 20).until(lambda driver: driver.title == "elsewhere")
    assert any(told.startswith("/followed") for told in Elsewhere.told)
    for told in Elsewhere.told:
        if told.startswith("/favicon"):  # the other page's own
            continue
        assert token not in told and "/d/" not in told and "referer" not in told.lower(), told
