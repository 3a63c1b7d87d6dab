"""A real Prefect server for the session, and a letter that waits in a real database."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import Engine

from config.settings import settings
from models.database import open_engine
from models.letters import OutboxLetter
from tests.flows.prefect_server import PrefectServer, running_prefect_server
from tests.flows.waiting_letter import put_letter
from tests.mail.conftest import server as post_office
from tests.mail.conftest import smtp_port

__all__ = ["post_office", "smtp_port"]


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """Run one Prefect server for the whole session; it takes some eight seconds to start."""
    with running_prefect_server(tmp_path_factory.mktemp("prefect")) as server:
        yield server
        # what flows of this process still have to tell would be tried again and again without the server
        with temporary_settings({PREFECT_API_URL: server.url}), suppress(RuntimeError):
            APILogWorker.instance().drain()
            EventsWorker.drain_all()


@pytest.fixture
def in_process(prefect_server: PrefectServer) -> Iterator[None]:
    """Let flows that the test itself calls be runs of the real server."""
    with temporary_settings({PREFECT_API_URL: prefect_server.url}):
        yield


@pytest.fixture
def product(upgraded_sqlite: Path) -> Iterator[Engine]:
    """Return an engine on the settings' SQLite database, with the product's tables and no rows."""
    path = settings().var / "slmcycle.db"
    path.write_bytes(upgraded_sqlite.read_bytes())
    engine = open_engine()
    yield engine
    engine.dispose()


@pytest.fixture
def letter(product: Engine) -> OutboxLetter:
    """Put a letter into the outbox that is due now."""
    return put_letter(product)
