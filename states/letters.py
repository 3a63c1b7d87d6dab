"""Letters on their way: what the audit trail keeps of each, who is told of a failure, and trying again."""

import asyncio
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from config.errors import NotFoundError, SlmError
from config.plain_text import plain_line
from mail import keys, sender
from mail.outbox import domain_of, post
from mail.sender import Sending
from models.agreements import Agreement
from models.letters import LetterState, OutboxLetter
from models.parties import Person
from states import audit
from states.move import SWEEP
from states.stale_letters import withdraw_stale

FAILURE = "letter_failed"


class LetterRefusedError(SlmError):
    """The letter cannot be sent again; the message says why."""


async def send_due(engine: Engine, at: datetime, *, limit: int = 500) -> Sending:
    """Do as `mail.sender.send_due`, with an audit event for each letter and a word to owners of failures.

    What asks something that is over by now is withdrawn before.
    """
    await asyncio.to_thread(withdraw_stale, engine, at)
    return await sender.send_due(engine, at, limit=limit, witness=bear_witness)


def deliver(engine: Engine, at: datetime, limit: int = 500) -> Sending:
    """Do as `send_due`, from code without an event loop."""
    return asyncio.run(send_due(engine, at, limit=limit))


def bear_witness(session: Session, letter: OutboxLetter, at: datetime) -> None:
    """Add what became of a letter to the audit trail of its agreement; tell its owner of one given up.

    Args:
        session: the transaction that settles the letter.
        letter: as it is settled: sent or failed.
        at: when.
    """
    if letter.agreement_id is None:
        return
    agreement = session.get_one(Agreement, letter.agreement_id)
    sent = letter.state == LetterState.SENT
    audit.append(
        session,
        agreement,
        "letter sent" if sent else "letter not sent",
        SWEEP,
        at,
        letter=letter.id,
        letter_kind=letter.kind,
        to=letter.to_address,
        reply=letter.smtp_reply if sent else letter.last_error,
        attempts=letter.attempts,
        perhaps_sent_before=letter.perhaps_sent,
        message_id=letter.message_id,
    )
    # a letter about a letter that failed would fail like it, and so on
    if not sent and letter.kind != FAILURE and letter.person_id != agreement.owner_id:
        post(
            session,
            FAILURE,
            agreement.owner,
            key=keys.letter_failed(letter, at),
            at=at,
            agreement=agreement,
            letter=letter,
        )


def find_letter(session: Session, number: int) -> OutboxLetter:
    """Return a letter by its number.

    Raises:
        NotFoundError: if there is none.
    """
    letter = session.get(OutboxLetter, number) if 0 < number < 2**31 else None
    if letter is None:
        raise NotFoundError(f"there is no letter {number}")
    return letter


def retry(session: Session, letter: OutboxLetter, actor: str, at: datetime) -> None:
    """Queue a letter that was given up, or put off, to be sent now, to its person's present address.

    Raises:
        LetterRefusedError: if it is sent, on its way, or of a replay.
    """
    session.refresh(letter, with_for_update=True)
    refusals = {
        LetterState.CLAIMED: "is being sent just now",
        LetterState.SENT: "is sent: its secret address is kept nowhere, so it cannot be sent again",
        LetterState.BOUNCED: "came back: its secret address is kept nowhere, so it cannot be sent again",
        LetterState.WITHDRAWN: "is withdrawn: what it asks is over",
        LetterState.SIMULATED: "is of a replay: nobody is sent those",
    }
    if letter.state in refusals:
        raise LetterRefusedError(f"letter {letter.id} {refusals[letter.state]}")
    person = session.get_one(Person, letter.person_id)
    letter.to_address, letter.domain = plain_line(person.email), domain_of(person.email)
    letter.state, letter.next_attempt_at = LetterState.QUEUED, at
    letter.attempts, letter.refused_since = 0, None
    session.flush()
    if letter.agreement_id is not None:
        agreement = session.get_one(Agreement, letter.agreement_id)
        audit.append(
            session, agreement, "letter queued again", actor, at, letter=letter.id, to=letter.to_address
        )
