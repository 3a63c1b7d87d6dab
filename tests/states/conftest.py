"""Most scenes of the cycle are the same on any database: they play on SQLite and leave nothing behind."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlmodel import Session

from models.database import open_engine
from tests.postgresql import copy_database


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture(scope="module")
def kept_sqlite(upgraded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A SQLite file with the product's tables that a module's scenes share, as each rolls back."""
    path = tmp_path_factory.mktemp("kept") / "kept.db"
    path.write_bytes(upgraded_sqlite.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def kept_postgresql(postgresql_server: str, upgraded_postgresql: str) -> Iterator[Engine]:
    """The same on PostgreSQL."""
    name = f"kept_{uuid4().hex}"
    copy_database(postgresql_server, upgraded_postgresql, name)
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        address = make_url(postgresql_server).set(database=name)
        engine = open_engine(address.render_as_string(hide_password=False))
        yield engine
        engine.dispose()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session on each database in turn, rolled back at the end."""
    with Session(request.getfixturevalue(f"kept_{request.param}")) as session:
        yield session


@pytest.fixture
def session(kept_sqlite: Engine) -> Iterator[Session]:
    """A session on SQLite, rolled back at the end."""
    with Session(kept_sqlite) as session:
        yield session
