"""What an assessment keeps of its target: the terms, the steps, and hashes of what was counted and when."""

import hashlib
from datetime import datetime
from typing import Any

from numpy.typing import NDArray
from sqlmodel import Session

from models.agreements import Agreement
from states.calendars import calendar_of
from states.figures import TargetFigures
from states.promises import promise_of
from states.step_misses import frozen_steps


def frozen_target(
    session: Session,
    agreement: Agreement,
    figures: TargetFigures,
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> dict[str, Any]:
    """Return what an assessment of [start, end) keeps of its target: its terms, and `frozen_counts`."""
    target = figures.target
    return {
        **target.model_dump(mode="json", exclude={"id", "version_id"}),
        "promise": promise_of(target),
        "version": target.version.number,
        **frozen_counts(session, agreement, figures, start, end, as_of),
    }


def frozen_counts(
    session: Session,
    agreement: Agreement,
    figures: TargetFigures,
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> dict[str, Any]:
    """Return what an assessment keeps of how its tickets were counted; {} where it counts none.

    Returns:
        `steps` where the target has any (see `states.step_misses.frozen_steps`). `consumed_sha256`, of every
        ticket's working seconds. `hours_sha256`, of the windows of the target's calendar from the beginning
        of the period to `as_of`: the hash of the inputs does not tell which hours they were measured on.
    """
    if figures.measurement is None:
        return {}
    target = figures.target
    windows = calendar_of(target.version, target.calendar, start, as_of).windows(start, as_of)
    return {
        **frozen_steps(session, agreement, target, start, end, as_of),
        "consumed_sha256": _sha256(figures.measurement.consumed),
        "hours_sha256": _sha256(windows),
    }


def _sha256(numbers: NDArray[Any]) -> str:
    """The hash of whole numbers as little-endian int64, row by row."""
    return hashlib.sha256(numbers.astype("<i8").tobytes()).hexdigest()
