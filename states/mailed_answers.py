"""Answers by mail: what becomes of one letter that arrives, by whatever door.

The secret address it came to says what is answered; the body decides nothing. Automatic letters and bounces
are told apart before any text is read. An answer is final only where policy says so, and the sender is the
person asked and authenticated by our own mail server; else the person gets the link to confirm it, or a
manager has to look.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from mail.arrivals import Arrival, read_arrival
from mail.blotting import blot_out
from mail.inbox import is_flooded, record
from mail.lmtp import TakeIn
from mail.mailbox import Receive
from mail.reply_addresses import secret_address
from models.database import transaction
from models.letters import InboxOutcome
from states.answer_intake import Intake, link_at

_MOST_SHOWN = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ingested:
    """What became of a letter.

    Attributes:
        reason: why, in words for a manager.
        letter_id: of the letter in the inbox; None where it was not kept.
    """

    outcome: InboxOutcome
    reason: str
    letter_id: int | None = None


def ingest(
    engine: Engine,
    raw: bytes,
    recipient: str | None,
    at: datetime,
    *,
    envelope_sender: str | None = None,
    vouched: bool = False,
) -> Ingested:
    """Take in one letter, in one transaction; the same letter to the same recipient is taken in once.

    One that is not kept, because it arrived before or too many such arrive, is a line in the log.

    Args:
        engine: of the product's database.
        raw: the message exactly as it arrived.
        recipient: of the envelope; None where only the message's header tells.
        at: when it arrived.
        envelope_sender: of the envelope, "" for a bounce; None where it is not known.
        vouched: the door itself knows its senders: the local mailbox, which hears this machine alone.

    Raises:
        UnreachableError: if the database cannot be reached; nothing is taken in then.
    """
    arrival = read_arrival(raw, recipient, envelope_sender)
    found = secret_address(arrival.recipients, arrival.subject)
    address, shown = found or (None, blot_out(arrival.recipients[0]) if arrival.recipients else "")
    delivered_to = f"{address.purpose}:{address.token}" if address else shown
    with transaction(engine) as session:
        if is_flooded(session, arrival.sender, at) and link_at(session, address) is None:
            done = Ingested(InboxOutcome.UNKNOWN, "too many letters to unknown addresses: it is not kept")
            return _logged(done, arrival, shown)
        letter = record(session, arrival, delivered_to, shown, at)
        if letter is None:
            return _logged(Ingested(InboxOutcome.DUPLICATE, "it arrived before"), arrival, shown)
        Intake(session, arrival, letter, at, vouched).settle(address)
        session.flush()
        return Ingested(letter.outcome, letter.reason, letter.id)


def _logged(done: Ingested, arrival: Arrival, shown: str) -> Ingested:
    """Write a line about a letter that is not kept: a row of the database each would help those who flood."""
    sender = blot_out(arrival.sender or arrival.sender_shown)[:_MOST_SHOWN]
    told = (sender or "nobody", shown[:_MOST_SHOWN] or "nobody", done.outcome.value, done.reason)
    _log.warning("a letter from %s to %s: %s: %s", *told)
    return done


def local_door(engine: Engine) -> Receive:
    """Return what the local mailbox does with letters to the product: take them in, and vouch for them."""

    def receive(content: bytes, recipient: str, sender: str, at: datetime) -> Ingested:
        return ingest(engine, content, recipient, at, envelope_sender=sender, vouched=True)

    return receive


def server_door(engine: Engine, tell: Callable[[Ingested], object] | None = None) -> TakeIn:
    """Return what becomes of a letter that our own mail server hands over; `tell` is told of each."""

    def take_in(content: bytes, recipient: str, sender: str, at: datetime) -> InboxOutcome:
        done = ingest(engine, content, recipient, at, envelope_sender=sender)
        if tell is not None:
            tell(done)
        return done.outcome

    return take_in
