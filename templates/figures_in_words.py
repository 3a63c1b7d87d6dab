"""A target's figures as people read them: "97.4 %", "99.93 % of 18,000 min", "1,180 EUR"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from models.versions import BoundSide, Indicator
from templates.numbers import amount, percent


@dataclass(frozen=True)
class _Figures:
    """The figures of one target, wherever they come from."""

    indicator: Indicator
    measure: str
    bound: float | None
    bound_side: str
    known: int
    hits: int
    undecided: int
    value: float | None
    unit: str

    @classmethod
    def of(cls, row: Any, target: Any) -> Self:
        """Read an assessment, a trial's result, a row of a report, or a target just measured."""
        stated = _said(row, "target") if target is None else target
        stated = row if stated is None or isinstance(stated, str) else stated
        bound = _said(stated, "bound")
        value = _said(row, "value")
        return cls(
            Indicator(_said(stated, "indicator") or Indicator.RESOLUTION),
            _said(stated, "measure") or "",
            None if bound is None else float(bound),
            str(_said(stated, "bound_side") or BoundSide.AT_MOST.value),
            _said(row, "known") or 0,
            _said(row, "hits") or 0,
            _said(row, "undecided") or 0,
            None if value is None else float(value),
            _said(row, "unit") or "",
        )


def figure(row: Any, target: Any = None) -> str:
    """Return the figure itself: "97.4 %", an availability "99.93 %", a cost "1,180 EUR", or "no ticket".

    An availability is rounded down, so that what falls short never reads as if it did not.

    Args:
        row: what has `known`, `hits` and `undecided`, as attributes or keys: an assessment, a trial's result,
            a row of a report, a target just measured.
        target: of the row, where it does not say itself what was measured.
    """
    found = _Figures.of(row, target)
    if found.indicator == Indicator.COST:
        return _cost(found)
    if not found.known:
        return _NOTHING.get(found.indicator, "no ticket")
    if found.indicator == Indicator.AVAILABILITY:
        return _rounded_down(found.hits, found.known)
    return percent(found.hits / found.known)


def counted(row: Any, target: Any = None) -> str:
    """Return what a figure is of: "27 of 30, 2 undecided", "of 18,000 min", "of at most 1,200 EUR".

    Args:
        row: as `figure` takes it.
        target: as `figure` takes it.
    """
    found = _Figures.of(row, target)
    if found.indicator == Indicator.AVAILABILITY:
        return f"of {_minutes(found.known)} min" if found.known else ""
    if found.indicator == Indicator.COST:
        if found.bound is None or not (found.known or found.undecided):
            return ""
        return f"of {found.bound_side} {amount(found.bound)} {found.unit}".rstrip()
    of = f"{found.hits} of {found.known}"
    if found.indicator in _COUNTED:
        of = f"{found.hits:,} of {found.known:,} {_COUNTED[found.indicator] or found.measure}"
    return f"{of}, {found.undecided} undecided" if found.undecided else of


def figure_in_words(row: Any, target: Any = None) -> str:
    """Return the figures in a few words: "27 of 30, 2 undecided", "99.93 % of 18,000 min", "no cost known".

    Args:
        row: as `figure` takes it.
        target: as `figure` takes it.
    """
    found = _Figures.of(row, target)
    if found.indicator in (Indicator.AVAILABILITY, Indicator.COST):
        return f"{figure(row, target)} {counted(row, target)}".strip()
    return counted(row, target)


def kept_in_words(row: Any, target: Any = None) -> str:
    """Return what kept the promise: "27 of 30 tickets kept it, 2 undecided", "99.93 % of 18,000 min".

    Args:
        row: as `figure` takes it.
        target: as `figure` takes it.
    """
    found = _Figures.of(row, target)
    if found.indicator in _OTHERS:
        return figure_in_words(row, target)
    undecided = f", {found.undecided} undecided" if found.undecided else ""
    return f"{found.hits} of {found.known} tickets kept it{undecided}"


def share_in_words(row: Any, target: Any = None) -> str:
    """Return the figure and how much it is of: "90 % of 30", "99.93 % of 18,000 min", "no ticket".

    Args:
        row: as `figure` takes it.
        target: as `figure` takes it.
    """
    found = _Figures.of(row, target)
    shown = figure(row, target)
    if found.indicator in (Indicator.AVAILABILITY, Indicator.COST):
        return f"{shown} {counted(row, target)}".strip()
    if not found.known:
        return shown
    if found.indicator in _COUNTED:
        return f"{shown} of {found.known:,} {_COUNTED[found.indicator] or found.measure}"
    return f"{shown} of {found.known}"


_NOTHING = {
    Indicator.AVAILABILITY: "no service time",
    Indicator.RATIO: "nothing measured",
    Indicator.VALUE: "nothing measured",
    Indicator.SATISFACTION: "no answer",
}
_OTHERS = {Indicator.COST, *_NOTHING}
"""The indicators that count no tickets."""

_COUNTED = {Indicator.RATIO: "", Indicator.VALUE: "", Indicator.SATISFACTION: "answers"}
"""What is counted where it is no tickets; "" for the measure's own name."""


def _cost(found: _Figures) -> str:
    if found.value is not None:
        return f"{amount(found.value)} {found.unit}".strip()
    if not found.known:
        return "no cost known"
    return "within its bound" if found.hits else "beyond its bound"


def _rounded_down(up: int, all_of_it: int) -> str:
    """A share to the tenth of a percent, from 99 % on to the hundredth, where availabilities differ."""
    steps = 10_000 if 100 * up >= 99 * all_of_it else 1_000
    return percent(up * steps // all_of_it / steps)


def _minutes(seconds: int) -> str:
    return amount(round(seconds / 60, 1))


def _said(source: Any, name: str) -> Any:
    return source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
