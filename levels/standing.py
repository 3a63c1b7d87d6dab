"""Standing: whether the agreement that carries a step is there, for as long, and at work when it is needed.

"A notice period longer than the promise" has two readings, and both are checked:

- *Notice to leave.* The support may be ended at shorter notice than the promise itself, so the provider may
  stand without it while it is still bound: `GapKind.LEAVES_SOONER`. A support that is bound for longer than
  the promise costs money and endangers nothing.
- *Notice of work.* The support must be told beforehand, or may announce maintenance, for longer than the
  promise lasts, so a ticket opened as the standstill begins cannot be kept: `GapKind.STANDSTILL`.
"""

from datetime import datetime

import numpy as np

from levels.calendars import Calendar
from levels.in_words import duration_in_words, instant_in_words
from levels.moments import whole_seconds
from levels.support_terms import GapKind, Promise, Step, SupportGap


def standing_gaps(promised: Promise, step: Step, start: datetime, end: datetime) -> list[SupportGap]:
    """In what the agreement that carries a step stands badly.

    Args:
        promised: what the customer is promised.
        step: the step.
        start: from when the promise holds.
        end: until when it is judged if it has no end itself.
    """
    support = step.carried_by
    if support is None:
        sentence = f"Nothing carries the {step.name} and its budget of {duration_in_words(step.budget_s)}."
        return [SupportGap(GapKind.NOT_CARRIED, step.name, sentence)]
    found = (
        _not_yet_in_force(promised, support, start),
        _ends_before(promised, support, end),
        _leaves_sooner(promised, support),
        _stands_still(promised, support, start, end),
    )
    return [SupportGap(kind, step.name, sentence) for kind, sentence in found if sentence]


def _not_yet_in_force(promised: Promise, support: Promise, start: datetime) -> tuple[GapKind, str]:
    begins, sentence = support.in_force_from, ""
    if begins is None:
        sentence = f"{_named(support)} is not in force, and from when it will be is not agreed."
    elif begins > start:
        sentence = (
            f"{_named(support)} is in force from {_date(begins, promised)}, "
            f"{_days((begins - start).total_seconds())} after {promised.name} begins on "
            f"{_date(start, promised)}."
        )
    return GapKind.NOT_YET_IN_FORCE, sentence


def _ends_before(promised: Promise, support: Promise, end: datetime) -> tuple[GapKind, str]:
    lasts, ends, sentence = promised.in_force_until or end, support.in_force_until, ""
    if ends is not None and ends < lasts:
        until = "runs until" if promised.in_force_until else "has no end and is judged until"
        sentence = (
            f"{_named(support)} ends on {_date(ends, promised)}, {_days((lasts - ends).total_seconds())} "
            f"sooner than {promised.name}, which {until} {_date(lasts, promised)}."
        )
    return GapKind.ENDS_BEFORE, sentence


def _leaves_sooner(promised: Promise, support: Promise) -> tuple[GapKind, str]:
    ours, theirs, sentence = promised.notice_days, support.notice_days, ""
    if ours is not None and theirs is not None and theirs < ours:
        sentence = (
            f"{_named(support)} may be ended at {theirs} days' notice, {promised.name} only at {ours}, so "
            f"for {ours - theirs} days the promise may stand without it."
        )
    return GapKind.LEAVES_SOONER, sentence


def _stands_still(promised: Promise, support: Promise, start: datetime, end: datetime) -> tuple[GapKind, str]:
    worked, sentence = _most_worked(promised.calendar, support.standstill_s, start, end), ""
    if worked > promised.threshold_s:
        sentence = (
            f"{_named(support)} may stand still for {duration_in_words(support.standstill_s)} at a time, "
            f"which hold up to {duration_in_words(worked)} of the customer's hours, "
            f"{duration_in_words(worked - promised.threshold_s)} more than the "
            f"{duration_in_words(promised.threshold_s)} that {promised.name} allows."
        )
    return GapKind.STANDSTILL, sentence


def _most_worked(calendar: Calendar, length_s: int, start: datetime, end: datetime) -> int:
    """The most working seconds that any stretch of that length holds.

    The stretch that holds most begins at an opening or ends at a closing.
    """
    first, last = int(whole_seconds(start)), int(whole_seconds(end)) - length_s
    begins = np.concatenate([[first], calendar.opens, calendar.closes - length_s])
    begins = begins[(begins >= first) & (begins <= max(first, last))]
    return int(calendar.elapsed(begins, begins + length_s).max())


def _named(support: Promise) -> str:
    return support.name[:1].upper() + support.name[1:]


def _date(instant: datetime, promised: Promise) -> str:
    """The instant's day and time on the customer's clock."""
    return instant_in_words(int(whole_seconds(instant)), promised.calendar.hours.zone)


def _days(seconds: float) -> str:
    whole = max(round(seconds / 86_400), 1)
    return f"{whole} day" + ("s" if whole > 1 else "")
