"""`slm inbox serve` as a service runs it: letters by LMTP, a line each, one line when told to end."""

import json
import os
import signal
import smtplib
import subprocess
import sys
from pathlib import Path

import pytest

from config.clock import now
from models.database import open_engine
from tests.cli.command_line import Slm
from tests.flows.prefect_server import ROOT, free_port
from tests.states.mailed import DOMAIN, SERVER, address_for, asked, message, take_answers


def test_letters_are_taken_in_until_it_is_told_to_end(
    slm: Slm, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_answers(monkeypatch)
    engine = open_engine(f"sqlite:///{database}")
    asked(engine, now())
    yes = address_for(engine, "yes")
    port = free_port()
    environment = os.environ | {
        "SLM_REPLY_DOMAIN": DOMAIN,
        "SLM_AUTHSERV_ID": SERVER,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "cli.main", "inbox", "serve", "--port", str(port), "--json"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout and served.stderr
        said = served.stderr.readline()
        assert said == f"letters are taken in by LMTP on 127.0.0.1:{port}; Ctrl-C ends it\n"
        with smtplib.LMTP("127.0.0.1", port, local_hostname="localhost") as client:
            client.sendmail("", [yes], message(yes, Return_Path="<>"))
            client.docmd("no such command")
            client.sendmail("a@b.example", [yes], message(yes))
        rows = [json.loads(served.stdout.readline()) for _ in range(2)]
        assert [row["outcome"] for row in rows] == ["automatic", "intent"]
        assert yes.split("@")[0] not in json.dumps(rows)
        served.send_signal(signal.SIGINT)
        assert served.wait(20) == 0
        assert (served.stdout.read(), served.stderr.read()) == ("", "stopped\n")
    engine.dispose()


def test_without_a_port_it_says_how_to_name_one(slm: Slm, database: Path) -> None:
    assert slm.refuses("inbox", "serve") == "say at which port: --port, or SLM_LMTP_PORT"
