"""Due rows claimed and acted on: one transaction a row, or one for a few rows as long as none of them fails.

Rows are locked as they are claimed (`FOR UPDATE SKIP LOCKED`; on SQLite the transaction holds the write
lock from its start), and what was done is not due any more, so any number of workers may run at once. A row
that fails is set aside for this run and does not stop the rest.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col
from sqlmodel.sql.expression import SelectOfScalar

from mail.error_lines import in_one_line, place_of
from models.agreements import Agreement
from models.database import transaction

Row = TypeVar("Row", bound=SQLModel)
Work: TypeAlias = Iterable[Callable[[], str]]
"""What acts on rows, one call a row; each returns a line that tells what was done."""

_log = logging.getLogger(__name__)


@dataclass
class SweepReport:
    """What a sweep did.

    Attributes:
        done: a line for each thing done.
        problems: a line for each thing that failed and was set aside.
    """

    sweep: str
    done: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def act_on_each(
    engine: Engine, report: SweepReport, due: SelectOfScalar[Row], act: Callable[[Session, Row], str]
) -> None:
    """Claim and act on due rows, one transaction each, until none is left but those that failed."""

    def works(session: Session, rows: Sequence[Row]) -> Work:
        return [partial(act, session, row) for row in rows]

    act_together(engine, report, due, works, at_a_time=1)


def act_together(
    engine: Engine,
    report: SweepReport,
    due: SelectOfScalar[Row],
    works: Callable[[Session, Sequence[Row]], Work],
    at_a_time: int,
) -> None:
    """Claim and act on due rows, a few in one transaction, until none is left but those that failed.

    Each row is still all or nothing by itself: where anything fails, of one row or of what `works` does for
    all of them, nothing of the few stays, and from then on each row has a transaction of its own.

    Args:
        engine: of the database.
        report: told what was done and what failed, once it is committed.
        due: selects the rows.
        works: gives what acts on each of the rows that were claimed.
        at_a_time: how many rows are claimed together.
    """
    model: Any = due.column_descriptions[0]["entity"]
    due, locked = _with_agreement(due, model)
    failed: set[int] = set()
    while True:
        claimed: list[int] = []
        try:
            with transaction(engine) as session:
                rows = session.exec(
                    due.where(col(model.id).not_in(failed))
                    .limit(at_a_time)
                    .with_for_update(skip_locked=True, of=locked)
                ).all()
                if not rows:
                    return
                claimed = [row.id for row in rows]  # type: ignore[attr-defined]
                done = [act() for act in works(session, rows)]
        except Exception as error:
            if not claimed:
                raise
            told = in_one_line(error)
            if len(claimed) > 1:
                _log.warning("%s: %s rows are done again, one by one: %s", report.sweep, len(claimed), told)
                at_a_time = 1
                continue
            where = place_of(error)
            _log.warning("%s: row %s set aside: %s\n%s", report.sweep, *claimed, told, where)
            failed.update(claimed)
            report.problems.append(f"{model.__tablename__} {claimed[0]}: {told}")
        else:
            report.done += done


def _with_agreement(due: SelectOfScalar[Row], model: Any) -> tuple[SelectOfScalar[Row], list[Any]]:
    """The same rows, and what is locked of each: itself and its agreement."""
    if model is Agreement:
        return due, [model]
    # a move locks its agreement first: whoever locks in another order may wait for it crosswise
    held = aliased(Agreement)
    return due.join(held, col(held.id) == model.agreement_id), [model, held]
