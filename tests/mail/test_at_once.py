"""Several at once, and one after the other died: each letter is written once and sent once."""

import asyncio
import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from mail import claims
from mail.outbox import post
from mail.sender import Sending, deliver, send_due
from models.database import open_engine, transaction
from models.letters import LetterState
from tests.mail.post_office import MONDAY, Cast, MailServer, outbox, write_reminders


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database, on both databases in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def test_many_senders_never_send_twice(
    engine: Engine, database_url: str, cast: Cast, server: MailServer
) -> None:
    write_reminders(engine, cast, 60)
    results: list[Sending] = []

    def send() -> None:
        own = open_engine(database_url)
        results.append(deliver(own, MONDAY))
        own.dispose()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(result.sent for result in results) == 60
    assert set(Counter(message["Message-ID"] for message in server.received).values()) == {1}
    assert len(server.received) == 60
    assert {letter.state for letter in outbox(engine)} == {LetterState.SENT}


def test_letters_can_be_sent_from_within_an_event_loop(
    engine: Engine, cast: Cast, server: MailServer
) -> None:
    write_reminders(engine, cast, 10)

    async def scene() -> list[Sending]:
        return list(await asyncio.gather(send_due(engine, MONDAY), send_due(engine, MONDAY)))

    first, second = asyncio.run(scene())
    assert first.sent + second.sent == 10 == len(server.received)


def test_a_sender_that_died_leaves_its_letters_to_others(
    engine: Engine, cast: Cast, server: MailServer
) -> None:
    write_reminders(engine, cast, 2)
    assert len(claims.claim(engine, MONDAY, 2)) == 2  # and then it dies

    assert deliver(engine, MONDAY + timedelta(minutes=4)) == Sending(waiting=2)
    assert deliver(engine, MONDAY + timedelta(minutes=5)) == Sending(sent=2)
    assert [letter.attempts for letter in outbox(engine)] == [2, 2]
    assert not any("X-SLM-Resent" in message for message in server.received), "it had not begun to send"


def test_a_letter_that_was_perhaps_sent_is_sent_again_and_says_so(
    engine: Engine, cast: Cast, server: MailServer
) -> None:
    write_reminders(engine, cast, 2)
    first, _second = claims.claim(engine, MONDAY, 2)
    assert claims.begin(engine, first, MONDAY)  # and then it dies

    assert deliver(engine, MONDAY + claims.LEASE) == Sending(sent=2)
    marks = {message["Message-ID"]: message["X-SLM-Resent"] for message in server.received}
    assert marks[first.message_id] == "1" and list(marks.values()).count(None) == 1
    assert [letter.perhaps_sent for letter in outbox(engine)] == [True, False]


def test_a_sender_that_lost_its_claim_changes_nothing(engine: Engine, cast: Cast) -> None:
    write_reminders(engine, cast)
    (slow,) = claims.claim(engine, MONDAY, 1)
    (quick,) = claims.claim(engine, MONDAY + claims.LEASE, 1)
    assert not claims.begin(engine, slow, MONDAY + claims.LEASE), "it must not send any more"
    claims.settle(engine, slow, MONDAY, state=LetterState.QUEUED, attempts=0)
    assert outbox(engine)[0].state == LetterState.CLAIMED
    claims.settle(engine, quick, MONDAY, state=LetterState.SENT)
    assert outbox(engine)[0].state == LetterState.SENT


def test_two_that_tell_the_same_at_once_write_one_letter(engine: Engine, cast: Cast) -> None:
    meeting = threading.Barrier(2, timeout=1)
    written: list[bool] = []

    def tell() -> None:
        with transaction(engine) as session:
            with suppress(threading.BrokenBarrierError):
                meeting.wait()  # on SQLite the second transaction begins when the first has ended
            person, agreement = cast.seen_in(session)
            letter = post(session, "ended", person, key="k", at=MONDAY, agreement=agreement, reason="")
            written.append(letter is not None)

    threads = [threading.Thread(target=tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [False, True]
    assert len(outbox(engine)) == 1
