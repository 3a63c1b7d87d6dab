"""Claiming letters: each is taken by one sender at a time, on SQLite and PostgreSQL alike.

No recipient's domain is sent more at a time, or in a minute, than policy allows, however many send at once.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, or_, update
from sqlmodel import Session, col, func, select

from config.policy import policy
from models.database import reading, transaction
from models.letters import LetterState, OutboxLetter

LEASE = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
_CLAIMING = 0x534C4D  # names the lock on PostgreSQL under which letters are claimed
_log = logging.getLogger(__name__)

Witness = Callable[[Session, OutboxLetter, datetime], None]
"""Is told, within the transaction that settles a letter, that it was sent or given up, and when."""


def count_due(engine: Engine, at: datetime) -> int:
    """Return how many letters could be claimed at `at`, were there no limits."""
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(OutboxLetter).where(_due(at))).one()


def count_waiting(engine: Engine) -> int:
    """Return how many letters are neither sent nor given up, due or not."""
    waiting = col(OutboxLetter.state).in_([LetterState.QUEUED, LetterState.CLAIMED])
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(OutboxLetter).where(waiting)).one()


def claim(engine: Engine, at: datetime, most: int) -> list[OutboxLetter]:
    """Claim up to `most` letters that are due, or whose claim ran out, for `LEASE` from `at`; oldest first.

    Letters to a domain that has been sent its share for now are left alone. A claim counts as an attempt,
    so that a letter whose sender died shows it.
    """
    with transaction(engine) as session:
        if engine.dialect.name == "postgresql":  # SQLite's transactions exclude each other anyway
            session.execute(select(func.pg_advisory_xact_lock(_CLAIMING)))
        claimed = session.scalars(
            update(OutboxLetter)
            .where(col(OutboxLetter.id).in_(_allowed(session, at, most)), _due(at))
            .values(
                state=LetterState.CLAIMED,
                claimed_until=at + LEASE,
                attempts=OutboxLetter.attempts + 1,
            )
            .returning(OutboxLetter),
            execution_options={"synchronize_session": False},
        )
        return sorted(claimed, key=lambda letter: (letter.next_attempt_at, letter.id))


def begin(engine: Engine, letter: OutboxLetter, at: datetime) -> bool:
    """Note, before a claimed letter is handed to the mail server, that it may have arrived from now on.

    Returns:
        False where others have claimed the letter since: it must not be sent then.
    """
    with transaction(engine) as session:
        return _update(session, letter, begun_at=at, perhaps_sent=True)


def settle(
    engine: Engine, letter: OutboxLetter, at: datetime, witness: Witness | None = None, **values: Any
) -> None:
    """Write how a claimed letter went, and end the claim; nothing happens if others have claimed it since.

    Args:
        engine: of the product's database.
        letter: as it was claimed.
        at: when.
        witness: is told in the same transaction; where it fails the letter is settled all the same, because
            a letter that is not would be sent again.
        values: the columns to change.
    """
    try:
        with transaction(engine) as session:
            if _update(session, letter, claimed_until=None, **values) and witness is not None:
                witness(session, session.get_one(OutboxLetter, letter.id), at)
    except Exception:
        if witness is None:
            raise
        _log.exception("letter %s: what became of it is not in the audit trail", letter.id)
        settle(engine, letter, at, **values)


def release(engine: Engine, letters: list[OutboxLetter], at: datetime) -> None:
    """Put claimed letters that were not tried back into the queue, as if they had not been claimed."""
    for letter in letters:
        settle(engine, letter, at, state=LetterState.QUEUED, attempts=letter.attempts - 1)


def _update(session: Session, letter: OutboxLetter, **values: Any) -> bool:
    """Change a letter that is still claimed as `letter` says; return whether it is."""
    return bool(
        session.scalars(
            update(OutboxLetter)
            .where(
                col(OutboxLetter.id) == letter.id,
                col(OutboxLetter.state) == LetterState.CLAIMED,
                col(OutboxLetter.claimed_until) == letter.claimed_until,
                col(OutboxLetter.attempts) == letter.attempts,
            )
            .values(**values)
            .returning(col(OutboxLetter.id)),
            execution_options={"synchronize_session": False},
        ).all()
    )


def _allowed(session: Session, at: datetime, most: int) -> list[int]:
    """Return the ids of the letters to claim: the oldest, but of each domain no more than it may be sent."""
    limits = policy().mail
    busy = _count_by_domain(
        session,
        and_(col(OutboxLetter.state) == LetterState.CLAIMED, col(OutboxLetter.claimed_until) > at),
    )
    recent = _count_by_domain(session, col(OutboxLetter.begun_at) > at - _MINUTE)
    left = {
        domain: min(limits.at_once, limits.letters_a_minute - recent[domain]) - busy[domain]
        for domain in busy | recent
    }
    full = [domain for domain, places in left.items() if places <= 0]
    order = (col(OutboxLetter.next_attempt_at), col(OutboxLetter.id))
    place = func.row_number().over(partition_by=OutboxLetter.domain, order_by=order)
    due = (
        select(OutboxLetter.id, OutboxLetter.domain, OutboxLetter.next_attempt_at, place.label("place"))
        .where(_due(at), col(OutboxLetter.domain).not_in(full))
        .subquery()
    )
    found = session.execute(
        select(due.c.id, due.c.domain, due.c.place)
        .where(due.c.place <= min(limits.at_once, limits.letters_a_minute))
        .order_by(due.c.next_attempt_at, due.c.id)
    )
    return [row.id for row in found if row.place <= left.get(row.domain, row.place)][:most]


def _count_by_domain(session: Session, condition: ColumnElement[bool]) -> Counter[str]:
    rows = session.exec(
        select(OutboxLetter.domain, func.count()).where(condition).group_by(OutboxLetter.domain)
    )
    return Counter(dict(rows.all()))


def _due(at: datetime) -> ColumnElement[bool]:
    return or_(
        and_(col(OutboxLetter.state) == LetterState.QUEUED, col(OutboxLetter.next_attempt_at) <= at),
        and_(col(OutboxLetter.state) == LetterState.CLAIMED, col(OutboxLetter.claimed_until) <= at),
    )
