"""How fast a log is imported, beside bare `csv` and `sqlite3.executemany` of the same rows, in what memory.

Run as `python -m bench.imports [ROWS]`. The real log is the shared one, where it is there; the synthetic one
has as many rows as asked for, its tickets told by turns so that each is scattered over the file.
"""

import csv
import gzip
import json
import multiprocessing
import resource
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from evidence.importer import import_log
from evidence.mappings import Mapping, load_mapping
from models.database import open_engine, upgrade

ROWS = 500_000
ROUNDS = 5
SHARED_LOG = Path(__file__).parents[2] / "shared/data/uci_incident/incident_event_log_4_locations.csv.gz"
_LIFE = ("new", "in progress", "awaiting user", "in progress", "resolved", "closed")
_OPEN_AT_ONCE = 2_000
_HEADER = ("ticket", "state", "opened_at", "updated_at", "customer", "requester",
           "priority", "service", "category", "request_type", "group", "line")  # fmt: skip


def measure(rows: int = ROWS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Measure, side by side in one run.

    Returns:
        ``of_bare``: the best time of an import of the shared log as a multiple of that of a bare insertion
        of its rows (*not there* without the log). ``synthetic``: rows, rows a second, and the peak memory in
        MB of the process that imported them, beside that of one that imported a tenth.
    """
    return {
        "shared_log": _shared(rounds) if SHARED_LOG.exists() else "not there",
        "synthetic": _synthetic(rows),
    }


def _shared(rounds: int) -> dict[str, Any]:
    mapping = load_mapping("uci-incident")
    times = [(_bare(SHARED_LOG), _ours(SHARED_LOG, mapping)[0]) for _ in range(rounds)]
    bare, ours = min(bare for bare, _ in times), min(ours for _, ours in times)
    return {"bare_s": round(bare, 3), "import_s": round(ours, 3), "of_bare": round(ours / bare, 2)}


def _bare(log: Path) -> float:
    with TemporaryDirectory() as folder:
        begun = perf_counter()
        database = sqlite3.connect(f"{folder}/bare.db")
        with gzip.open(log, "rt", newline="") as file:
            rows = csv.reader(file)
            header = next(rows)
            database.execute(f"CREATE TABLE log ({', '.join(header)})")
            database.executemany(f"INSERT INTO log VALUES ({', '.join('?' * len(header))})", rows)
        database.commit()
        database.close()
        return perf_counter() - begun


def _ours(log: Path, mapping: Mapping) -> tuple[float, int]:
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/ours.db")
        upgrade(engine)
        begun = perf_counter()
        summary = import_log(engine, log, mapping, rejected_folder=Path(folder))
        spent = perf_counter() - begun
        engine.dispose()
        return spent, summary.rows


def _synthetic(rows: int) -> dict[str, Any]:
    told = {}
    with TemporaryDirectory() as folder:
        for name, number in (("tenth", rows // 10), ("whole", rows)):
            log = write_synthetic(Path(folder) / f"{name}.csv.gz", number)
            with multiprocessing.get_context("spawn").Pool(1) as apart:
                told[name] = apart.apply(_imported, (log,))
            log.unlink()
    seconds, imported, peak = told["whole"]
    return {
        "rows": imported,
        "rows_a_second": round(imported / seconds),
        "peak_mb": peak,
        "peak_mb_of_a_tenth": told["tenth"][2],
    }


def _imported(log: Path) -> tuple[float, int, int]:
    """Seconds, rows, and the peak memory of this process in MB."""
    seconds, rows = _ours(log, load_mapping("sample"))
    return seconds, rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def write_synthetic(path: Path, rows: int) -> Path:
    """Write a log of so many updates for the mapping `sample`, packed."""
    with gzip.open(path, "wt", compresslevel=1, newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        writer.writerows(_updates(rows))
    return path


def _updates(rows: int) -> Iterator[tuple[str, ...]]:
    """Updates of tickets by turns: as many tickets are open at once as stand between two rows of one."""
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    for number in range(rows):
        block, place = divmod(number, _OPEN_AT_ONCE * len(_LIFE))
        step, turn = divmod(place, _OPEN_AT_ONCE)
        ticket = block * _OPEN_AT_ONCE + turn
        opened = begin + timedelta(seconds=30 * (block * _OPEN_AT_ONCE * len(_LIFE) + turn))
        updated = begin + timedelta(seconds=30 * number)
        yield (
            *(f"T{ticket}", _LIFE[step], f"{opened:%Y-%m-%dT%H:%M:%SZ}", f"{updated:%Y-%m-%dT%H:%M:%SZ}"),
            *(
                f"Customer {ticket % 7}",
                f"Person {ticket % 999}",
                str(ticket % 4 + 1),
                f"Service {ticket % 11}",
            ),
            *("fault", "incident", f"Group {ticket % 23}", "first line"),
        )


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS), indent=2))
