"""A sender that is killed at any moment: every letter arrives, and none comes twice without saying so."""

import random
import subprocess
import sys
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from mail.claims import LEASE
from mail.sender import Sending, deliver
from models.letters import LetterState
from tests.mail.post_office import MONDAY, Cast, MailServer, outbox, write_reminders

LETTERS = 200
KILLS = 3
pytestmark = pytest.mark.campaign
SENDER = """
import sys
from datetime import datetime
from mail.sender import deliver
from models.database import open_engine

deliver(open_engine(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
"""


@pytest.fixture
def no_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[mail]\nletters_a_minute = 1000\nat_once = 20\n")
    monkeypatch.setenv("SLM_POLICY_FILE", str(file))


def test_no_letter_is_lost_and_none_comes_twice_unmarked(
    no_limits: None, engine: Engine, database_url: str, cast: Cast, server: MailServer
) -> None:
    write_reminders(engine, cast, LETTERS)
    at = MONDAY
    for _ in range(KILLS):
        enough = len(server.received) + random.randrange(1, 30)
        sender = subprocess.Popen([sys.executable, "-c", SENDER, database_url, at.isoformat()])
        while sender.poll() is None and len(server.received) < enough:
            time.sleep(random.uniform(0.0005, 0.004))
        sender.kill()
        sender.wait()
        at += LEASE
    before = len(server.received)
    assert 0 < before < LETTERS, "every one of the senders was killed at its work"
    finished = deliver(engine, at)
    assert finished == Sending(sent=finished.sent) and finished.sent == len(server.received) - before

    copies = defaultdict(list)
    for message in server.received:
        copies[message["Message-ID"]].append(message["X-SLM-Resent"])
    assert copies.keys() == {letter.message_id for letter in outbox(engine)}
    assert all(mark == "1" for marks in copies.values() for mark in marks[1:])
    assert len(server.received) - LETTERS <= KILLS, "only the letter at hand comes twice"
    assert {letter.state for letter in outbox(engine)} == {LetterState.SENT}
    assert sum(letter.perhaps_sent for letter in outbox(engine)) <= KILLS
    assert at - MONDAY < timedelta(days=1)
