"""Claiming letters: each is taken by one sender at a time, on SQLite and PostgreSQL alike."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, or_, update
from sqlmodel import col, func, select

from models.database import reading, transaction
from models.letters import LetterState, OutboxLetter

LEASE = timedelta(minutes=5)


def count_due(engine: Engine, at: datetime) -> int:
    """Return how many letters could be claimed at `at`."""
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(OutboxLetter).where(_due(at))).one()


def count_waiting(engine: Engine) -> int:
    """Return how many letters are neither sent nor given up, due or not."""
    waiting = col(OutboxLetter.state).in_([LetterState.QUEUED, LetterState.CLAIMED])
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(OutboxLetter).where(waiting)).one()


def claim(engine: Engine, at: datetime, most: int) -> list[OutboxLetter]:
    """Claim up to `most` letters that are due, or whose claim ran out, for `LEASE` from `at`; oldest first.

    A claim counts as an attempt, so that a letter whose sender died shows it.
    """
    with transaction(engine) as session:
        oldest = session.exec(
            select(OutboxLetter.id)
            .where(_due(at))
            .order_by(col(OutboxLetter.next_attempt_at), col(OutboxLetter.id))
            .limit(most)
            .with_for_update(skip_locked=True)  # SQLite, whose transactions exclude each other, ignores it
        ).all()
        claimed = session.scalars(
            update(OutboxLetter)
            .where(col(OutboxLetter.id).in_(oldest), _due(at))
            .values(
                state=LetterState.CLAIMED,
                claimed_until=at + LEASE,
                attempts=OutboxLetter.attempts + 1,
            )
            .returning(OutboxLetter),
            execution_options={"synchronize_session": False},
        )
        return sorted(claimed, key=lambda letter: (letter.next_attempt_at, letter.id))


def settle(engine: Engine, letter: OutboxLetter, **values: Any) -> None:
    """Write how a claimed letter went, and end the claim; nothing happens if others have claimed it since."""
    with transaction(engine) as session:
        session.execute(
            update(OutboxLetter)
            .where(
                col(OutboxLetter.id) == letter.id,
                col(OutboxLetter.state) == LetterState.CLAIMED,
                col(OutboxLetter.claimed_until) == letter.claimed_until,
                col(OutboxLetter.attempts) == letter.attempts,
            )
            .values(claimed_until=None, **values)
        )


def release(engine: Engine, letters: list[OutboxLetter]) -> None:
    """Put claimed letters that were not tried back into the queue, as if they had not been claimed."""
    for letter in letters:
        settle(engine, letter, state=LetterState.QUEUED, attempts=letter.attempts - 1)


def _due(at: datetime) -> ColumnElement[bool]:
    return or_(
        and_(col(OutboxLetter.state) == LetterState.QUEUED, col(OutboxLetter.next_attempt_at) <= at),
        and_(col(OutboxLetter.state) == LetterState.CLAIMED, col(OutboxLetter.claimed_until) <= at),
    )
