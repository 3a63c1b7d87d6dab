"""Garbage that waits for a database must not keep the Prefect server from letting go of that database."""

import subprocess
import sys
from pathlib import Path

from tests.flows.prefect_server import ROOT

# one connection holds the lock; the thread of another waits for it; and a cursor of the other is garbage
SCENE = """
import asyncio, sqlite3, sys
from flows.server import collect_aside

def connect():
    return sqlite3.connect(sys.argv[1], timeout=5, isolation_level=None, check_same_thread=False)

holder, waiting = connect(), connect()
holder.execute("CREATE TABLE told (what)")
collect_aside()

async def serve():
    holder.execute("BEGIN IMMEDIATE")
    cycle = [waiting.execute("SELECT 1 UNION SELECT 2")]
    cycle.append(cycle)
    del cycle
    writing = asyncio.create_task(asyncio.to_thread(waiting.execute, "INSERT INTO told VALUES ('it')"))
    await asyncio.sleep(1.5)
    [[] for _ in range(200_000)]  # enough that Python collects garbage of its own accord
    holder.execute("COMMIT")
    await writing

asyncio.run(serve())
"""


def test_a_dropped_cursor_does_not_stop_the_event_loop(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCENE, tmp_path / "prefect.db"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stderr == ""
