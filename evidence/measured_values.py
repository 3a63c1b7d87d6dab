"""Measured values: the store of evidence that is no ticket, added to and read as of an instant."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, select, type_coerce
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from evidence.row_sets import insert_rows, mark, one_of, wait_for_others
from models.measured_values import MeasuredValue


class Value(NamedTuple):
    """One value as it was known; instants are epoch seconds in UTC.

    Attributes:
        value: the good events of a ratio, otherwise the value itself.
        total: all events of a ratio; None where the measure is none.
        unit: such as "EUR"; "" where it has none.
    """

    external_id: str
    service: str
    starts_at: int
    ends_at: int
    value: float
    total: float | None
    unit: str


class ToldValue(NamedTuple):
    """A value as a feed tells it; instants are epoch seconds in UTC.

    Attributes:
        known_at: when the feed recorded it; None where it does not say.
    """

    external_id: str
    customer: str
    name: str
    service: str
    starts_at: int
    ends_at: int
    value: float
    total: float | None
    unit: str
    known_at: int | None = None


_COLUMNS = ToldValue._fields


def read_values(
    session: Session,
    source: str,
    customer: str,
    name: str,
    service: str,
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> list[Value]:
    """Read a measure's values that begin from `start` to `end` (exclusive), as known at `as_of`.

    Of each external id the newest row known by then counts. The values of a customer are its own and those
    that name no customer; `service` narrows them to one service, "" takes them all.

    Returns:
        The values in the order of time, then of their external id: the same on every database.
    """
    newer = aliased(MeasuredValue)
    replaced = (
        select(col(newer.id))
        .where(
            col(newer.source) == col(MeasuredValue.source),
            col(newer.external_id) == col(MeasuredValue.external_id),
            col(newer.known_at) > col(MeasuredValue.known_at),
            col(newer.known_at) <= as_of,
        )
        .exists()
    )
    wanted = select(
        col(MeasuredValue.external_id),
        col(MeasuredValue.service),
        type_coerce(col(MeasuredValue.starts_at), BigInteger),
        type_coerce(col(MeasuredValue.ends_at), BigInteger),
        col(MeasuredValue.value),
        col(MeasuredValue.total),
        col(MeasuredValue.unit),
    ).where(
        col(MeasuredValue.source) == source,
        col(MeasuredValue.customer).in_({customer, ""}),
        col(MeasuredValue.name) == name,
        col(MeasuredValue.starts_at) >= start,
        col(MeasuredValue.starts_at) < end,
        col(MeasuredValue.known_at) <= as_of,
        ~replaced,
    )
    if service:
        wanted = wanted.where(col(MeasuredValue.service) == service)
    found = [Value(*row) for row in session.connection().execute(wanted)]
    return sorted(found, key=lambda row: (row.starts_at, row.external_id))


def add_values(session: Session, source: str, told: Sequence[ToldValue], now: int) -> int:
    """Add what is new of values; what is there is never changed. Return how many rows were added.

    A value that says when it was recorded is compared with what was known then, one that does not with what
    is known now. The same value again adds nothing; another one is a new row, known since it was recorded.
    Where the feed does not say when, the first is known since the end of its stretch (but not later than
    `now`), a change since `now`; so is a second value for the very instant of a first.

    `now` is in epoch seconds. Two imports of one source at once wait for each other.
    """
    wait_for_others(session, f"values of {source}")
    known = _known(session, source, list({value.external_id: None for value in told}))
    added: list[ToldValue] = []
    for value in told:
        versions = known.setdefault(value.external_id, [])
        fresh = _fresh(value, versions, now)
        if fresh is not None:
            versions.append(fresh)
            versions.sort(key=_known_at)
            added.append(fresh)
    insert_rows(session, "measured_values", ("source", *_COLUMNS), [(source, *value) for value in added])
    return len(added)


def _fresh(value: ToldValue, versions: list[ToldValue], now: int) -> ToldValue | None:
    """What a told value adds to the versions known, which stand in the order of their knowledge."""
    if value.known_at is not None:
        before = [old for old in versions if _known_at(old) <= value.known_at]
        if before and _same(before[-1], value):
            return None
        if not before or before[-1].known_at != value.known_at:
            return value
        if any(_same(old, value) for old in versions if _known_at(old) > value.known_at):
            return None
    if not versions:
        return value._replace(known_at=min(value.ends_at, now))
    if _same(versions[-1], value):
        return None
    return value._replace(known_at=max(now, _known_at(versions[-1]) + 1))


def _known_at(value: ToldValue) -> int:
    assert value.known_at is not None, "what is stored was known at some time"
    return value.known_at


def _same(one: ToldValue, other: ToldValue) -> bool:
    return one[:-1] == other[:-1]


def _known(session: Session, source: str, external_ids: list[str]) -> dict[str, list[ToldValue]]:
    """The versions that are there of each value, in the order of their knowledge."""
    found: dict[str, list[ToldValue]] = {}
    is_one_of, wanted = one_of(session, external_ids)
    rows = session.connection().exec_driver_sql(
        f"SELECT {', '.join(_COLUMNS)} FROM measured_values WHERE source = {mark(session)} "
        f"AND external_id {is_one_of} ORDER BY known_at",
        (source, wanted),
    )
    for row in rows:
        found.setdefault(row[0], []).append(ToldValue(*row))
    return found
