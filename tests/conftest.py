"""What every test stands on: its own folder and settings, and real databases."""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from config.policy import policy
from config.settings import Settings, settings
from models.database import open_engine, upgrade
from tests.postgresql import NotInstalledError, copy_database, running_cluster

hypothesis_settings.register_profile("here", deadline=None)
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "here")

_OURS = ("SLM_", "PREFECT_")
_SILENT = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
_collection_folder = tempfile.TemporaryDirectory(prefix="slmcycle-tests-", ignore_cleanup_errors=True)


def pytest_configure() -> None:
    """Let nothing that a module does when it is imported reach the developer's own data."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        del os.environ[name]
    os.environ |= {**_SILENT, "SLM_VAR": _collection_folder.name}


def pytest_collection_finish() -> None:
    """Take what is imported and collected, which lives to the end, out of the garbage collector's sight."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Remove the folder that stood in for `var/` while the tests were collected."""
    _collection_folder.cleanup()


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each test the default settings and policy, with `var` in its own folder and no `.env` read."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        del os.environ[name]
    os.environ |= {**_SILENT, "SLM_VAR": str(tmp_path)}
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    settings.cache_clear()
    policy.cache_clear()
    yield
    os.environ.clear()
    os.environ |= before
    settings.cache_clear()
    policy.cache_clear()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared data and notes beside the checkout."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the folder ../shared is not there")
    return folder


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Run a PostgreSQL server of the session's own and return the URL of its `postgres` database."""
    try:
        with running_cluster() as url:
            yield url
    except NotInstalledError as error:
        pytest.skip(str(error))


# where the two databases lock or migrate differently, `make test` runs on both
ON_BOTH = {
    *("test_migrations.py", "test_sweeps.py", "test_lifecycle_conflicts.py", "test_at_once.py"),
    *("test_racing_answers.py", "test_store.py", "test_sealing.py"),
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of what runs on both databases, the second run, on PostgreSQL, is a campaign; `make check` has it."""
    for item in items:
        ran_on = getattr(item, "callspec", None)
        if (
            ran_on
            and any(str(value) == "postgresql" for value in ran_on.params.values())
            and item.path.name not in ON_BOTH
        ):
            item.add_marker(pytest.mark.campaign)


@pytest.fixture
def postgresql_url(postgresql_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the URL of an empty PostgreSQL database, dropped after the test; `engine` finds tables in it."""
    name = f"test_{uuid4().hex}"
    with_tables = "engine" in request.fixturenames
    source = request.getfixturevalue("upgraded_postgresql") if with_tables else "template0"
    copy_database(postgresql_server, source, name)
    yield _database(postgresql_server, name)
    _order(postgresql_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database, on SQLite and on PostgreSQL in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def upgraded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with the product's tables, to be copied."""
    path = tmp_path_factory.mktemp("upgraded") / "template.db"
    _upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def upgraded_postgresql(postgresql_server: str) -> str:
    """Return the name of a PostgreSQL database with the product's tables, to be copied."""
    _order(postgresql_server, "CREATE DATABASE upgraded")
    _upgrade(_database(postgresql_server, "upgraded"))
    return "upgraded"


@pytest.fixture
def engine(database_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Return an engine on a database with the product's tables and no rows, on both databases in turn."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        template: Path = request.getfixturevalue("upgraded_sqlite")
        Path(str(url.database)).write_bytes(template.read_bytes())
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def _database(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _order(server: str, *statements: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _upgrade(url: str) -> None:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
