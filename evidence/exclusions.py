"""Exclusions as evidence: the time that the customer has agreed not to count, as far as it was known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.exclusions import Exclusion, ExclusionState


@dataclass(frozen=True)
class ExcludedTime:
    """A stretch of time that does not count.

    Attributes:
        start, end: epoch seconds, the end exclusive.
        ticket: the number of the one ticket it is for; "" for all of the population.
        population: ticket attributes that must match; empty: every ticket.
        reason: why, as approved.
        approved_at: when the customer's person approved it, epoch seconds.
    """

    start: int
    end: int
    ticket: str
    population: Mapping[str, str]
    reason: str
    approved_at: int = 0


def read_exclusions(
    session: Session, agreement_id: int, start: datetime, as_of: datetime
) -> list[ExcludedTime]:
    """Read what an agreement's customer had approved by `as_of` and what ends after `start`.

    One that was approved later does not exist yet, whatever time it is about.
    """
    found = session.exec(
        select(Exclusion)
        .where(
            Exclusion.agreement_id == agreement_id,
            Exclusion.state == ExclusionState.APPROVED,
            col(Exclusion.decided_at) <= as_of,
            Exclusion.ends_at > start,
        )
        .order_by(col(Exclusion.starts_at), col(Exclusion.id))
    )
    return [
        ExcludedTime(
            int(row.starts_at.timestamp()),
            int(row.ends_at.timestamp()),
            row.ticket,
            row.population,
            row.reason,
            int(row.decided_at.timestamp()),
        )
        for row in found
        if row.decided_at
    ]
