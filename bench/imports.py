"""How fast a log is imported, beside bare `csv` and `sqlite3.executemany` of the same rows, in what memory.

The real log is the shared one, where it is there, and the middle of several rounds counts: on a busy machine
the shorter of two times has more lucky rounds than the longer. The synthetic one has as many rows as asked
for, its tickets told by turns so that each is scattered over the file.
"""

import csv
import gzip
import multiprocessing
import resource
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import NamedTuple

from bench.figures import Figure
from evidence.importer import import_log
from evidence.mappings import Mapping, load_mapping
from models.database import open_engine, upgrade

ROWS = 500_000
ROUNDS = 9
SHARED_LOG = Path(__file__).parents[2] / "shared/data/uci_incident/incident_event_log_4_locations.csv.gz"
_LIFE = ("new", "in progress", "awaiting user", "in progress", "resolved", "closed")
_OPEN_AT_ONCE = 2_000
_HEADER = ("ticket", "state", "opened_at", "updated_at", "customer", "requester",
           "priority", "service", "category", "request_type", "group", "line")  # fmt: skip


def figures(rows: int = ROWS, rounds: int = ROUNDS) -> Iterator[Figure]:
    """Measure the time of the shared log, then the time and the peak memory of so many synthetic rows."""
    name = "import of the shared log"
    if SHARED_LOG.exists():
        mapping, beside = (
            load_mapping("uci-incident"),
            "beside bare csv and sqlite3.executemany of the same rows",
        )
        times = [(*_ours(SHARED_LOG, mapping)[0], *_bare(SHARED_LOG)) for _ in range(rounds)]
        ours, ours_of_processor, bare, bare_of_processor = map(median, zip(*times, strict=True))
        yield Figure(name, ours, bare, "s", beside)
        yield Figure(f"{name}, processor time", ours_of_processor, bare_of_processor, "s", beside)
    else:
        yield Figure(name, None, None, "s", f"{SHARED_LOG.name} is not there")
    yield from _synthetic(rows)


class Spent(NamedTuple):
    """Seconds by the clock and of this process's processor; on a busy machine the second wavers less."""

    seconds: float
    of_processor: float


def _since(begun: Spent) -> Spent:
    return Spent(perf_counter() - begun.seconds, process_time() - begun.of_processor)


def _bare(log: Path) -> Spent:
    with TemporaryDirectory() as folder:
        begun = _since(Spent(0, 0))
        database = sqlite3.connect(f"{folder}/bare.db")
        with gzip.open(log, "rt", newline="") as file:
            rows = csv.reader(file)
            header = next(rows)
            database.execute(f"CREATE TABLE log ({', '.join(header)})")
            database.executemany(f"INSERT INTO log VALUES ({', '.join('?' * len(header))})", rows)
        database.commit()
        database.close()
        return _since(begun)


def _ours(log: Path, mapping: Mapping) -> tuple[Spent, int]:
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/ours.db")
        upgrade(engine)
        begun = _since(Spent(0, 0))
        summary = import_log(engine, log, mapping, rejected_folder=Path(folder))
        spent = _since(begun)
        engine.dispose()
        return spent, summary.rows


def _synthetic(rows: int) -> Iterator[Figure]:
    told = []
    with TemporaryDirectory() as folder:
        for number in (rows, rows // 10):
            log = write_synthetic(Path(folder) / "log.csv.gz", number)
            with multiprocessing.get_context("spawn").Pool(1) as apart:
                told.append(apart.apply(_imported, (log,)))
            log.unlink()
    (seconds, imported, peak), (seconds_of_tenth, _, peak_of_tenth) = told
    beside = "beside a tenth of the rows"
    speed = f"{beside}; {imported / seconds:,.0f} rows a second"
    yield Figure(f"import of {imported:,} rows", seconds, seconds_of_tenth, "s", speed)
    yield Figure(f"peak memory importing {imported:,} rows", peak, peak_of_tenth, "MB", beside)


def _imported(log: Path) -> tuple[float, int, int]:
    """Seconds, rows, and the peak memory of this process in MB."""
    spent, rows = _ours(log, load_mapping("sample"))
    return spent.seconds, rows, _peak_mb()


def _peak_mb() -> int:
    # Linux passes `ru_maxrss` on from the process that started this one, however large that had been
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) // 1024


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
