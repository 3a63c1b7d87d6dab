"""Exclusions as evidence: the time that the customer has agreed not to count, as far as it was known."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col

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
    return exclusions_together(session, [agreement_id], start, as_of)[agreement_id]


def exclusions_together(
    session: Session, agreement_ids: Collection[int], start: datetime, as_of: datetime
) -> dict[int, list[ExcludedTime]]:
    """Read what `read_exclusions` would of each agreement, by its id, with one statement for all."""
    found: dict[int, list[ExcludedTime]] = {number: [] for number in agreement_ids}
    asked = {"agreements": list(found), "start": start, "as_of": as_of}
    for agreement_id, *instants, ticket, population, reason in session.execute(_approved(), asked):
        starts, ends, decided = (int(at.timestamp()) for at in instants)
        found[agreement_id].append(ExcludedTime(starts, ends, ticket, population, reason, decided))
    return found


# built once: that takes longer than the database's answer, which for most agreements is empty
@cache
def _approved() -> Select[Any]:
    return (
        select(
            col(Exclusion.agreement_id),
            col(Exclusion.starts_at),
            col(Exclusion.ends_at),
            col(Exclusion.decided_at),
            col(Exclusion.ticket),
            col(Exclusion.population),
            col(Exclusion.reason),
        )
        .where(
            col(Exclusion.agreement_id).in_(bindparam("agreements", expanding=True)),
            col(Exclusion.state) == ExclusionState.APPROVED,
            col(Exclusion.decided_at) <= bindparam("as_of"),
            col(Exclusion.ends_at) > bindparam("start"),
        )
        .order_by(col(Exclusion.starts_at), col(Exclusion.id))
    )
