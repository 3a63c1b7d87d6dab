"""The misses of a concluded trial, each with what became of its time."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from sqlmodel import Session

from evidence.accounts import OF_STOPWATCHES, Counting
from evidence.exclusions import read_exclusions
from evidence.folding import fold, read_parents
from evidence.histories import DETAILS, UPDATES, TicketHistories
from evidence.ledgers import ledger_of
from evidence.measuring import Measurement, measure
from evidence.questions import STOPWATCHES, Question
from evidence.store import read_histories
from levels.calendars import Calendar
from levels.stopwatches import Outcome
from models.agreements import Agreement
from models.trials import Trial, TrialResult
from models.versions import AgreementVersion, ServiceLevelTarget
from states.calendars import calendar_of
from states.ticket_evidence import question_of


@dataclass(frozen=True)
class Miss:
    """A ticket that exceeded its threshold in a trial.

    Attributes:
        incident: the parent incident under which it is counted; its own external id where it has none.
        consumed_s: working seconds.
        stopped: whether it has ended.
        totals_s: real seconds of its life by what became of them.
    """

    external_id: str
    incident: str
    consumed_s: int
    stopped: bool
    totals_s: dict[Counting, int]

    def total(self, kind: Counting | str) -> int:
        """Return the seconds of one kind, such as "paused"."""
        return self.totals_s[Counting(kind)]


def misses_of(session: Session, agreement: Agreement, trial: Trial, as_of: datetime) -> dict[str, list[Miss]]:
    """Return the misses of each target of a trial, the slowest first, as they were known at `as_of`.

    Targets that no stopwatch measures have none.
    """
    version = session.get_one(AgreementVersion, trial.version_id)
    tried = {row.target_key: row for row in trial.results}
    targets = [row for row in version.targets if row.key in tried and row.indicator in STOPWATCHES]
    source, customer = agreement.evidence_source, agreement.customer.name_in_evidence
    window = trial.starts_at, trial.ends_at, as_of
    histories = read_histories(session, source, customer, *window, details=(*DETAILS, UPDATES))
    exclusions = read_exclusions(session, agreement.id, trial.starts_at, as_of)
    parents = read_parents(session, source, customer, trial.ends_at, as_of)
    found = {}
    for target in targets:
        calendar = calendar_of(target.version, target.calendar, trial.starts_at, as_of)
        asked = _as_tried(target, tried[target.key])
        whole = measure(histories, calendar, asked, exclusions)
        late = whole.external_ids[whole.outcomes == Outcome.MISS]
        own = histories.where(np.isin(histories.external_ids, late))
        measured = measure(own, calendar, asked, exclusions)
        found[target.key] = _misses(own, measured, calendar, parents)
    return found


def _as_tried(target: ServiceLevelTarget, result: TrialResult) -> Question:
    """The draft's target may have been revised since: the misses are those of the promise that was tried."""
    asked = replace(question_of(target), threshold_s=result.threshold_s)
    return replace(asked, **result.condition.get("tried", {}))


def _misses(
    own: TicketHistories, measured: Measurement, calendar: Calendar, parents: dict[str, str]
) -> list[Miss]:
    incidents = fold(measured, parents)
    found = []
    for ticket, name in enumerate(measured.external_ids):
        lines = ledger_of(own, measured, calendar, ticket)
        totals: dict[Counting, int] = {
            kind: sum(line.seconds for line in lines if line.counting == kind) for kind in OF_STOPWATCHES
        }
        found.append(
            Miss(
                str(name),
                str(incidents.incidents[incidents.number[ticket]]),
                int(measured.consumed[ticket]),
                bool(measured.stopped[ticket]),
                totals,
            )
        )
    return sorted(found, key=lambda row: (-row.consumed_s, row.external_id))
