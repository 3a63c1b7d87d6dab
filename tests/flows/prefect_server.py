"""A Prefect server of the tests' own, and a watch over whom its processes talk to."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TypeVar

import pytest

from config.prefect_bootstrap import prefect_environment
from config.settings import settings

ROOT = Path(__file__).parents[2]
T = TypeVar("T")

# Python imports this at the start of every process: it writes down each connection that leaves the machine
WATCH = """
import os, sys

def _watch(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        if arguments[1][0] not in ("127.0.0.1", "::1", "localhost"):
            _write(arguments[1][0])
    elif event == "socket.getaddrinfo" and arguments[0] not in (None, "127.0.0.1", "::1", "localhost"):
        _write(arguments[0])

def _write(host):
    with open(os.environ["SLM_TEST_CALLS"], "a") as file:
        file.write(f"{host}: {sys.argv}\\n")

sys.addaudithook(_watch)
"""


@dataclass
class PrefectServer:
    """Where it is, and the environment of processes that work with it.

    Attributes:
        calls: file that lists whom processes with this environment called outside this machine.
        log: what the server itself writes.
    """

    url: str
    environment: dict[str, str]
    calls: Path
    log: Path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(found: Callable[[], T], seconds: float, what: str) -> T:
    """Return what `found` finds as soon as it is truthy; fail after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s for {what}")


def answers(port: int, path: str) -> bool:
    """Return whether a server answers 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def running_prefect_server(folder: Path) -> Iterator[PrefectServer]:
    """Run a Prefect server as `slm up` does, with everything it writes in `folder`."""
    port = free_port()
    (folder / "sitecustomize.py").write_text(WATCH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLM_VAR", str(folder))
        patch.setenv("SLM_PREFECT_PORT", str(port))
        settings.cache_clear()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
            **prefect_environment(),
            "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
            "SLM_TEST_CALLS": str(folder / "calls.txt"),
        }
    settings.cache_clear()
    with running(
        ["-m", "flows.server", "--host", "127.0.0.1", "--port", str(port)],
        environment,
        folder / "server.log",
    ):
        wait_for(lambda: answers(port, "/api/health"), 100, "the Prefect server")
        yield PrefectServer(
            environment["PREFECT_API_URL"], environment, folder / "calls.txt", folder / "server.log"
        )


@contextmanager
def running(arguments: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    """Run Python with these arguments, and stop it, with all it started, at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=environment,
            cwd=log.parent,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
