"""A mail server that cannot be reached: letters stay in the outbox, and go when it is there."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.clock import now, simulated
from mail.mailbox import LocalMailbox, read_mailbox
from tests.cli.command_line import Slm
from tests.mail.post_office import free_port
from tests.scenes.granite_works import HEAD_ADDRESS, OWNER_ADDRESS, REFERENCE, write_agreement


def test_letters_wait_for_the_mail_server(
    slm: Slm, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("SLM_SMTP_PORT", str(port))
    slm.does("apply", write_agreement(tmp_path / "granite.yaml"))
    slm.does("advance", REFERENCE, "start_trial")

    for _ in range(2):
        ran = slm("tick")
        assert ran.code == 1
        assert ran.err.startswith(f"slm: mail: mail server 127.0.0.1:{port}: ")
        assert ran.err.count("\n") == 1 and "Traceback" not in ran.err
        assert "mail: 0 done" in ran.out
    told = slm("tick", "--only", "mail", "--json")
    assert told.code == 1 and '"problems": [\n' in told.out and told.err == ""
    assert slm.tells("show", REFERENCE)["letters"] == 2

    with LocalMailbox(tmp_path / "mailbox", "127.0.0.1", port), simulated(now() + timedelta(hours=1)):
        assert "2 letters sent" in slm.does("tick")
        assert slm.does("tick", "--only", "mail") == "mail: 0 done\n"
    addresses = " ".join(letter.recipient for letter in read_mailbox(tmp_path / "mailbox"))
    assert OWNER_ADDRESS in addresses and HEAD_ADDRESS in addresses
