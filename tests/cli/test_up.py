"""`slm up` as a person runs it: started, looked at, stopped with Ctrl-C, started again."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from mail.mailbox import read_mailbox
from models.database import open_engine
from tests.cli.command_line import Slm
from tests.flows.prefect_server import ROOT, answers, free_port, wait_for
from tests.flows.waiting_letter import put_letter


class Up:
    """One `slm up` with its own ports and folder, in a session of its own, as a terminal gives it one."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port, self.prefect_port = free_port(), free_port()
        self.smtp_port, self.lmtp_port = free_port(), free_port()
        self._process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("SLM_", "PREFECT_"))
        }
        return kept | {
            "SLM_VAR": str(self.var),
            "SLM_PREFECT_PORT": str(self.prefect_port),
            "SLM_SMTP_PORT": str(self.smtp_port),
            "SLM_LMTP_PORT": str(self.lmtp_port),
            "PYTHONPATH": str(ROOT),
        }

    def start(self, *options: str) -> None:
        with (self.var.parent / "out.txt").open("w") as out, (self.var.parent / "err.txt").open("w") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "up", "--port", str(self.port), *options],
                env=self.environment,
                cwd=self.var.parent,
                stdout=out,
                stderr=err,
                text=True,
                start_new_session=True,
            )

    def ctrl_c(self) -> int:
        """Do as a terminal does: signal the whole foreground group; return the exit code."""
        return self.end(signal.SIGINT)

    def end(self, number: signal.Signals) -> int:
        assert self._process is not None
        os.killpg(self._process.pid, number)
        return self._process.wait(60)

    @property
    def out(self) -> str:
        return (self.var.parent / "out.txt").read_text()

    @property
    def err(self) -> str:
        return (self.var.parent / "err.txt").read_text()

    def processes(self) -> list[int]:
        """Return every process that was started for this folder, however far from us by now."""
        mark = f"SLM_VAR={self.var}".encode()
        found = []
        for environ in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in environ.read_bytes().split(b"\0"):
                    found.append(int(environ.parent.name))
            except OSError:
                continue
        return found

    def clean_up(self) -> None:
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(20)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    started = Up(tmp_path / "var")
    yield started
    started.clean_up()


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def deployments(port: int) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", "/api/deployments/count", "{}", {"content-type": "application/json"})
        return int(connection.getresponse().read())
    finally:
        connection.close()


def write_letter(var: Path) -> None:
    engine = open_engine(f"sqlite:///{var / 'slmcycle.db'}")
    put_letter(engine)
    engine.dispose()


def look_around(up: Up) -> None:
    """See the pages, sign in by the address that was printed, and find a letter in the mailbox."""
    wait_for(lambda: answers(up.port, "/sign-in"), 60, "the pages")
    wait_for(lambda: "What to try first" in up.out, 10, "the addresses")
    address = re.search(rf"http://127\.0\.0\.1:{up.port}(/sign-in\?key=\S+)", up.out)
    assert address is not None, up.out
    assert answers(up.port, address[1])
    assert f"http://127.0.0.1:{up.port}/mailbox" in up.out
    with socket.create_connection(("127.0.0.1", up.smtp_port), timeout=5) as mailbox:
        assert mailbox.recv(100).startswith(b"220 ")
    write_letter(up.var)
    wait_for(lambda: [letter.subject for letter in read_mailbox(up.var / "mailbox")], 20, "the letter")


def nothing_is_left(up: Up) -> bool:
    """Return whether what was started has told of no trouble and is gone, its ports too."""
    assert up.err == ""
    ports = (up.port, up.prefect_port, up.smtp_port, up.lmtp_port)
    return up.processes() == [] and all(is_free(port) for port in ports)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc to see processes in")
def test_pages_and_mailbox_run_without_prefect(up: Up) -> None:
    up.start("--empty", "--no-prefect")
    look_around(up)
    assert len(up.processes()) == 1
    assert up.ctrl_c() == 0
    assert up.out.rstrip().endswith("stopped")
    assert nothing_is_left(up)


@pytest.mark.slow
@pytest.mark.campaign
@pytest.mark.timeout(240)
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc to see processes in")
def test_one_command_runs_everything_and_ctrl_c_stops_it_and_it_starts_again(up: Up) -> None:
    up.start("--empty")
    look_around(up)
    wait_for(lambda: "Prefect is ready" in up.out, 120, "Prefect")
    wait_for(lambda: deployments(up.prefect_port) == 6, 60, "the sweeps to be deployed")
    assert len(up.processes()) >= 3

    assert up.ctrl_c() == 0
    assert up.out.rstrip().endswith("stopped")
    assert nothing_is_left(up)
    assert {path.name for path in (up.var / "log").iterdir()} == {"prefect.log", "sweeps.log", "web.log"}

    # again in the same folder, and stopped by a service manager before Prefect is there
    up.start("--empty")
    wait_for(lambda: answers(up.port, "/sign-in"), 60, "the pages, a second time")
    assert up.end(signal.SIGTERM) == 0
    assert up.err == ""
    assert up.processes() == []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc to see processes in")
def test_stopping_it_while_the_sample_is_made_leaves_no_half_of_it(up: Up) -> None:
    up.start()
    wait_for(lambda: "Making a sample year" in up.out, 60, "the sample to be begun")

    assert up.ctrl_c() == 0
    assert up.err == ""
    assert up.out.rstrip().endswith("stopped")
    assert not (up.var / "slmcycle.db").exists()
    assert up.processes() == []


@pytest.mark.parametrize(
    ("which", "remedy"),
    [
        ("SLM_PORT", "the pages: port {} on 127.0.0.1 is in use; choose another with --port or SLM_PORT"),
        ("SLM_PREFECT_PORT", "Prefect: port {} on 127.0.0.1 is in use; choose another with SLM_PREFECT_PORT"),
        (
            "SLM_SMTP_PORT",
            "the local mailbox: port {} on 127.0.0.1 is in use; "
            "choose another with SLM_SMTP_PORT, or set SLM_LOCAL_MAILBOX=false",
        ),
        (
            "SLM_LMTP_PORT",
            "the LMTP server: port {} on 127.0.0.1 is in use; choose another with SLM_LMTP_PORT",
        ),
    ],
)
def test_a_port_in_use_is_told_before_anything_is_started(
    slm: Slm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str, remedy: str
) -> None:
    monkeypatch.setenv("SLM_VAR", str(tmp_path / "var"))
    for variable in ("SLM_PORT", "SLM_PREFECT_PORT", "SLM_SMTP_PORT", "SLM_LMTP_PORT"):
        monkeypatch.setenv(variable, str(free_port()))
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        monkeypatch.setenv(which, str(port))
        told = slm.refuses("up", "--empty")

    assert told == remedy.format(port)
    assert not (tmp_path / "var").exists()


def test_the_port_can_be_chosen_on_the_command_line(slm: Slm, tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        told = slm.refuses("up", "--empty", "--no-prefect", "--port", port)

    assert told.startswith(f"the pages: port {port} on 127.0.0.1 is in use")


def test_a_mail_server_elsewhere_leaves_no_room_for_the_local_mailbox(
    slm: Slm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLM_SMTP_HOST", "mail.example.com")

    told = slm.refuses("up", "--empty", "--no-prefect")

    assert told == (
        "letters go to SLM_SMTP_HOST mail.example.com, which is not this machine: "
        "set SLM_LOCAL_MAILBOX=false to start without the local mailbox"
    )
