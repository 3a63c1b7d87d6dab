"""The public doors that the scenes go through: the clock, letters in people's hands, pages, the API."""

import re
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from config.clock import SimulatedClock, simulated
from config.settings import settings
from mail.mailbox import MailboxLetter, read_mailbox
from tests.scenes.granite_works import MANAGER

KEY = "the key that managers sign in with"


def on(month: int, day: int, hour: int = 9) -> AbstractContextManager[SimulatedClock]:
    """Let it be this time in 2026, within the block."""
    return simulated(datetime(2026, month, day, hour, tzinfo=UTC))


class Post:
    """The letters that people hold in their hands, read from the mailbox that the mail server filled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: set[str] = set()

    def comes(self) -> list[MailboxLetter]:
        """Return the letters that came since the last look, oldest first."""
        new = [letter for letter in read_mailbox(self._folder) if letter.id not in self._read]
        self._read |= {letter.id for letter in new}
        return new[::-1]


def to(letters: list[MailboxLetter], address: str, about: str) -> MailboxLetter:
    """Return the one letter to this address whose subject says this."""
    found = [row for row in letters if parseaddr(row.recipient)[1] == address and about in row.subject]
    assert len(found) == 1, [(row.recipient, row.subject) for row in letters]
    return found[0]


def on_one_line(text: str) -> str:
    """Return a text without its line breaks and hard spaces."""
    return " ".join(text.split())


def words(letter: MailboxLetter) -> str:
    """Return what a letter says, on one line."""
    return on_one_line(letter.text)


def link_in(letter: MailboxLetter) -> str:
    """Return the path of the secret address in a letter; text and HTML carry the same one."""
    found = re.search(rf"{re.escape(settings().base_url)}(/[dsr]/[\w-]+)", letter.text)
    assert found is not None, letter.text
    assert found[0] in letter.html
    return found[1]


def sign(browser: TestClient, letter: MailboxLetter, name: str, promise: str) -> str:
    """Read the question, look again, type the name, and return the page that confirms."""
    path = link_in(letter)
    for _ in range(2):
        asked = browser.get(path)
        assert asked.status_code == 200
        assert promise in on_one_line(asked.text) and "checked" not in asked.text
    page = browser.post(
        path, data={"answer": "approve", "name": name}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert page.status_code == 200, page.text
    assert page.history[0].status_code == 303
    signed: str = page.text
    return signed


def program(browser: TestClient, path: str, asked: Any = None) -> Any:
    """Ask the API as a program does."""
    headers = {"Authorization": f"Bearer {KEY}", "X-SLM-Actor": MANAGER}
    answer = (
        browser.post(path, json=asked, headers=headers)
        if asked is not None
        else browser.get(path, headers=headers)
    )
    return answer
