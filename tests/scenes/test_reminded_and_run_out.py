"""Two weeks of silence: letters over a real mail server, from the question to the word that time is over."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from config.clock import simulated
from mail.mailbox import MailboxLetter
from models.database import transaction
from states.sweeps import sweep_approvals, sweep_mail
from tests.scenes.doors import KEY, Post, link_in, on, to, words
from tests.states.builders import CUSTOMER_OWNER, MONDAY, PROVIDER, offered
from web.app import create_app

CUSTOMER, HEAD, OWNER = (
    "business@harbour.example",
    "operations@northwind.example",
    "manager@northwind.example",
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def page(engine: Engine) -> Iterator[TestClient]:
    """A browser that sends forms from our own pages."""
    headers = {"sec-fetch-site": "same-origin"}
    with TestClient(create_app(engine, KEY), headers=headers, follow_redirects=False) as client:
        yield client


def night(engine: Engine, post: Post, day: int) -> list[MailboxLetter]:
    """What the mail brings on a day in March at nine, after the sweeps."""
    at = datetime(2026, 3, day, 9, tzinfo=UTC)
    with simulated(at):
        sweep_approvals(engine, at)
        sweep_mail(engine, at)
    return post.comes()


def test_reminded_three_times_then_the_owner_is_told_and_then_it_runs_out(
    engine: Engine, post: Post, page: TestClient
) -> None:
    with transaction(engine) as session:
        offered(session, MONDAY)
    asked = night(engine, post, 2)
    first = link_in(to(asked, CUSTOMER, "Please sign by 16 March 2026"))
    with on(3, 3):
        signed = page.post(
            link_in(to(asked, HEAD, "Please sign")), data={"answer": "approve", "name": PROVIDER}
        )
        assert signed.status_code == 303

    links = [first]
    for day in (4, 6, 10):
        reminder = to(night(engine, post, day), CUSTOMER, "Reminder")
        links.append(link_in(reminder))
        assert night(engine, post, day + 1) == [], "nothing in between"
        with on(3, day, 10):
            assert "do you approve version 1?" in page.get(links[-1]).text
    assert len(set(links)) == 4, "each letter has a link of its own"

    (told,) = night(engine, post, 12)
    assert told is to([told], OWNER, "") and CUSTOMER_OWNER in words(told) and PROVIDER not in words(told)

    (over,) = night(engine, post, 16)
    assert over is to([over], OWNER, "") and CUSTOMER_OWNER in words(over)
    with on(3, 16, 10):
        for link in links:
            assert "The time to decide is over" in page.get(link).text
        late = page.post(links[-1], data={"answer": "approve", "name": CUSTOMER_OWNER})
        assert late.status_code == 409 and "ran out" in late.text
    assert night(engine, post, 20) == []
