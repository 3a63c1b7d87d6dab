"""What every command shares: the database, printing, progress bars, one line for an error."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import Engine

from config.errors import BadInputError
from models.database import open_engine, require_current

# text that is piped away is not cut to the width of a terminal that is not there
out = Console(highlight=False, width=None if sys.stdout is not None and sys.stdout.isatty() else 140)
err = Console(stderr=True, highlight=False)

# calendars are compiled around a date, so there must be some time before and after it
_YEARS = (1970, 2199)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
By = Annotated[str, typer.Option("--by", help="Who does it, as the audit trail shall name them.")]


@contextmanager
def database() -> Iterator[Engine]:
    """Give an engine of the settings' database, whose tables are checked to be this software's."""
    engine = open_engine()
    try:
        require_current(engine)
        yield engine
    finally:
        engine.dispose()


def standard_input() -> BinaryIO:
    """Return standard input.

    Raises:
        BadInputError: if it is closed.
    """
    if sys.stdin is None:
        raise BadInputError("standard input is closed")
    return sys.stdin.buffer


def print_json(content: Any) -> None:
    """Print plain data as JSON on standard output, the same text for the same data."""
    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def table(title: str, *columns: str, right: tuple[str, ...] = ()) -> Table:
    """Return an empty table; the columns in `right` hold figures and are aligned to the right."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


@contextmanager
def progress_bar(words: str) -> Iterator[Any]:
    """Give a callback `(done, total, ...)` that draws a bar on standard error, if that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(words, total=None)

        def advance(done: int, total: int, *_more: object) -> None:
            bar.update(task, completed=done, total=total)

        yield advance


def parse_day(text: str) -> date:
    """Read a date such as 2026-03-01.

    Raises:
        BadInputError: if it is none, or one that no ticket has.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInputError(f"{text!r} is no date: write it like 2026-03-01") from None
    _require_living_memory(day, text)
    return day


def parse_instant(text: str) -> datetime:
    """Read a date, or an instant such as 2026-03-01T09:00+01:00; without a zone it is meant in UTC.

    Raises:
        BadInputError: if it is neither, or lies where no ticket does.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise BadInputError(
            f"{text!r} is no instant: write it like 2026-03-01 or 2026-03-01T09:00+01:00"
        ) from None
    _require_living_memory(instant, text)
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _require_living_memory(day: date, text: str) -> None:
    first, last = _YEARS
    if not first <= day.year <= last:
        raise BadInputError(f"{text!r} is too far away: a year from {first} to {last} is wanted")
