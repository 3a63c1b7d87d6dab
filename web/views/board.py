"""The cycle board: agreements by stage, each with its next date and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, func, or_, select

from models.agreements import Agreement, Stage
from models.parties import Party
from states.drafts import version_in_force
from web.views.standing import Standing, standings
from web.views.waiting import NextStep, next_steps

_MOST_CARDS = 40
_LAST = datetime.max.replace(tzinfo=UTC)  # where no date is set


@dataclass(frozen=True)
class Card:
    """One agreement on the board."""

    agreement: Agreement
    in_force: int | None
    standing: Standing
    next: NextStep


@dataclass(frozen=True)
class Column:
    """One stage and its agreements, the nearest next date first; `total` counts those left out as well."""

    stage: Stage
    cards: list[Card]
    total: int


@dataclass(frozen=True)
class Board:
    """The board.

    Attributes:
        columns: the six stages of the cycle, in its order, or the one that was asked for.
        ended: the agreements that are over.
        only: the stage asked for, None where all are shown.
        empty: there is no agreement at all.
    """

    columns: list[Column]
    ended: Column | None
    only: Stage | None
    empty: bool


def board(session: Session, at: datetime, q: str = "", stage: str = "") -> Board:
    """Return the board: all agreements, those that `q` is found in, or those of one stage."""
    only = Stage(stage) if stage in list(Stage) else None
    shown = [only] if only else list(Stage)
    columns = [_column(session, row, at, q, _MOST_CARDS if only is None else None) for row in shown]
    running = [column for column in columns if column.stage != Stage.ENDED]
    ended = next((column for column in columns if column.stage == Stage.ENDED), None)
    first = session.exec(select(Agreement.id).limit(1)).first()
    return Board(running, ended if ended and (ended.total or only) else None, only, first is None)


def _column(session: Session, stage: Stage, at: datetime, q: str, most: int | None) -> Column:
    conditions: list[Any] = [Agreement.stage == stage]
    if q:
        words = f"%{q.replace('%', '').lower()}%"
        customer = select(Party.name).where(Party.id == Agreement.customer_id).scalar_subquery()
        conditions.append(
            or_(
                func.lower(Agreement.reference).like(words),
                func.lower(Agreement.title).like(words),
                func.lower(customer).like(words),
            )
        )
    total = session.exec(select(func.count()).select_from(Agreement).where(*conditions)).one()
    rows: Sequence[Agreement] = (
        session.exec(
            select(Agreement)
            .where(*conditions)
            .order_by(col(Agreement.stage_since), col(Agreement.reference))
            .limit(most)
            .options(
                selectinload(Agreement.versions),  # type: ignore[arg-type]
                selectinload(Agreement.customer),  # type: ignore[arg-type]
            )
        ).all()
        if total
        else []
    )
    return Column(stage, _cards(session, stage, rows, at), total)


def _cards(session: Session, stage: Stage, rows: Sequence[Agreement], at: datetime) -> list[Card]:
    ids = [row.id for row in rows if row.id is not None]
    if not ids:
        return []
    standing = standings(session, ids)
    steps = next_steps(session, stage, rows, at)
    cards = []
    for row in rows:
        assert row.id is not None, "it was read from the database"
        in_force = version_in_force(row)
        number = in_force.number if in_force else None
        cards.append(Card(row, number, standing[row.id], steps[row.id]))
    return sorted(cards, key=lambda card: (card.next.at or _LAST, card.agreement.reference))
