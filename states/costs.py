"""The cost of a service in a window: what was imported, else what the version says it costs."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from evidence.measured_values import Value
from evidence.ticket_counts import count_opened
from levels.costs import Per, fixed_cost, units_between
from levels.verdicts import Verdict
from models.agreements import Agreement
from models.sealing import canonical_json, sha256_of
from models.version_words import BoundSide
from models.versions import ServiceLevelTarget
from states.calendars import zone_of
from states.figures import TargetFigures


def cost_figures(
    session: Session,
    agreement: Agreement,
    target: ServiceLevelTarget,
    start: datetime,
    end: datetime,
    as_of: datetime,
    imported: list[Value],
) -> TargetFigures:
    """Hold the cost of [start, end), as known at `as_of`, against the target's bound.

    The bound is for one review period. In a window that is longer than one the cost of a review period on
    average is held against it. `imported` are the values of the target's measure in the window; where there
    are none the version's own cost counts.

    Returns:
        Figures whose `value` is the amount, with `known` 1, and `hits` 1 where the bound is kept. Not enough
        evidence where no cost is known, where currencies differ, or where the window is not over and what
        it costs so far does not yet decide.

    Raises:
        BadInputError: the population names an attribute that tickets do not have.
    """
    told = _summed(imported) if imported else _agreed(session, agreement, target, start, end, as_of)
    rows = [list(row) for row in imported] if imported else [target.version.cost, told]
    question = {
        "indicator": target.indicator.value,
        "measure": target.measure,
        "population": target.population,
        "bound": target.bound,
    }
    digest = sha256_of(canonical_json([question, rows]))
    if told is None or target.bound is None:
        return TargetFigures(target, 0, 0, 0, 0.0, 1.0, Verdict.NOT_ENOUGH, digest)
    length: Per = "quarter" if target.version.review_period == "quarter" else "month"
    periods = units_between(start, end, length, _zone_of(target, start, end))
    amount, unit = round(told[0] / max(1.0, float(periods)), 2), told[1]
    at_most = target.bound_side == BoundSide.AT_MOST
    kept = amount <= target.bound if at_most else amount >= target.bound
    if as_of < end and kept == at_most:  # more of it can still turn this outcome, and none other
        return TargetFigures(target, 0, 0, 1, 0.0, 1.0, Verdict.NOT_ENOUGH, digest, value=amount, unit=unit)
    share, verdict = (1.0, Verdict.MET) if kept else (0.0, Verdict.NOT_MET)
    return TargetFigures(target, 1, int(kept), 0, share, share, verdict, digest, value=amount, unit=unit)


def _zone_of(target: ServiceLevelTarget, start: datetime, end: datetime) -> str:
    """The version's zone where a month of it starts or ends the window, else UTC, as periods once did."""
    zone = zone_of(target.version)
    edges = [at.astimezone(ZoneInfo(zone)) for at in (start, end)]
    return zone if any(f"{edge:%d %H:%M:%S}" == "01 00:00:00" for edge in edges) else "UTC"


def _summed(imported: list[Value]) -> tuple[float, str] | None:
    units = {row.unit for row in imported}
    if len(units) > 1:
        return None  # francs and euros have no sum
    return round(sum(row.value for row in imported), 2), units.pop()


def _agreed(
    session: Session,
    agreement: Agreement,
    target: ServiceLevelTarget,
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> tuple[float, str] | None:
    """What the version's cost comes to: its `amount` for a time, and its prices `per_ticket` by priority."""
    cost = target.version.cost
    found: list[float] = []
    amount, per = _number(cost.get("amount")), cost.get("per")
    if amount is not None and per in ("month", "quarter", "year"):
        found.append(fixed_cost(amount, per, start, end, _zone_of(target, start, end)))
    prices = cost.get("per_ticket")
    if isinstance(prices, dict):
        for priority, price in sorted(prices.items()):
            number = _number(price)
            if number is not None:
                opened = _opened(session, agreement, target, priority, start, end, as_of)
                found.append(number * opened)
    return (round(sum(found), 2), str(cost.get("currency", ""))) if found else None


def _opened(
    session: Session,
    agreement: Agreement,
    target: ServiceLevelTarget,
    priority: str,
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> int:
    return count_opened(
        session,
        agreement.evidence_source,
        agreement.customer.name_in_evidence,
        start,
        end,
        as_of,
        {**target.population, "priority": priority},
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
