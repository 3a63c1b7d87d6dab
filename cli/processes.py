"""Processes that `slm up` starts beside itself: watched, started again when they die, stopped for good."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

RESTART_AFTER_S = (1, 5, 15, 60)
SETTLED_AFTER_S = 300.0

Tell = Callable[[str], None]


@dataclass
class ChildProcess:
    """One process, in a session of its own, so that a terminal's Ctrl-C reaches it through us alone.

    Attributes:
        name: what people call it.
        command: with its arguments.
        environment: the whole of it.
        log: file that its output is appended to.
        until_ready: awaited before each start, for what it needs; None if it needs nothing.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    until_ready: Callable[[], Awaitable[None]] | None = None
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def keep_running(self, tell: Tell) -> None:
        """Start the process, and again each time it ends, ever later; give up when it will not stay."""
        deaths = 0
        while True:
            if self.until_ready is not None:
                await self.until_ready()
            started = monotonic()
            code = await self._run()
            deaths = 1 if monotonic() - started > SETTLED_AFTER_S else deaths + 1
            ended = f"{self.name} ended with code {code}, see {self.log}"
            if deaths > len(RESTART_AFTER_S):
                tell(f"{ended}; it ended too often and is not started again")
                return
            wait = RESTART_AFTER_S[deaths - 1]
            tell(f"{ended}; starting it again in {wait} s")
            await asyncio.sleep(wait)

    async def stop(self, patience_s: float, hurry: asyncio.Event) -> None:
        """Ask the process to end, and kill it and all it started after `patience_s` or when in a hurry."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            ending = asyncio.ensure_future(process.wait())
            hurrying = asyncio.ensure_future(hurry.wait())
            await asyncio.wait({ending, hurrying}, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
            hurrying.cancel()
            ending.cancel()
        self._kill_all()
        await process.wait()

    async def _run(self) -> int:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        code = await self._process.wait()
        self._kill_all()  # what it started must not outlive it
        return code

    def _kill_all(self) -> None:
        """Kill whatever is left of the process's group, of which it is the leader."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
