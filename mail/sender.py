"""Sending what waits in the outbox, at least once each, over one connection."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException
from sqlalchemy import Engine

from config.clock import as_utc
from config.settings import settings
from mail.claims import LEASE, claim, count_due, count_waiting, release, settle
from mail.envelope import message_of, sender_address
from mail.links import blot_out
from mail.refusals import concerns_every_letter, is_final, reason
from models.letters import LetterState, OutboxLetter

BATCH = 20
MOST_ATTEMPTS = 20
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)
# a batch, and its last letter, may take half the lease each: no claim runs out while its holder still sends
_PATIENCE_S = LEASE.total_seconds() / 2


@dataclass
class Sending:
    """What one call did.

    Attributes:
        sent: letters the mail server took over.
        deferred: letters it refused for now; they are tried again later.
        failed: letters it refused for good, or that were refused for now too often.
        waiting: letters still in the outbox, due or not.
        problem: why the mail server could not be used, in one line; empty if it could.
    """

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    waiting: int = 0
    problem: str = ""


async def send_due(engine: Engine, at: datetime, *, limit: int = 500) -> Sending:
    """Send the letters that are due, and say what became of them.

    Any number of senders may run at once: each letter is claimed by one. A letter goes out at least once:
    one whose sender died is sent again after its claim ran out, with the same Message-ID. While the mail
    server cannot be used the letters stay as they are; it is asked once a call.

    Args:
        engine: of the product's database.
        at: the present instant; it dates the letters.
        limit: the most letters to send.

    Raises:
        BadInputError: if `at` is naive, or SLM_MAIL_FROM is no address.
        UnreachableError: if the database cannot be reached.
    """
    at = as_utc(at)
    sender_address()
    sending = Sending()
    if await asyncio.to_thread(count_due, engine, at):
        await _send(engine, at, limit, sending)
    sending.waiting = await asyncio.to_thread(count_waiting, engine)
    return sending


def deliver(engine: Engine, at: datetime, limit: int = 500) -> Sending:
    """Do as `send_due`, from code without an event loop."""
    return asyncio.run(send_due(engine, at, limit=limit))


async def _send(engine: Engine, at: datetime, limit: int, sending: Sending) -> None:
    client = _client()
    try:
        await client.connect()
    except (SMTPException, OSError, ValueError) as error:
        sending.problem = _problem(error)
        return
    try:
        started = monotonic()
        left = limit
        while left > 0 and not sending.problem:
            present = at + timedelta(seconds=int(monotonic() - started))
            letters = await asyncio.to_thread(claim, engine, present, min(BATCH, left))
            if not letters:
                break
            left -= len(letters)
            await _send_batch(engine, client, letters, at, sending)
    finally:
        with suppress(SMTPException, OSError):
            await client.quit()
        client.close()


async def _send_batch(
    engine: Engine, client: SMTP, letters: list[OutboxLetter], at: datetime, sending: Sending
) -> None:
    """Send letters until the time for them is up or the server fails; the rest go back to the queue."""
    started = monotonic()
    rest = list(letters)
    try:
        while rest and not sending.problem and monotonic() - started < _PATIENCE_S:
            if not client.is_connected:
                sending.problem = _problem(OSError("it closed the connection"))
                break
            await _send_one(engine, client, rest.pop(0), at, sending)
    finally:
        await asyncio.to_thread(release, engine, rest)


async def _send_one(
    engine: Engine, client: SMTP, letter: OutboxLetter, at: datetime, sending: Sending
) -> None:
    try:
        message = message_of(letter, at)
        sender, recipient = sender_address().addr_spec, message["To"].addresses[0].addr_spec
        async with asyncio.timeout(_PATIENCE_S):
            await client.send_message(message, sender=sender, recipients=[recipient])
    except (SMTPException, OSError, ValueError) as error:
        if concerns_every_letter(error):
            sending.problem = _problem(error)
        await _put_off(engine, letter, at, error, sending)
    else:
        await asyncio.to_thread(
            settle,
            engine,
            letter,
            state=LetterState.SENT,
            sent_at=at,
            last_error="",
            text=blot_out(letter.text),
            html=blot_out(letter.html),
        )
        sending.sent += 1


async def _put_off(
    engine: Engine, letter: OutboxLetter, at: datetime, error: Exception, sending: Sending
) -> None:
    """Queue a refused letter for later, or give it up, but never for trouble that is not its own."""
    told = reason(error)
    refused_often = letter.attempts >= MOST_ATTEMPTS and not concerns_every_letter(error)
    if is_final(error) or refused_often:
        await asyncio.to_thread(settle, engine, letter, state=LetterState.FAILED, last_error=told)
        sending.failed += 1
        return
    await asyncio.to_thread(
        settle,
        engine,
        letter,
        state=LetterState.QUEUED,
        last_error=told,
        next_attempt_at=at + _delay(letter.attempts),
    )
    sending.deferred += 1


def _delay(attempts: int) -> timedelta:
    """Return the wait after so many attempts: doubling, capped, and spread against waves of letters."""
    doubled = FIRST_DELAY * int(2 ** min(attempts - 1, 30))
    return min(doubled, LONGEST_DELAY) * random.uniform(0.5, 1.0)


def _client() -> SMTP:
    current = settings()
    return SMTP(
        hostname=current.smtp_host,
        port=current.smtp_port,
        username=current.smtp_user or None,
        password=current.smtp_password or None,
        use_tls=current.smtp_security == "tls",
        start_tls=current.smtp_security == "starttls",
        timeout=current.smtp_timeout_s,
    )


def _problem(error: Exception) -> str:
    current = settings()
    return f"mail server {current.smtp_host}:{current.smtp_port}: {reason(error)}"
