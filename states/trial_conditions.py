"""Conditions: the weekday, category, service, line or group without which a tried target would hold."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from config.policy import policy
from evidence.histories import Ints, TicketHistories
from evidence.measuring import Measurement
from evidence.store import read_histories
from levels.conditions import Labels, find_condition
from models.agreements import Agreement
from models.trials import Trial
from models.versions import ServiceLevelTarget
from states.calendars import calendar_of
from states.hours_in_words import WEEKDAYS
from states.trial_figures import TrialFigures
from states.trial_words import condition_in_words


def condition_of(
    session: Session, agreement: Agreement, trial: Trial, seen: TrialFigures, at: datetime
) -> dict[str, Any]:
    """Return the smallest change that would make a tried target hold, {} where there is none.

    Looked at are the weekday of opening in the zone of the target's calendar, category, service, and the line
    and the group that had the ticket last.

    Returns:
        `sentence`; `column` and `value` of the part that is set apart, and `others`, the values of all other
        tickets; what the evidence supports for the part, `threshold_s` and `objective`; `hits` and `known` of
        the rest under the stated target; `tickets_apart`, `misses_apart`, `looked_at` and `confidence`.
    """
    observations, measurement, target = seen.observations, seen.figures.measurement, seen.target
    if observations is None or measurement is None:
        return {}
    labels = {
        name: column[observations.first]
        for name, column in _labels(session, agreement, trial, target, measurement, at).items()
    }
    found = find_condition(
        observations.consumed,
        ~observations.stopped,
        observations.outcomes,
        labels,
        target.threshold_s,
        target.objective,
        trial.confidence,
        policy().verdicts.counter_offer_floor,
    )
    if found is None:
        return {}
    others = sorted({str(name) for name in labels[found.column]} - {found.value})
    return {
        "sentence": condition_in_words(found, others, target.objective),
        "column": found.column,
        "value": found.value,
        "others": others,
        "threshold_s": found.offer.threshold_s,
        "objective": found.offer.objective,
        "hits": found.hits,
        "known": found.known,
        "tickets_apart": found.tickets_apart,
        "misses_apart": found.misses_apart,
        "looked_at": found.looked_at,
        "confidence": found.confidence,
    }


def _labels(
    session: Session,
    agreement: Agreement,
    trial: Trial,
    target: ServiceLevelTarget,
    measurement: Measurement,
    at: datetime,
) -> dict[str, Labels]:
    """What may explain the misses, for each measured ticket."""
    histories = read_histories(
        session,
        agreement.evidence_source,
        agreement.customer.name_in_evidence,
        trial.starts_at,
        trial.ends_at,
        at,
        details=("line", "group_name"),
    )
    own = histories.where(np.isin(histories.external_ids, measurement.external_ids))
    zone = ZoneInfo(calendar_of(target.version, target.calendar, trial.starts_at, at).hours.zone)
    days = [WEEKDAYS[datetime.fromtimestamp(opened, zone).weekday()] for opened in own.opened_at.tolist()]
    return {
        "weekday": np.array(days, dtype=np.str_),
        "category": own.attributes["category"].astype(np.str_),
        "service": own.attributes["service"].astype(np.str_),
        "line": _last(own, "line", measurement.stop),
        "group": _last(own, "group_name", measurement.stop),
    }


def _last(histories: TicketHistories, detail: str, stop: Ints) -> NDArray[np.str_]:
    """The detail that each ticket had last before its stop; "" where it never had any."""
    told, ticket = histories.details[detail].astype(np.str_), histories.interval_ticket
    named = np.flatnonzero((told != "") & (histories.interval_start <= stop[ticket]))
    last = np.full(len(histories), -1, dtype=np.int64)
    np.maximum.at(last, ticket[named], named)
    return np.where(last >= 0, told[last] if len(told) else "", "")
