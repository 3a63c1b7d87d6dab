"""What is asked of tickets' stopwatches: the terms of a target that decide which time counts."""

import json
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from functools import cached_property
from typing import Any

from evidence.histories import UPDATES
from models.version_words import Indicator, PriorityChange, Reopening

STOPWATCHES = (
    Indicator.RESPONSE,
    Indicator.NEXT_UPDATE,
    Indicator.RESOLUTION,
    Indicator.STEP,
    Indicator.BETWEEN_STATES,
)
"""The indicators that are measured by a stopwatch for each ticket."""


@dataclass(frozen=True)
class Question:
    """The terms under which tickets are measured.

    Attributes:
        indicator: one of `STOPWATCHES`; it says what starts and stops the stopwatch.
        population: ticket attributes that must match; empty: every ticket.
        threshold_s: working seconds.
        pause_states: states in which the stopwatch stands still.
        reopening: whether a reopened ticket's stopwatch runs on or starts anew.
        priority_change: whether the population is matched by the priority at opening or at the stop.
        line: of a step: the line whose time counts.
        weekdays: "mon" to "sun": only tickets opened on them count; none: on any day.
        zone: IANA zone in which the weekdays are meant.
        from_states, to_states: of time between states: those that start the stopwatch and those that stop it.
    """

    indicator: str
    population: Mapping[str, str]
    threshold_s: int
    pause_states: Collection[str]
    reopening: str = Reopening.CONTINUE.value
    priority_change: str = PriorityChange.OPENING.value
    line: str = ""
    from_states: Collection[str] = ()
    to_states: Collection[str] = ()
    weekdays: Collection[str] = ()
    zone: str = "UTC"

    @property
    def by_last_priority(self) -> bool:
        """Whether a ticket is counted with the priority that it ended with."""
        return self.priority_change == PriorityChange.REMAINING and "priority" in self.population

    @property
    def details(self) -> frozenset[str]:
        """What the answer depends on beside states: of `histories.DETAILS` and `histories.UPDATES`."""
        line = ["line", "group_name"] if self.indicator == Indicator.STEP else []
        updates = [UPDATES] if self.indicator == Indicator.NEXT_UPDATE else []
        return frozenset(line + updates + (["priority"] if self.by_last_priority else []))

    @cached_property
    def clock(self) -> str:
        """The terms that decide which time counts, as JSON: equal ones share their stopwatches.

        Which tickets are asked about, and how much time they have, are not among them.
        """
        by_last = PriorityChange.REMAINING if self.by_last_priority else PriorityChange.OPENING
        anybody = replace(self, population={}, weekdays=(), zone="UTC", threshold_s=0)
        return replace(anybody, priority_change=by_last.value).text

    @cached_property
    def text(self) -> str:
        """It as canonical JSON, for a hash: what stands at its default is left out, and lists are sorted."""
        told: dict[str, Any] = {}
        for name, default in _DEFAULTS.items():
            value = getattr(self, name)
            if isinstance(value, str):
                value = str(value)  # a word of an enumeration is told as what it says
            elif isinstance(value, Mapping):
                value = dict(value)
            elif isinstance(value, Collection):
                value = sorted(value)
            if default is MISSING or value not in (default, []):
                told[name] = value
        return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


_DEFAULTS = {field.name: field.default for field in fields(Question)}
