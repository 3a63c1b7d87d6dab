"""The doors that answers come in by: an IMAP server, and the local mailbox; behind each is the same core."""

import re
import shutil
import smtplib
import tempfile
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.clock import now
from config.settings import settings
from mail.mailbox import LocalMailbox
from mail.sender import deliver
from states.mailed_answers import local_door
from states.sweeps import sweep_inbox
from tests.mail.post_office import free_port
from tests.states.builders import CUSTOMER_OWNER, MONDAY
from tests.states.dovecot import PASSWORD, USER, NotInstalledError, running_dovecot
from tests.states.mailed import (
    DAY,
    OWNER,
    address_for,
    asked,
    decisions,
    inbox,
    letter_to,
    message,
    signatories_at,
    take_answers,
)

pytestmark = pytest.mark.campaign


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def maildir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Run an IMAP server that the settings name, and give the folder that its new mail is put into."""
    folder = Path(tempfile.mkdtemp(prefix="slmcycle-dovecot-", dir="/tmp"))
    try:
        with running_dovecot(folder) as port:
            changes = {"HOST": "127.0.0.1", "PORT": str(port), "USER": USER, "PASSWORD": PASSWORD}
            for name, value in (changes | {"SECURITY": "none"}).items():
                monkeypatch.setenv(f"SLM_IMAP_{name}", value)
            take_answers(monkeypatch)
            yield folder / "Maildir"
    except NotInstalledError as error:
        pytest.skip(str(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put(maildir: Path, name: str, raw: bytes) -> None:
    path = maildir / "tmp" / name
    path.write_bytes(raw)
    owner = maildir.stat()
    shutil.chown(path, owner.st_uid, owner.st_gid)
    path.rename(maildir / "new" / name)


def test_answers_are_fetched_from_a_real_imap_server_once_and_byte_for_byte(
    engine: Engine, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(engine)
    raw = message(address_for(engine, "yes"), "Fine with me\N{SNOWMAN}")
    put(maildir, "1.a", raw)
    put(maildir, "2.a", message(address_for(engine, "re"), "And Sundays?"))

    assert sweep_inbox(engine, MONDAY + DAY).done == [
        "intent: the link to confirm it was sent",
        "comment: a comment on the request",
    ]
    assert inbox(engine)[0].raw == raw
    assert sweep_inbox(engine, MONDAY + DAY).done == []

    # a sweep that died after taking a letter in finds it again
    put(maildir, "3.a", raw)
    assert sweep_inbox(engine, MONDAY + DAY).done == ["duplicate: it arrived before"]

    monkeypatch.setenv("SLM_IMAP_PASSWORD", "wrong")
    settings.cache_clear()
    (problem,) = sweep_inbox(engine, MONDAY + DAY).problems
    assert problem.endswith("it refuses the user or the password") and "wrong" not in problem


def test_a_letter_of_fifty_megabytes_is_fetched_no_further_than_it_is_read(
    engine: Engine, maildir: Path
) -> None:
    asked(engine)
    put(maildir, "1.a", message(address_for(engine, "yes")) + b"x" * 70 * 700_000)
    (line,) = sweep_inbox(engine, MONDAY + DAY).done
    assert line.startswith("held: it is too large")


def test_fetched_letters_can_be_moved_away(
    engine: Engine, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(engine)
    put(maildir, "1.a", message("nobody@elsewhere.example"))
    monkeypatch.setenv("SLM_IMAP_DONE_FOLDER", "Done")
    settings.cache_clear()
    (problem,) = sweep_inbox(engine, MONDAY + DAY).problems
    assert "Done" in problem or "TRYCREATE" in problem
    done = maildir / ".Done"
    for part in ("cur", "new", "tmp"):
        (done / part).mkdir(parents=True)
    owner = maildir.stat()
    for path in (done, *done.iterdir()):
        shutil.chown(path, owner.st_uid, owner.st_gid)
    assert sweep_inbox(engine, MONDAY + DAY).done == ["duplicate: it arrived before"]
    assert not [*(maildir / "cur").iterdir(), *(maildir / "new").iterdir()]
    assert len([*(done / "cur").iterdir(), *(done / "new").iterdir()]) == 1


def test_without_a_server_nothing_is_fetched_and_an_absent_one_is_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = sweep_inbox(engine, MONDAY)
    assert (report.done, report.problems) == ([], [])
    port = free_port()
    monkeypatch.setenv("SLM_IMAP_HOST", "127.0.0.1")
    monkeypatch.setenv("SLM_IMAP_PORT", str(port))
    settings.cache_clear()
    (problem,) = sweep_inbox(engine, MONDAY).problems
    assert problem.startswith(f"IMAP server 127.0.0.1:{port}: ")


def test_a_click_on_the_address_that_says_yes_signs_on_one_machine(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    take_answers(monkeypatch, SLM_AUTHSERV_ID="", SLM_SMTP_PORT=str(port))
    asked(engine, now(), signatories=signatories_at("L1"))
    yes = address_for(engine, "yes")
    return_path, reply_to = (getattr(letter_to(engine), name) for name in ("return_path", "reply_to"))
    with LocalMailbox(tmp_path / "mailbox", "127.0.0.1", port, local_door(engine)):
        deliver(engine, now())
        answer = message_from_bytes(message(yes, results=None), policy=default)
        stranger = message_from_bytes(message(yes, results=None, sender="x@evil.example"), policy=default)
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as client:
            client.send_message(stranger)
            client.send_message(answer)
    assert [(letter.outcome.value, letter.state.value) for letter in inbox(engine)] == [
        ("held", "waiting"),
        ("decision", "done"),
    ]
    (decision,) = decisions(engine)
    assert (decision.via, decision.typed) == ("mail", OWNER)
    assert CUSTOMER_OWNER in {letter_to(engine).to_name}
    sent = [message_from_bytes(path.read_bytes()) for path in (tmp_path / "mailbox" / "new").iterdir()]
    headers = [
        f"{name}: {value}" for letter in sent for name, value in letter.items() if "Auto-Submitted" in letter
    ]
    assert any(line == f"Reply-To: {reply_to}" for line in headers)
    assert not any(re.search(r"\b(yes|no)\.[a-z2-7]{26}", line) for line in headers)
    assert return_path.startswith("b.")
    kept = letter_to(engine)
    assert not any(secret in f"{kept.text}{kept.html}{kept.reply_to}" for secret in (yes[:30], reply_to[:29]))
