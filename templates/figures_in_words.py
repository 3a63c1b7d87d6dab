"""A target's figures as people read them: "97.4 %", "99.93 % of 18,000 min", "1,180 EUR"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from models.version_words import BoundSide, Indicator
from templates.languages.telling import marked, told, told_list
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
        return told(_NOTHING.get(found.indicator, _NO_TICKET))
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
        return told("of %(minutes)s min", minutes=_minutes(found.known)) if found.known else ""
    if found.indicator == Indicator.COST:
        if found.bound is None or not (found.known or found.undecided):
            return ""
        return told("of %(bound)s", bound=_bound(found))
    of = told("%(hits)s of %(known)s", hits=found.hits, known=found.known)
    if found.indicator in _COUNTED:
        hits, known = amount(found.hits), amount(found.known)
        of = told("%(hits)s of %(known)s %(counted)s", hits=hits, known=known, counted=_counted(found))
    if not found.undecided:
        return of
    return told("%(counted)s, %(undecided)s undecided", counted=of, undecided=found.undecided)


def figure_in_words(row: Any, target: Any = None) -> str:
    """Return the figures in a few words: "27 of 30, 2 undecided", "99.93 % of 18,000 min", "no cost known".

    Args:
        row: as `figure` takes it.
        target: as `figure` takes it.
    """
    found = _Figures.of(row, target)
    if found.indicator in (Indicator.AVAILABILITY, Indicator.COST):
        return _beside(figure(row, target), counted(row, target))
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
    kept = told("%(hits)s of %(known)s tickets kept it", hits=found.hits, known=found.known)
    if not found.undecided:
        return kept
    return told("%(counted)s, %(undecided)s undecided", counted=kept, undecided=found.undecided)


def share_in_words(row: Any, target: Any = None) -> str:
    """Return the figure and how much it is of: "90 % of 30", "99.93 % of 18,000 min", "no ticket".

    Args:
        row: as `figure` takes it.
        target: as `figure` takes it.
    """
    found = _Figures.of(row, target)
    shown = figure(row, target)
    if found.indicator in (Indicator.AVAILABILITY, Indicator.COST):
        return _beside(shown, counted(row, target))
    if not found.known:
        return shown
    if found.indicator in _COUNTED:
        of = amount(found.known)
        return told("%(share)s of %(known)s %(counted)s", share=shown, known=of, counted=_counted(found))
    return told("%(share)s of %(known)s", share=shown, known=found.known)


_NO_TICKET = marked("no ticket")
_NOTHING = {
    Indicator.AVAILABILITY: marked("no service time"),
    Indicator.RATIO: marked("nothing measured"),
    Indicator.VALUE: marked("nothing measured"),
    Indicator.SATISFACTION: marked("no answer"),
}
_OTHERS = {Indicator.COST, *_NOTHING}
"""The indicators that count no tickets."""

_COUNTED = {Indicator.RATIO, Indicator.VALUE, Indicator.SATISFACTION}
"""Where something is counted that is no tickets."""


def _counted(found: _Figures) -> str:
    """What is counted where it is no tickets: answers, or what the measure is named after."""
    return told("answers") if found.indicator == Indicator.SATISFACTION else found.measure


def _bound(found: _Figures) -> str:
    limit = _with_unit(found.bound or 0, found.unit)
    if found.bound_side == BoundSide.AT_MOST:
        return told("at most %(limit)s", limit=limit)
    return told("at least %(limit)s", limit=limit)


def _beside(shown: str, of: str) -> str:
    return told("%(figure)s %(counted)s", figure=shown, counted=of) if of else shown


def _cost(found: _Figures) -> str:
    if found.value is not None:
        return _with_unit(found.value, found.unit)
    if not found.known:
        return told("no cost known")
    return told("within its bound") if found.hits else told("beyond its bound")


def _with_unit(value: float, unit: str) -> str:
    return told_list([amount(value), unit], " ") if unit else amount(value)


def _rounded_down(up: int, all_of_it: int) -> str:
    """A share to the tenth of a percent, from 99 % on to the hundredth, where availabilities differ."""
    steps = 10_000 if 100 * up >= 99 * all_of_it else 1_000
    return percent(up * steps // all_of_it / steps)


def _minutes(seconds: int) -> str:
    return amount(round(seconds / 60, 1))


def _said(source: Any, name: str) -> Any:
    return source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
