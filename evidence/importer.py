"""Importing an audit log into the evidence store: idempotent, and all of it or nothing."""

import csv
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from config.errors import BadInputError
from config.settings import settings
from evidence.additions import add_log
from evidence.logs import AuditLog, Progress, read_log
from evidence.mappings import Mapping
from models.database import transaction


@dataclass(frozen=True)
class ImportSummary:
    """What an import did.

    Attributes:
        file: the file read.
        source: the evidence source that its tickets belong to.
        rows: rows in the file, rejected ones included.
        tickets: different tickets in the file.
        new_tickets, new_intervals: what the store did not have before.
        rejected: rows left out.
        rejected_file: where they stand with line and reason; None if there are none.
        assumed: what was taken for granted, a sentence each.
        seconds: how long it took.
    """

    file: Path
    source: str
    rows: int
    tickets: int
    new_tickets: int
    new_intervals: int
    rejected: int
    rejected_file: Path | None
    assumed: list[str]
    seconds: float


def import_log(
    engine: Engine,
    path: Path,
    mapping: Mapping,
    *,
    customer_by: str | None = None,
    rejected_folder: Path | None = None,
    progress: Progress | None = None,
) -> ImportSummary:
    """Import an audit log: tickets that are new, and of all tickets the intervals that are new.

    The same file twice changes nothing; a newer export, whole or only its newest rows, adds what happened
    since. What the store has is never changed.

    Args:
        engine: of the database.
        path: a CSV file; packed with gzip if its name ends in .gz.
        mapping: what stands where in it.
        customer_by: the column that tells customers apart, in place of the mapping's.
        rejected_folder: where rejected rows are written; the settings' `var/rejected` if None.
        progress: told how many bytes of the file have been read, of how many.

    Raises:
        BadInputError: if the file cannot be read or lacks a column; nothing is imported.
        UnreachableError: if the database cannot be reached.
    """
    began = time.perf_counter()
    mapping = mapping.with_customer(customer_by)
    log = read_log(path, mapping, progress)
    with transaction(engine) as session:
        new_tickets, new_intervals = add_log(session, mapping.evidence_source, log)
        rejected_file = _write_rejected(path, log, rejected_folder or settings().var / "rejected")
    return ImportSummary(
        path,
        mapping.evidence_source,
        log.rows,
        len(log.tickets),
        new_tickets,
        new_intervals,
        len(log.rejected),
        rejected_file,
        _assumed(log, mapping),
        time.perf_counter() - began,
    )


def _write_rejected(path: Path, log: AuditLog, folder: Path) -> Path | None:
    if not log.rejected:
        return None
    stem = path.name.removesuffix(".gz").removesuffix(".csv")
    file = folder / f"{stem}.rejected.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(["line", "reason", *log.header])
            writer.writerows([row.line, row.reason, *row.cells] for row in log.rejected)
    except OSError as error:
        raise BadInputError(f"rejected rows: {file}: {error.strerror}") from None
    return file


def _assumed(log: AuditLog, mapping: Mapping) -> list[str]:
    assumed = []
    if log.zoneless:
        assumed.append(f"times name no zone and are read in {mapping.zone}")
        if mapping.zone != "UTC":
            assumed.append("an hour that the clocks repeat is its first occurrence")
    if log.back_in_time:
        assumed.append(
            f"updates dated before the row that precedes them are known since that row ({log.back_in_time})"
        )
    if mapping.columns.customer:
        assumed.append(f"customers are told by the column {mapping.columns.customer}")
    return assumed
