"""Sending what waits in the outbox, at least once each, over one connection a run."""

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from aiosmtplib.errors import SMTPException
from sqlalchemy import Engine

from config.clock import as_utc
from config.policy import policy
from config.settings import settings
from mail.blotting import blotted
from mail.claims import LEASE, Witness, begin, claim, count_due, count_waiting, release, settle
from mail.connection import ClaimLostError, Connection
from mail.envelope import message_of, return_path, sender_address
from mail.refusals import Trouble, answer, reason, trouble
from models.letters import LetterState, OutboxLetter

BATCH = 20
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)
# a batch, and its last letter, may take half the lease each: no claim runs out while its holder still sends
_PATIENCE_S = LEASE.total_seconds() / 2


@dataclass
class Sending:
    """What one call did.

    Attributes:
        sent: letters the mail server took over.
        deferred: letters that were put off; they are tried again later.
        failed: letters refused for good, or put off for too many days.
        waiting: letters still in the outbox, due or not.
        problem: why the mail server could not be used, in one line; empty if it could.
    """

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    waiting: int = 0
    problem: str = ""


async def send_due(
    engine: Engine, at: datetime, *, limit: int = 500, witness: Witness | None = None
) -> Sending:
    """Send the letters that are due, and say what became of them.

    Any number of senders may run at once: each letter is claimed by one. A letter goes out at least once.
    One that may have gone out already, because its sender died or the mail server did not answer, is sent
    again with the same Message-ID and the header `X-SLM-Resent`. While the mail server cannot be used the
    letters stay as they are.

    Args:
        engine: of the product's database.
        at: the present instant; it dates the letters.
        limit: the most letters to send.
        witness: is told of each letter that was sent or given up, in the transaction that says so.

    Raises:
        BadInputError: if `at` is naive, SLM_MAIL_FROM is no address, or SLM_SMTP_CA_FILE cannot be read.
        UnreachableError: if the database cannot be reached.
    """
    at = as_utc(at)
    sender_address()
    run = _Run(engine, at, witness)
    if await asyncio.to_thread(count_due, engine, at):
        await run.send(limit)
    run.did.waiting = await asyncio.to_thread(count_waiting, engine)
    return run.did


def deliver(engine: Engine, at: datetime, limit: int = 500, witness: Witness | None = None) -> Sending:
    """Do as `send_due`, from code without an event loop."""
    return asyncio.run(send_due(engine, at, limit=limit, witness=witness))


class _Run:
    """One call's connection, and what it did."""

    def __init__(self, engine: Engine, at: datetime, witness: Witness | None) -> None:
        self.did = Sending()
        self._engine, self._at, self._witness = engine, at, witness
        self._connection = Connection()
        self._started = monotonic()

    async def send(self, limit: int) -> None:
        """Claim and send letters, in batches, until none may go, or the server cannot be used."""
        left = limit
        try:
            while left > 0 and await self._is_open():
                letters = await asyncio.to_thread(claim, self._engine, self._present(), min(BATCH, left))
                if not letters:
                    break
                left -= len(letters)
                await self._send_batch(letters)
        finally:
            await self._connection.close()

    def _present(self) -> datetime:
        return self._at + timedelta(seconds=int(monotonic() - self._started))

    async def _is_open(self) -> bool:
        """Open the connection where it is not; say why that is impossible."""
        if not self.did.problem:
            try:
                await self._connection.open()
            except (SMTPException, OSError, ValueError) as error:
                self._stop(error)
        return not self.did.problem

    def _stop(self, error: Exception) -> None:
        current = settings()
        self.did.problem = f"mail server {current.smtp_host}:{current.smtp_port}: {reason(error)}"

    async def _send_batch(self, letters: list[OutboxLetter]) -> None:
        """Send letters until the time for them is up or the server fails; the rest go back to the queue."""
        started, rest = monotonic(), list(letters)
        try:
            while rest and monotonic() - started < _PATIENCE_S and await self._is_open():
                await self._send_one(rest.pop(0))
        finally:
            await asyncio.to_thread(release, self._engine, rest, self._at)

    async def _send_one(self, letter: OutboxLetter) -> None:
        try:
            message = message_of(letter, self._at)
            recipient = message["To"].addresses[0].addr_spec
            async with asyncio.timeout(_PATIENCE_S):
                reply = await self._connection.send(
                    message,
                    return_path(letter),
                    recipient,
                    lambda: asyncio.to_thread(begin, self._engine, letter, self._present()),
                )
        except ClaimLostError:
            return
        except (SMTPException, OSError, ValueError) as error:
            await self._put_off(letter, error)
        else:
            await self._settle(
                letter,
                state=LetterState.SENT,
                sent_at=self._at,
                smtp_reply=reply,
                last_error="",
                **blotted(letter),
            )
            self.did.sent += 1

    async def _put_off(self, letter: OutboxLetter, error: Exception) -> None:
        """Queue a letter for later, or give it up, but never for trouble that every letter would have."""
        kind = trouble(error)
        if kind is Trouble.OURS or (kind is Trouble.BROKEN and not self._connection.sent):
            self._stop(error)
        if kind is Trouble.BROKEN:
            await self._connection.close()
        since = letter.refused_since or (None if kind is Trouble.OURS else self._at)
        told: dict[str, Any] = {
            "last_error": reason(error),
            "smtp_reply": answer(error),
            "refused_since": since,
            "perhaps_sent": letter.perhaps_sent or self._connection.perhaps_sent,
            "begun_at": self._present(),  # refused before the letter itself or after: it counts as tried
        }
        too_long = timedelta(days=policy().mail.give_up_after_days)
        if kind is Trouble.REFUSED or (since is not None and self._at - since >= too_long):
            await self._settle(letter, state=LetterState.FAILED, **told)
            self.did.failed += 1
        else:
            following = self._at + _delay(letter.attempts)
            await self._settle(letter, state=LetterState.QUEUED, next_attempt_at=following, **told)
            self.did.deferred += 1

    async def _settle(self, letter: OutboxLetter, **values: Any) -> None:
        values.setdefault("perhaps_sent", letter.perhaps_sent)
        ended = values["state"] != LetterState.QUEUED
        witness = self._witness if ended else None
        await asyncio.to_thread(settle, self._engine, letter, self._at, witness, **values)


def _delay(attempts: int) -> timedelta:
    """Return the wait after so many attempts: doubling, capped, and spread against waves of letters."""
    doubled = FIRST_DELAY * int(2 ** min(attempts - 1, 30))
    return min(doubled, LONGEST_DELAY) * random.uniform(0.5, 1.0)
