"""Why figures differ from those that were kept: what was excluded since, and what became known since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from evidence.later_knowledge import tickets_known_later, values_known_later
from evidence.measuring import Measurement
from models.agreements import Agreement
from models.assessments import Assessment
from models.exclusions import Exclusion, ExclusionState
from models.version_words import Indicator
from states.figures import TargetFigures


@dataclass(frozen=True)
class _Judged:
    """How one ticket's stopwatch came out: its outcome, and from when till when it ran, in epoch seconds."""

    outcome: int
    start: int
    stop: int


def has_news(
    session: Session, agreement: Agreement, rows: Sequence[Assessment], after: datetime, until: datetime
) -> bool:
    """Return whether anything that assessments of one part may rest on became known between two instants."""
    part = _part(agreement, rows[0])
    repeats_count = any(row.target.get("indicator") == Indicator.NEXT_UPDATE for row in rows)
    return (
        bool(_excluded_since(session, agreement, rows[0], after, until))
        or bool(tickets_known_later(session, *part, after, until, most=1, updates=repeats_count))
        or values_known_later(session, *part, after, until)
    )


def causes(
    session: Session,
    agreement: Agreement,
    latest: Assessment,
    before: TargetFigures,
    now: TargetFigures,
    at: datetime,
) -> list[str]:
    """Return why `now`, as of `at`, differs from `before`, as of the newest figures that are kept.

    Returns:
        A line for each exclusion that was approved in between and touches a ticket that came out
        otherwise, then how many of those tickets had news; where nothing explains it, that the evidence
        itself is another.
    """
    excluded = _excluded_since(session, agreement, latest, latest.as_of, at)
    part = (*_part(agreement, latest), latest.as_of, at)
    if before.measurement is None or now.measurement is None:
        lines = [_line(row) for row in excluded if _may_touch(row, now.target.population)]
        if values_known_later(session, *part) or tickets_known_later(session, *part, most=1):
            lines.append("evidence known later")
        return lines or ["other evidence than was assessed"]
    changed = _changed(before.measurement, now.measurement)
    repeats_count = now.target.indicator == Indicator.NEXT_UPDATE
    news = tickets_known_later(session, *part, updates=repeats_count) & changed.keys()
    lines = [
        _line(row)
        for row in excluded
        if _may_touch(row, now.target.population) and _touches(row, changed, news)
    ]
    if news:
        lines.append(f"evidence known later: {len(news)} {'ticket' if len(news) == 1 else 'tickets'}")
    if not lines and all(judged.stop >= int(at.timestamp()) for judged in changed.values()):
        lines.append("open tickets have run on")
    return lines or ["other evidence than was assessed"]


def _line(row: Exclusion) -> str:
    return f"exclusion {row.id} approved: {row.reason}"


def _part(agreement: Agreement, row: Assessment) -> tuple[str, str, datetime, datetime]:
    return agreement.evidence_source, agreement.customer.name_in_evidence, row.starts_at, row.ends_at


def _excluded_since(
    session: Session, agreement: Agreement, row: Assessment, after: datetime, until: datetime
) -> list[Exclusion]:
    return list(
        session.exec(
            select(Exclusion)
            .where(
                Exclusion.agreement_id == agreement.id,
                Exclusion.state == ExclusionState.APPROVED,
                col(Exclusion.decided_at) > after,
                col(Exclusion.decided_at) <= until,
                Exclusion.ends_at > row.starts_at,
                Exclusion.starts_at < until,
            )
            .order_by(col(Exclusion.id))
        )
    )


def _changed(before: Measurement, now: Measurement) -> dict[str, _Judged]:
    """The tickets that came out otherwise, or count now and did not, or the other way round."""
    was, judged = _judged(before), _judged(now)
    named = was.keys() | judged.keys()
    return {
        name: judged.get(name) or was[name]
        for name in named
        if name not in was or name not in judged or was[name].outcome != judged[name].outcome
    }


def _judged(measurement: Measurement) -> dict[str, _Judged]:
    columns = (measurement.external_ids, measurement.outcomes, measurement.start, measurement.stop)
    return {
        str(name): _Judged(int(outcome), int(start), int(stop))
        for name, outcome, start, stop in zip(*columns, strict=True)
    }


def _touches(exclusion: Exclusion, changed: Mapping[str, _Judged], news: set[str]) -> bool:
    """Whether a ticket ran while this was excluded; those whose news explain them are left to the news."""
    start, end = exclusion.starts_at.timestamp(), exclusion.ends_at.timestamp()
    return any(
        judged.start < end and judged.stop > start and exclusion.ticket in ("", name)
        for name, judged in changed.items()
        if name not in news
    )


def _may_touch(exclusion: Exclusion, population: Mapping[str, str]) -> bool:
    """Whether an exclusion and a target can be about the same: they name no attribute differently."""
    return all(population.get(name, value) == value for name, value in exclusion.population.items())
