"""Processes beside `slm up`: real ones, small and ill-behaved."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import processes
from cli.processes import ChildProcess

STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(os.getpid(), grandchild.pid, flush=True)
time.sleep(60)
"""


def child(tmp_path: Path, program: str) -> ChildProcess:
    return ChildProcess(
        "the child", [sys.executable, "-c", program], dict(os.environ), tmp_path / "log" / "child.log"
    )


async def until(found: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not found():
            await asyncio.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_a_child_that_dies_is_told_of_and_started_again_until_it_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "RESTART_AFTER_S", (0, 0))
    told: list[str] = []

    asyncio.run(child(tmp_path, "print('alive', flush=True); raise SystemExit(3)").keep_running(told.append))

    log = tmp_path / "log" / "child.log"
    assert log.read_text() == "alive\n" * 3
    assert told == [
        f"the child ended with code 3, see {log}; starting it again in 0 s",
        f"the child ended with code 3, see {log}; starting it again in 0 s",
        f"the child ended with code 3, see {log}; it ended too often and is not started again",
    ]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc to see processes in")
@pytest.mark.parametrize("hurried", [False, True])
def test_a_child_that_will_not_end_is_killed_with_all_it_started(tmp_path: Path, hurried: bool) -> None:
    stubborn = child(tmp_path, STUBBORN)

    async def start_and_stop() -> list[int]:
        keeping = asyncio.create_task(stubborn.keep_running(pytest.fail))
        await until(lambda: stubborn.log.exists() and bool(stubborn.log.read_text()))
        pids = [int(word) for word in stubborn.log.read_text().split()]
        assert all(alive(pid) for pid in pids)
        keeping.cancel()
        hurry = asyncio.Event()
        if hurried:
            hurry.set()
        began = time.monotonic()
        await stubborn.stop(60 if hurried else 0.5, hurry)
        assert time.monotonic() - began < 10
        await until(lambda: not any(alive(pid) for pid in pids))
        return pids

    assert len(asyncio.run(start_and_stop())) == 2
