"""Restated figures beside those that were reported: their difference, and both in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.agreements import Agreement
from models.assessments import Assessment
from states.experience import delivered
from templates.figures_in_words import figure_in_words

FIGURES = ("known", "hits", "undecided", "verdict", "value")


@dataclass(frozen=True)
class Restated:
    """A restatement beside the figures that were reported."""

    original: Assessment
    row: Assessment

    @property
    def difference(self) -> dict[str, tuple[Any, Any]]:
        """By figure, what was reported and what is known now; empty where it came back to the same."""
        pairs = {name: (getattr(self.original, name), getattr(self.row, name)) for name in FIGURES}
        return {name: (was, now) for name, (was, now) in pairs.items() if was != now}


def figure_of(row: Assessment) -> str:
    """Return an assessment's figure in words: "27 of 30", "27 of 30, 2 undecided", "1,200 EUR"."""
    return figure_in_words(row)


def restatements_of(
    session: Session, agreement: Agreement, *, period_id: int | None = None, after: datetime | None = None
) -> list[Restated]:
    """Return an agreement's restatements with their originals, oldest first.

    Args:
        session: the caller's.
        agreement: whose.
        period_id: of this period alone.
        after: only those made after this instant.
    """
    wanted = select(Assessment).where(Assessment.agreement_id == agreement.id)
    if period_id is not None:
        wanted = wanted.where(Assessment.period_id == period_id)
    rows = session.exec(wanted.order_by(col(Assessment.id))).all()
    originals = {(row.period_id, row.version_id, row.target_key): row for row in rows if row.number == 0}
    return [
        Restated(originals[row.period_id, row.version_id, row.target_key], row)
        for row in rows
        if row.number and (after is None or row.as_of > after)
    ]


def restated_told(restated: Restated) -> dict[str, Any]:
    """Return a restatement as plain data: both figures as reports print them, and why they differ."""
    row = restated.row
    return {
        "key": row.target_key,
        "number": row.number,
        "from": row.starts_at.isoformat(),
        "to": row.ends_at.isoformat(),
        "at": row.as_of.isoformat(),
        "reason": row.reason,
        "figure": figure_of(row),
        "reported": figure_of(restated.original),
        "now": delivered(row),
        "before": delivered(restated.original),
    }
