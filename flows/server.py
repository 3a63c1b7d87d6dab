"""Prefect's server, kept from standing still: `python -m flows.server --port 4200`.

On SQLite the plain `prefect server start` now and then answers nobody for a minute. Python's cyclic garbage
collector, run by the thread of the event loop, drops a cursor of some connection; that waits for the
connection, whose own thread waits for the database's lock; and whoever holds the lock waits for the event
loop, until SQLite gives up after the 60 seconds that Prefect sets. Here a thread of its own collects, so
what waits for the connection is nothing that the others wait for.
"""

import gc
import runpy
import sys
import threading
import time

EVERY_S = 1.0
# collecting everything costs tenths of a second, and little survives to need it
EVERYTHING_AFTER = 60


def collect_aside() -> None:
    """Leave cyclic garbage to a thread that does nothing else, from now until the process ends."""
    gc.disable()
    threading.Thread(target=_collect, name="garbage", daemon=True).start()


def _collect() -> None:
    while True:
        for _ in range(EVERYTHING_AFTER):
            time.sleep(EVERY_S)
            gc.collect(1)
        gc.collect()


def main() -> None:
    """Run `prefect server start` with the options given, until stopped.

    Example: python -m flows.server --host 127.0.0.1 --port 4200
    """
    collect_aside()
    sys.argv[:] = ["prefect", "server", "start", *sys.argv[1:]]
    runpy.run_module("prefect", run_name="__main__")


if __name__ == "__main__":
    main()
