"""Everything that `slm up` runs, from the first page answered to the last process ended."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy import Engine

from cli.pages_server import PagesServer
from cli.processes import ChildProcess, Tell
from config.clock import now
from config.errors import SlmError
from states.letters import send_due

SEND_EVERY_S = 5.0
PATIENCE_S = 15.0
_log = logging.getLogger(__name__)


async def run_until_stopped(
    pages: PagesServer,
    bound: socket.socket,
    engine: Engine,
    children: Sequence[ChildProcess],
    *,
    started: Callable[[], None],
    tell: Tell,
) -> None:
    """Serve the pages, run the processes beside them and send letters, until a signal says to stop.

    Args:
        pages: the web application.
        bound: the socket it is to listen on.
        engine: of the product's database.
        children: processes to keep running, in the order in which they are stopped.
        started: called when the pages answer.
        tell: is told, in a line each, what a person at the terminal should know.

    Raises:
        SlmError: if the web application does not start, or ends by itself.
    """
    stop, hurry = _signals()
    serving = await pages.start(bound)
    started()
    sending = asyncio.create_task(_send_letters(engine, stop))
    keeping = [asyncio.create_task(child.keep_running(tell)) for child in children]
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        told = stop.is_set()
        stop.set()
        await _stop_children(keeping, children, hurry)
        await asyncio.wait({sending}, timeout=PATIENCE_S)
        sending.cancel()
        pages.should_exit = True
        await serving
    if not told:
        raise SlmError("the web application has ended by itself")


def _signals() -> tuple[asyncio.Event, asyncio.Event]:
    """Return two events: the first signal to stop sets one, the second one also the other."""
    stop, hurry = asyncio.Event(), asyncio.Event()

    def signalled() -> None:
        (hurry if stop.is_set() else stop).set()

    # SIGHUP: the terminal was closed
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, signalled)
    return stop, hurry


async def _stop_children(
    keeping: list[asyncio.Task[None]], children: Sequence[ChildProcess], hurry: asyncio.Event
) -> None:
    for task in keeping:
        task.cancel()
    for task, child in zip(keeping, children, strict=True):
        with suppress(asyncio.CancelledError):
            await task
        await child.stop(PATIENCE_S, hurry)


async def _send_letters(engine: Engine, stop: asyncio.Event) -> None:
    """Send letters within seconds of being written.

    This is the courtesy of one machine: the mail sweep is what letters rely on. Claims keep the two apart.
    """
    problem = ""
    while not stop.is_set():
        try:
            found = (await send_due(engine, now())).problem
        except Exception as error:
            found = str(error)
        if found and found != problem:
            _log.warning("letters wait: %s", found)
        problem = found
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SEND_EVERY_S)
