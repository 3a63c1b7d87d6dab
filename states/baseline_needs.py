"""Needs that the data shows and nobody has stated, and requirements that no target expresses yet."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from evidence.histories import TicketHistories
from evidence.questions import STOPWATCHES
from models.version_words import Settlement
from models.versions import Requirement, ServiceLevelTarget
from states.baseline_figures import DemandFigures, Proposal, proposal
from states.baseline_inputs import BaselineInputs
from states.hours_in_words import WEEKDAYS, listed
from templates.render import percent

OUTSIDE_FROM = 0.05
UNCOVERED_FROM = 5
_MOST_UNCOVERED = 5
_ATTRIBUTES = {
    "priority": "priority {}",
    "service": "the service {}",
    "request_type": "requests of type {}",
    "category": "{}",
}
_OUT_OF_HOURS = ("evening", "night", "weekend", "round the clock", "24/7", "out of hours", "outside service")


def unstated_needs(inputs: BaselineInputs, demand: DemandFigures) -> list[Proposal]:
    """Propose what no requirement or target mentions: peaks, demand out of hours, tickets without a target.

    A requirement mentions a need if its text has one of the need's words, such as the weekday's name.
    """
    texts = " ".join(row.text.lower() for row in inputs.version.requirements)
    needs = [
        proposal(
            kind="unstated need",
            text=f"{peak['name']} brings {peak['ratio']:.1f} times the average service hour, and no "
            "requirement speaks of it",
            data={"need": "peak", "peak": dict(peak)},
        )
        for peak in demand["peaks"]
        if WEEKDAYS[peak["weekday"]].lower() not in texts and "peak" not in texts
    ]
    if demand["outside_share"] >= OUTSIDE_FROM and not any(word in texts for word in _OUT_OF_HOURS):
        share = percent(round(demand["outside_share"], 3))
        needs.append(
            proposal(
                kind="unstated need",
                text=f"{share} of the tickets ({demand['outside']}) are opened outside service hours, "
                f"{_when(demand)}, and no requirement speaks of it",
                data={"need": "out of hours", "outside": demand["outside"], "share": demand["outside_share"]},
            )
        )
    return needs + _uncovered(inputs.handled.histories, inputs.version.targets)


def without_target(requirements: Iterable[Requirement]) -> list[Proposal]:
    """Name the requirements that stand and that no target expresses."""
    return [
        proposal(
            kind="requirement without target",
            text=f"“{row.text}” ({row.origin}) is not yet expressed as a target",
            data={"requirement": row.text, "origin": row.origin.value, "settlement": row.settlement.value},
        )
        for row in requirements
        if row.target_key is None and row.settlement != Settlement.DROPPED
    ]


def _uncovered(histories: TicketHistories, targets: Iterable[ServiceLevelTarget]) -> list[Proposal]:
    covered = np.zeros(len(histories), dtype=np.bool_)
    for target in targets:
        if target.indicator in STOPWATCHES:
            covered |= _matches(histories, target.population)
    if not covered.any():
        return [_nothing_covered(len(histories))]
    found = [
        (tickets, name, value)
        for name in _ATTRIBUTES
        for value, tickets in _values_without(histories.attributes[name], covered)
        if tickets >= UNCOVERED_FROM
    ]
    return [
        proposal(
            kind="unstated need",
            text=f"no target covers {_ATTRIBUTES[name].format(value)}: {tickets} tickets",
            data={"need": "uncovered", "attribute": name, "value": value, "tickets": tickets},
        )
        for tickets, name, value in sorted(found, key=lambda row: (-row[0], row[1:]))[:_MOST_UNCOVERED]
    ]


def _nothing_covered(tickets: int) -> Proposal:
    return proposal(
        kind="unstated need",
        text=f"no target covers any of the {tickets} tickets",
        data={"need": "uncovered", "attribute": "", "value": "", "tickets": tickets},
    )


def _matches(histories: TicketHistories, population: Mapping[str, str]) -> NDArray[np.bool_]:
    chosen = np.ones(len(histories), dtype=np.bool_)
    for name, value in population.items():
        chosen &= histories.attributes[name] == value
    return chosen


def _values_without(column: NDArray[np.object_], covered: NDArray[np.bool_]) -> list[tuple[str, int]]:
    """The values of an attribute none of whose tickets is covered, with their tickets."""
    having = {str(value) for value in column[covered]} | {""}
    values, tickets = np.unique(column[~covered].astype(str), return_counts=True)
    return [
        (str(value), int(n)) for value, n in zip(values, tickets, strict=True) if str(value) not in having
    ]


def _when(demand: DemandFigures) -> str:
    """Where more than half of the demand outside service hours lies: evenings, nights, mornings, weekends."""
    parts: dict[str, float] = defaultdict(float)
    for weekday, (counts, service) in enumerate(zip(demand["counts"], demand["service"], strict=True)):
        for hour, (tickets, open_) in enumerate(zip(counts, service, strict=True)):
            parts[_part(weekday, hour)] += tickets * (1 - open_)
    named: list[str] = []
    for part in sorted(parts, key=lambda part: -parts[part]):
        named.append(part)
        if 2 * sum(parts[each] for each in named) > sum(parts.values()):
            break
    return f"mostly {listed(named)}"


def _part(weekday: int, hour: int) -> str:
    if weekday >= 5:
        return "at the weekend"
    if hour >= 22 or hour < 5:
        return "at night"
    return "early in the morning" if hour < 12 else "in the evening"
