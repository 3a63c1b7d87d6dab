"""A made-up history of tickets, put into a database of the product the fast way, year by year.

The first year is drawn at random. Every later one repeats it with new tickets, which the database copies by
itself in a fraction of the time.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

FIRST_YEAR = 2018
SOURCE = "bench"
_PIECE = 100_000
_PRIORITIES, _SERVICES, _CATEGORIES, _REQUESTERS, _GROUPS = 4, 11, 7, 5_000, 23
_LIVES = (
    ("new", "in_progress", "resolved"),
    ("new", "in_progress", "resolved", "closed"),
    ("new", "in_progress", "awaiting_user", "in_progress", "resolved"),
)
_MEAN_STEP_S = 4 * 3_600
_TICKETS = ("id", "source", "external_id", "customer", "requester", "service", "request_type",
            "category", "parent", "priority", "opened_at", "known_at")  # fmt: skip
_INTERVALS = ("ticket_id", "state", "group_name", "line", "priority", "started_at", "known_at")

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class History:
    """Tickets spread evenly over customers and years.

    Attributes:
        customers: how many.
        tickets_a_year: of all customers together.
    """

    customers: int
    tickets_a_year: int

    def add_year(self, engine: Engine, number: int) -> None:
        """Add the tickets of a year, counted from 0, and let the database look at what it has."""
        on_postgresql = engine.dialect.name == "postgresql"
        if number:
            self._repeat(engine, number)
        else:
            (_add_to_postgresql if on_postgresql else _add_to_sqlite)(engine, self._pieces())
        if on_postgresql:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE tickets, ticket_intervals")

    def _pieces(self) -> Iterator[tuple[Rows, Rows]]:
        """The rows of tickets and of their intervals, in the order in which the tickets were opened."""
        rng = np.random.default_rng(0)
        begin, end = (int(first_day(number).timestamp()) for number in (0, 1))
        opened = np.sort(rng.integers(begin, end, self.tickets_a_year))
        for first in range(0, self.tickets_a_year, _PIECE):
            yield self._rows(rng, 1 + first, opened[first : first + _PIECE])

    def _repeat(self, engine: Engine, number: int) -> None:
        """Add the first year's tickets once more, so many years later."""
        first, tickets = number * self.tickets_a_year, self.tickets_a_year
        later = int((first_day(number) - first_day(0)).total_seconds())
        told = {
            "id": f"id + {first}",
            "external_id": f"'T' || (id + {first})",
            "ticket_id": f"ticket_id + {first}",
            **{name: f"{name} + {later}" for name in ("opened_at", "started_at", "known_at")},
        }
        of_first_year = {
            "tickets": f"{tickets}",
            "ticket_intervals": f"(SELECT max(id) FROM ticket_intervals WHERE ticket_id = {tickets})",
        }
        with _unchecked(engine) as cursor:
            for table, columns in _TABLES:
                values = ", ".join(told.get(name, name) for name in columns)
                cursor.execute(
                    f"INSERT INTO {table} ({', '.join(columns)}) "
                    f"SELECT {values} FROM {table} WHERE id <= {of_first_year[table]} ORDER BY id"
                )

    def _rows(self, rng: np.random.Generator, first_id: int, opened: NDArray[np.int64]) -> tuple[Rows, Rows]:
        size = len(opened)
        kinds = (self.customers, _PRIORITIES, _SERVICES, _CATEGORIES, _REQUESTERS, _GROUPS, len(_LIVES))
        chosen = zip(*(rng.integers(0, kind, size).tolist() for kind in kinds), strict=True)
        steps = rng.exponential(_MEAN_STEP_S, (size, 5)).astype(np.int64).cumsum(axis=1) + opened[:, None]
        tickets, intervals = Rows(), Rows()
        for ticket_id, (
            at,
            later,
            (customer, priority, service, category, requester, group, life),
        ) in enumerate(zip(opened.tolist(), steps.tolist(), chosen, strict=True), first_id):
            level, words = str(priority + 1), (f"Person {requester}", f"Service {service}", "incident")
            tickets.append(
                (ticket_id, SOURCE, f"T{ticket_id}", customer_name(customer), *words,
                 f"Category {category}", "", level, at, at)
            )  # fmt: skip
            for state, since in zip(_LIVES[life], (at, *later), strict=False):
                intervals.append((ticket_id, state, f"Group {group}", "first line", level, since, since))
        return tickets, intervals


def customer_name(number: int) -> str:
    """The name of a customer, counted from 0, as its tickets have it."""
    return f"Customer {number:04}"


def first_day(number: int) -> datetime:
    """The beginning of a year counted from 0."""
    return datetime(FIRST_YEAR + number, 1, 1, tzinfo=UTC)


def december(number: int) -> tuple[datetime, datetime, datetime]:
    """The start and end of the last month of a year counted from 0, and an instant a fortnight later."""
    end = first_day(number + 1)
    return end - timedelta(days=31), end, end + timedelta(days=14)


@contextmanager
def _unchecked(engine: Engine) -> Iterator[Any]:
    """Give a cursor whose rows nobody checks: they refer to each other as they should."""
    connection: Any = engine.raw_connection()
    cursor = connection.cursor()
    off, on = _CHECKS[engine.dialect.name]
    cursor.execute(off)
    cursor.execute("BEGIN")
    yield cursor
    connection.commit()
    cursor.execute(on)
    connection.commit()
    connection.close()


def _add_to_sqlite(engine: Engine, pieces: Iterable[tuple[Rows, Rows]]) -> None:
    with _unchecked(engine) as cursor:
        for piece in pieces:
            for (table, columns), rows in zip(_TABLES, piece, strict=True):
                marks = ", ".join("?" * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def _add_to_postgresql(engine: Engine, pieces: Iterable[tuple[Rows, Rows]]) -> None:
    with _unchecked(engine) as cursor:
        for piece in pieces:
            for (table, columns), rows in zip(_TABLES, piece, strict=True):
                with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)


_TABLES = (("tickets", _TICKETS), ("ticket_intervals", _INTERVALS))
_CHECKS = {
    "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
    "postgresql": ("SET session_replication_role = replica", "SET session_replication_role = origin"),
}
