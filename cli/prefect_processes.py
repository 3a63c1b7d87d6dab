"""Prefect beside the pages: its server, and the process that runs the sweeps."""

import asyncio
import os
import sys
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from cli.processes import ChildProcess
from config.prefect_bootstrap import prefect_environment, prepare
from config.settings import settings

_LOOPBACK = "127.0.0.1"


def prefect_address() -> str:
    """Return the address of the Prefect server that `slm up` starts."""
    return f"http://{_LOOPBACK}:{settings().prefect_port}"


def prefect_processes(logs: Path, ready: Callable[[], None]) -> list[ChildProcess]:
    """Return the processes in the order in which they are stopped: the sweeps, then the server.

    Args:
        logs: folder of their logs.
        ready: called when the server answers and the sweeps are about to start.
    """
    environment, port = _environment(), settings().prefect_port

    async def server_answers() -> None:
        while not await asyncio.to_thread(_is_healthy, port):
            await asyncio.sleep(0.5)
        ready()

    sweeps = ChildProcess(
        "the process that runs the sweeps",
        [sys.executable, "-m", "flows.serve"],
        environment,
        logs / "sweeps.log",
        until_ready=server_answers,
    )
    server = ChildProcess(
        "the Prefect server",
        [sys.executable, "-m", "flows.server", f"--host={_LOOPBACK}", f"--port={port}"],
        environment,
        logs / "prefect.log",
    )
    return [sweeps, server]


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    prepare(environment)
    # whatever other server the user works with, these processes talk to the one beside them, and directly
    environment["PREFECT_API_URL"] = prefect_environment()["PREFECT_API_URL"]
    for name in ("NO_PROXY", "no_proxy"):
        environment[name] = ",".join(filter(None, [environment.get(name), _LOOPBACK]))
    return environment


def _is_healthy(port: int) -> bool:
    connection = HTTPConnection(_LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
