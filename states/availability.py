"""The availability of a target's services: outages within its hours, net of approved maintenance."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlmodel import Session

from evidence.exclusions import ExcludedTime, read_exclusions
from evidence.outages import OUTAGE, Outage, read_outages, watched_since
from levels.availability import availability, down_time
from levels.edges import Edges
from levels.verdicts import Verdict
from models.agreements import Agreement
from models.sealing import canonical_json, sha256_of
from models.versions import ServiceLevelTarget
from states.calendars import calendar_of
from states.figures import TargetFigures

_NO_TIME: Edges = (np.empty(0, np.int64), np.empty(0, np.int64))


def availability_figures(
    session: Session,
    agreement: Agreement,
    target: ServiceLevelTarget,
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> TargetFigures:
    """Measure the share of the service seconds of [start, end) in which no outage stood, as known at `as_of`.

    Service seconds are those of the target's calendar until the earlier of `end` and `as_of`, less the
    maintenance that the customer approved; what was before the evidence source told anything is none of
    them. The services of one population are up while all of them are: their outages are united. Every second
    is counted and nothing is sampled, so both bounds are the share.

    Returns:
        Figures whose `known` are the service seconds and whose `hits` those that were up. Not enough evidence
        where there is no service second, or where the evidence source never recorded an outage of anybody.

    Raises:
        BadInputError: the population names an attribute that tickets do not have.
    """
    source, customer = agreement.evidence_source, agreement.customer.name_in_evidence
    since = watched_since(session, source, customer, as_of)
    start = max(start, since) if since else start
    until = max(min(end, as_of), start)
    outages = read_outages(session, source, customer, target.population, start, until, as_of)
    excluded = read_exclusions(session, agreement.id, start, as_of)
    windows = calendar_of(target.version, target.calendar, start, until).windows(start, until)
    maintenance = [row for row in excluded if _covers(row, target.population)]
    partial = [row for row in excluded if row not in maintenance]
    downs = [
        down_time(_edges(row.stretches), _stretches(excluded_of(row, partial)), *_seconds(start, until))
        for row in outages
    ]
    found = availability(windows, _stretches(maintenance), _joined(downs))
    digest = _digest(target, windows, outages, downs, maintenance)
    if found.share is None or since is None:
        return TargetFigures(target, 0, 0, 0, 0.0, 1.0, Verdict.NOT_ENOUGH, digest)
    verdict = Verdict.MET if found.share >= target.objective else Verdict.NOT_MET
    return TargetFigures(target, found.service_s, found.up_s, 0, found.share, found.share, verdict, digest)


def _covers(row: ExcludedTime, population: Mapping[str, str]) -> bool:
    """Whether an exclusion is for all that a population promises, and so takes service time away."""
    whole = {**population, "request_type": OUTAGE}.items()
    return not row.ticket and row.population.items() <= whole


def excluded_of(outage: Outage, excluded: Sequence[ExcludedTime]) -> list[ExcludedTime]:
    """Return what does not count of one outage: maintenance of its own service, or of its own number."""
    return [
        row
        for row in excluded
        if row.ticket in ("", outage.external_id) and row.population.items() <= outage.attributes.items()
    ]


def _stretches(excluded: Sequence[ExcludedTime]) -> Edges:
    return _edges([(row.start, row.end) for row in excluded])


def _edges(stretches: Sequence[tuple[int, int]]) -> Edges:
    both = np.array(stretches, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _joined(parts: Sequence[Edges]) -> Edges:
    return np.concatenate([_NO_TIME[0], *(part[0] for part in parts)]), np.concatenate(
        [_NO_TIME[1], *(part[1] for part in parts)]
    )


def _seconds(start: datetime, end: datetime) -> tuple[int, int]:
    return int(start.timestamp()), int(end.timestamp())


def _digest(
    target: ServiceLevelTarget,
    windows: Any,
    outages: Sequence[Outage],
    downs: Sequence[Edges],
    maintenance: Sequence[ExcludedTime],
) -> str:
    """The hash of the question, the hours, the outages as they count, and the maintenance."""
    counted = [
        [outage.external_id, opens.tolist(), closes.tolist()]
        for outage, (opens, closes) in zip(outages, downs, strict=True)
    ]
    question = {"indicator": target.indicator.value, "population": target.population}
    taken = sorted([row.start, row.end] for row in maintenance)
    return sha256_of(canonical_json([question, windows.tolist(), counted, taken]))
