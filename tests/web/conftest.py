"""The application on a real SQLite file, and who visits it."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from tests.web.visitors import KEY, sign_in, visitor
from web.app import create_app


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def app(engine: Engine) -> FastAPI:
    return create_app(engine, KEY)


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    """Somebody who is not signed in."""
    return visitor(app)


@pytest.fixture
def manager(app: FastAPI) -> TestClient:
    """Somebody who has signed in while there was nobody to choose from."""
    client = visitor(app)
    sign_in(client)
    return client


@pytest.fixture
def program(app: FastAPI) -> TestClient:
    """A program with the key, and no browser."""
    return TestClient(app, headers={"authorization": f"Bearer {KEY}", "x-slm-actor": "Service manager"})
