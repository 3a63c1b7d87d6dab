"""The web application within `slm up`, which alone decides what a signal means."""

import asyncio
import logging
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from config.errors import SlmError
from web.logs import WithoutSecrets

# connections that are still open when it stops are closed after this
CLOSE_AFTER_S = 3


class PagesServer(uvicorn.Server):
    """A uvicorn server that leaves the process's signals alone."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=CLOSE_AFTER_S,
            )
        )

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take over no signal."""
        yield

    async def start(self, bound: socket.socket) -> asyncio.Task[None]:
        """Serve on a socket that is bound, and return the task that does, once pages are answered.

        Raises:
            SlmError: if the application does not start.
        """
        serving = asyncio.create_task(self.serve(sockets=[bound]))
        while not self.started and not serving.done():
            await asyncio.sleep(0.02)
        if serving.done():
            await serving
            raise SlmError("the web application did not start")
        return serving


def log_to(path: Path) -> None:
    """Write this process's warnings and errors to a file instead of the terminal, without secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.addFilter(WithoutSecrets())
    logging.basicConfig(
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=[handler],
        force=True,
    )
