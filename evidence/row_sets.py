"""Sets of rows in and out of the database, on SQLite and PostgreSQL.

The statements go to the driver as they are: they are the same few for millions of rows.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

POSTGRESQL = "postgresql"


def dialect(session: Session) -> str:
    """Return which database it is."""
    return session.get_bind().dialect.name


def mark(session: Session) -> str:
    """Return how the driver writes a parameter."""
    return "%s" if dialect(session) == POSTGRESQL else "?"


def wait_for_others(session: Session, what: str) -> None:
    """Let one transaction at a time work on `what`; on SQLite a transaction is a lock already."""
    if dialect(session) == POSTGRESQL:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(what))))


def one_of(session: Session, values: Sequence[str] | Sequence[int]) -> tuple[str, Any]:
    """Return a condition that takes any number of values as one parameter, and that parameter."""
    if dialect(session) == POSTGRESQL:
        return "= ANY(%s)", list(values)
    return "IN (SELECT value FROM json_each(?))", json.dumps(values)


def numbered_words(session: Session, words: Mapping[int, str]) -> tuple[str, tuple[Any, ...]]:
    """Return any number of words as a table `told` of `id` and `word` to join, and its parameters."""
    if dialect(session) == POSTGRESQL:
        return "unnest(%s::bigint[], %s::text[]) AS told(id, word)", (list(words), list(words.values()))
    table = "(SELECT CAST(key AS INTEGER) AS id, value AS word FROM json_each(?)) AS told"
    return table, (json.dumps(words),)


def insert_rows(
    session: Session, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert rows, a value for each column."""
    rows = list(rows)
    if not rows:
        return
    names, connection = ", ".join(columns), session.connection()
    if dialect(session) == POSTGRESQL:
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
