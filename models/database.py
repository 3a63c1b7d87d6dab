"""The database: engine, transactions, and bringing the tables up to date."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DataError, OperationalError
from sqlmodel import Session

from config.errors import BadInputError, SlmError, UnreachableError
from config.settings import settings

if TYPE_CHECKING:
    from alembic.config import Config


def open_engine(url: str | None = None) -> Engine:
    """Return an engine for `url`, or for the settings' database.

    On SQLite every transaction begins IMMEDIATE, because a deferred one that reads first and writes
    later fails under load or claims a row twice; `reading` opens the exception. What a statement was given,
    such as a letter with its secret links, stands in no error.

    Raises:
        BadInputError: if the URL is none, or of a database other than SQLite and PostgreSQL.
    """
    address = url or settings().database
    try:
        parsed = make_url(address)
    except (ArgumentError, ValueError):
        raise BadInputError("SLM_DATABASE_URL is not a database URL, such as sqlite:///slm.db") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "handle_error", _hide_row)
        return engine
    if backend != "sqlite":
        raise BadInputError(f"SLM_DATABASE_URL: {backend} is not supported; use sqlite or postgresql")
    engine = create_engine(
        parsed.set(drivername="sqlite"), connect_args={"timeout": 30}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "handle_error", _refuse_large)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _refuse_large(context: ExceptionContext) -> None:
    """Say of a number that SQLite has no room for what PostgreSQL says of it: it is bad input."""
    if isinstance(context.original_exception, OverflowError):
        raise BadInputError("a number is larger than the database can hold") from None


def _hide_row(context: ExceptionContext) -> None:
    """Keep the first line of an error: PostgreSQL tells in the others which row it would not have."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None:
            error.args = (str(error.args[0] if error.args else "").partition("\n")[0],)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading_only = connection.get_execution_options().get("reading_only", False)
    connection.exec_driver_sql("BEGIN" if reading_only else "BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Give a session whose changes are all committed at the end of the block, or none of them.

    Raises:
        UnreachableError: if the database cannot be reached.
        BadInputError: if a text holds the character NUL, which PostgreSQL cannot keep.
    """
    with _reached(engine), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session that only reads, and on SQLite keeps no writer waiting."""
    with _reached(engine), Session(engine.execution_options(reading_only=True)) as session:
        yield session


@contextmanager
def _reached(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DataError as error:
        if "NUL (0x00)" in str(error.orig):  # as the driver for PostgreSQL says it; SQLite keeps such a text
            raise BadInputError("a text with the character NUL (0x00) in it cannot be kept") from error
        raise
    except OperationalError as error:
        raise UnreachableError(
            f"database {engine.url.render_as_string(hide_password=True)}: {_first_line(error)}"
        ) from error


def _first_line(error: OperationalError) -> str:
    return str(error.orig).strip().splitlines()[0]


def upgrade(engine: Engine) -> str:
    """Bring the tables to the newest migration and return its revision; on SQLite make the file, too.

    Raises:
        UnreachableError: if the database cannot be reached.
        BadInputError: if the folder of SQLite's file cannot be made.
    """
    from alembic import command

    if file := _file_of(engine):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _no_folder(file.parent, error.strerror or str(error)) from None
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with _reached(engine), engine.connect() as connection:
        configuration = migration_config()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")
        connection.commit()
        return _revision(connection) or ""


def require_current(engine: Engine) -> None:
    """Check that the tables are those of this software.

    Raises:
        SlmError: if they are not; the message says what to run.
    """
    newest, current = _newest_revision(), None
    file = _file_of(engine)
    if file and file.parent.exists() and not file.parent.is_dir():
        raise _no_folder(file.parent, "Not a directory")
    # to connect would make the file, and whoever only looks shall leave nothing behind
    if not file or file.exists():
        with _reached(engine), engine.connect() as connection:
            current = _revision(connection)
    if current != newest:
        have = "has no tables yet" if current is None else f"is at revision {current}, not {newest}"
        url = engine.url.render_as_string(hide_password=True)
        raise SlmError(
            f"the database {url} {have}: run `slm db upgrade`, or "
            "name another in SLM_DATABASE_URL or SLM_VAR, in the environment or in a file .env of this folder"
        )


def _file_of(engine: Engine) -> Path | None:
    """SQLite's file; None where there is none, or where it is a URI."""
    name = engine.url.database or ""
    on_disk = engine.url.get_backend_name() == "sqlite" and name not in ("", ":memory:")
    return Path(name) if on_disk and not name.startswith("file:") else None


def _no_folder(folder: Path, reason: str) -> BadInputError:
    setting = "SLM_DATABASE_URL" if settings().database_url else "SLM_VAR"
    return BadInputError(f"{setting}: {folder} cannot be written to ({reason})")


# every command asks these two; Alembic could tell as well, but takes longer to import than most commands run
def _newest_revision() -> str:
    files = (resources.files("models") / "migrations" / "versions").iterdir()
    return max(file.name.partition("_")[0] for file in files if file.name[0].isdigit())


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def migration_config() -> "Config":
    """Return Alembic's configuration for this product's migrations."""
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(resources.files("models") / "migrations"))
    return configuration
