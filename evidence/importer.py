"""Importing a log into the evidence store: idempotent, in batches, in memory that does not grow with it."""

from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine

from config.errors import BadInputError
from evidence.import_run import ImportRun, ImportSummary
from evidence.json_tables import feed_table
from evidence.mapping_schema import DETECT, Mapping
from evidence.packed import Content, Progress, require_sound
from evidence.readers import open_table, with_told_dates

__all__ = ["ImportSummary", "import_content", "import_feed", "import_log"]

ROWS_A_BATCH = 20_000


def import_log(
    engine: Engine,
    path: Path,
    mapping: Mapping,
    *,
    customer_by: str | None = None,
    rejected_folder: Path | None = None,
    progress: Progress | None = None,
    batch_rows: int = ROWS_A_BATCH,
) -> ImportSummary:
    """Import a log: tickets that are new, and of all tickets the intervals that are new.

    The same file twice changes nothing; a newer export, whole or only its newest rows, adds what happened
    since. What the store has is never changed. Each batch of rows is one transaction.

    Args:
        engine: of the database.
        path: a file in one of the formats of `Mapping.format`, text formats maybe packed with gzip.
        mapping: what stands where in it.
        customer_by: the column that tells customers apart, in place of the mapping's.
        rejected_folder: where rejected rows are written; the settings' `var/rejected` if None.
        progress: told how many bytes of the file have been read, of how many.
        batch_rows: rows a transaction.

    Raises:
        BadInputError: if the file is not what it says or lacks a column: nothing is imported. If it breaks
            off further down: the rows before are kept, the message says how many, and importing the mended
            file resumes.
        UnreachableError: if the database cannot be reached.
    """
    try:
        return import_content(
            engine,
            Content(path),
            mapping.with_customer(customer_by),
            rejected_folder=rejected_folder,
            progress=progress,
            batch_rows=batch_rows,
        )
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror or error}") from None


def import_content(
    engine: Engine,
    content: Content,
    mapping: Mapping,
    *,
    rejected_folder: Path | None = None,
    progress: Progress | None = None,
    batch_rows: int = ROWS_A_BATCH,
) -> ImportSummary:
    """Import a file's content; see `import_log`.

    Raises:
        BadInputError: as `import_log` says.
        OSError: if the file cannot be read.
        UnreachableError: if the database cannot be reached.
    """
    require_sound(content)
    mapping, assumed = with_told_dates(content, mapping)
    run = ImportRun(engine, content.path, mapping, rejected_folder, batch_rows)
    return run.of(open_table(content, mapping), assumed, progress, content.size)


def import_feed(
    engine: Engine,
    feed: BinaryIO,
    mapping: Mapping,
    *,
    rejected_folder: Path | None = None,
    batch_rows: int = ROWS_A_BATCH,
) -> ImportSummary:
    """Import JSON lines as they come; what has come is kept whenever the feed pauses for a second.

    Raises:
        BadInputError: if a line is beyond all bounds; the rows before are kept.
        UnreachableError: if the database cannot be reached.
    """
    if mapping.shape == "changelog" or mapping.format in ("detect", "json", "jsonl"):
        assumed = []
        if mapping.date_format == DETECT:  # which takes rows that have not come yet
            mapping = mapping.model_copy(update={"date_format": "iso"})
            assumed.append("times are written as iso")
        run = ImportRun(engine, Path("-"), mapping, rejected_folder, batch_rows)
        return run.of(feed_table(feed, "standard input", mapping), assumed, None, 0)
    raise BadInputError(
        f"standard input: JSON lines are read, and the mapping {mapping.name} reads {mapping.format}"
    )
