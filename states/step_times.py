"""The time that a target's tickets spent in each step of the work, by the names of the steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from config.policy import policy
from evidence.exclusions import read_exclusions
from evidence.histories import Ints
from evidence.line_seconds import DETAILS, LineSeconds, seconds_by_line
from evidence.lines_of_intervals import UNNAMED
from evidence.measuring import measure
from evidence.store import read_histories
from levels.stopwatches import Outcome
from models.agreements import Agreement
from models.versions import ServiceLevelTarget
from states.calendars import calendar_of, settled_until
from states.ticket_evidence import question_of

WEEKS = 12
"""How many weeks of evidence are looked at unless others are asked for."""


@dataclass(frozen=True, eq=False)
class StepTimes:
    """A target's tickets, and what each consumed in each step.

    Attributes:
        outcomes: `levels.stopwatches.Outcome` codes, shape (tickets,).
        by_line: their working seconds by the line of the evidence.
        since, until: tickets opened in between were looked at.
    """

    outcomes: NDArray[np.int8]
    by_line: LineSeconds
    since: datetime
    until: datetime

    @property
    def told(self) -> bool:
        """Whether the evidence tells one line from another."""
        return self.by_line.lines not in ([], [UNNAMED])

    def of_steps(self, steps: Sequence[str], outcomes: Sequence[Outcome]) -> Ints:
        """Return the seconds of tickets with such outcomes, shape (tickets, steps + 1).

        The last column is time in lines that are no step. Upper and lower case are the same.
        """
        chosen = self.by_line.seconds[np.isin(self.outcomes, list(outcomes))]
        names = [step.casefold() for step in steps]
        seconds = np.zeros((len(chosen), len(steps) + 1), dtype=np.int64)
        for place, line in enumerate(self.by_line.lines):
            name = line.casefold()
            seconds[:, names.index(name) if name in names else -1] += chosen[:, place]
        return seconds


def recent_step_times(
    session: Session, agreement: Agreement, target: ServiceLevelTarget, at: datetime, weeks: int = WEEKS
) -> StepTimes:
    """Measure the tickets of the last weeks whose wait for resolution was over at `at`, as known then."""
    until = settled_until(target.version, at, policy().trial.longest_wait_days)
    return step_times(session, agreement, target, until - timedelta(weeks=weeks), until, at)


def step_times(
    session: Session,
    agreement: Agreement,
    target: ServiceLevelTarget,
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> StepTimes:
    """Measure a target's tickets opened in [start, end), as known at `as_of`, step by step."""
    question = question_of(target)
    histories = read_histories(
        session,
        agreement.evidence_source,
        agreement.customer.name_in_evidence,
        start,
        end,
        as_of,
        details=question.details.union(DETAILS),
    )
    calendar = calendar_of(target.version, target.calendar, start, as_of)
    exclusions = read_exclusions(session, agreement.id, start, as_of)
    measured = measure(histories, calendar, question, exclusions)
    return StepTimes(measured.outcomes, seconds_by_line(histories, measured, calendar), start, end)
