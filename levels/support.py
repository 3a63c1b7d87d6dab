"""Support: whether the promises of teams, OLAs and underpinning contracts add up to the customer's promise.

Each function looks at one respect and returns the gaps it finds; `gaps_of_support` looks at all of them over
a year from the promise's beginning. Tickets are taken to go through the steps one after another.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from levels.chains import Link, worst_opening
from levels.coverage import uncovered
from levels.in_words import duration_in_words, hours_in_words, instant_in_words, share_in_words
from levels.moments import whole_seconds
from levels.standing import standing_gaps
from levels.support_terms import GapKind, Promise, Step, SupportGap

YEAR = timedelta(days=365)
_TOLERANCE = 1e-9


def gaps_of_support(promised: Promise, steps: Sequence[Step], start: datetime) -> list[SupportGap]:
    """Everything in which the support of a target falls short of it.

    Args:
        promised: what the customer is promised.
        steps: the steps of the work, in their order; none means that the target is not broken down, and
            then nothing is found.
        start: from when the promise holds; the check covers 365 days from then.

    Returns:
        The gaps, those of the whole before those of single steps; an empty list if the support adds up.

    Raises:
        CalendarSpanError: a calendar was not compiled for the year and what runs on after it.
        ValueError: ``start`` has no time zone.
    """
    first, last = (int(whole_seconds(each)) for each in (start, start + YEAR))
    gaps = [
        *budget_gaps(promised, steps),
        *chain_gaps(promised, steps, first, last),
        *objective_gaps(promised, steps),
        *availability_gaps(promised, steps),
        *coverage_gaps(promised, steps, first, last),
    ]
    for step in steps:
        gaps += standing_gaps(promised, step, start, start + YEAR)
    return gaps


def budget_gaps(promised: Promise, steps: Sequence[Step]) -> list[SupportGap]:
    """Budgets, all of them meant on the customer's calendar, that add up to more than the threshold."""
    total = sum(step.budget_s for step in steps)
    if total <= promised.threshold_s:
        return []
    parts = " + ".join(f"{duration_in_words(step.budget_s)} ({step.name})" for step in steps)
    sentence = (
        f"The step budgets {parts} add up to {duration_in_words(total)}, "
        f"{duration_in_words(total - promised.threshold_s)} more than the "
        f"{duration_in_words(promised.threshold_s)} promised."
    )
    return [SupportGap(GapKind.BUDGETS, "", sentence)]


def chain_gaps(promised: Promise, steps: Sequence[Step], start: int, end: int) -> list[SupportGap]:
    """The worst opening of a span, if the steps one after another end too late for it.

    Each step runs for the threshold of the promise that carries it, on that promise's calendar; a step that
    nothing carries runs for its budget on the customer's. See `levels.chains` for what *late* means.

    Args:
        promised: what the customer is promised.
        steps: the steps in their order.
        start: the first opening, epoch seconds.
        end: the end of the openings, exclusive.
    """
    if not steps:
        return []
    links = [_link(promised, step) for step in steps]
    whole = Link(promised.calendar, promised.threshold_s)
    worst = worst_opening(whole, links, start, end)
    if worst.late_s <= 0:
        return []
    zone = promised.calendar.hours.zone
    runs = ", ".join(
        f"{step.name} {_terms(link, worst.opened)} until {instant_in_words(due, zone)}"
        for step, link, due in zip(steps, links, worst.dues, strict=True)
    )
    sentence = (
        f"Opened {instant_in_words(worst.opened, zone)}: {runs}; promised {_terms(whole, worst.opened)} by "
        f"{instant_in_words(worst.promised, zone)}, so {duration_in_words(worst.late_s)} of the customer's "
        f"hours too late (times in {zone}); {share_in_words(worst.late_share)} of the openings within the "
        f"customer's hours are late."
    )
    return [SupportGap(GapKind.CHAIN, "", sentence, worst=worst)]


def objective_gaps(promised: Promise, steps: Sequence[Step]) -> list[SupportGap]:
    """Objectives of the steps that do not make the promised one, together.

    If misses are independent, the share of tickets that no step delays is the product of the objectives,
    each step's shortfall weighed with the share of tickets that go through it. Whatever the dependence, it
    is at least one minus the sum of the shortfalls (Bonferroni). A product below the promise blocks; a
    promise between the two is a hint.
    """
    carried = [(step, step.carried_by.objective) for step in steps if step.carried_by]
    kept = [1 - step.share * (1 - objective) for step, objective in carried]
    product, least = math.prod(kept), max(1 - sum(1 - each for each in kept), 0.0)
    if not carried or least >= promised.objective - _TOLERANCE:
        return []
    factors = " × ".join(
        f"{share_in_words(each)} ({_through(step)})" for (step, _), each in zip(carried, kept, strict=True)
    )
    falls_short = product < promised.objective - _TOLERANCE
    sentence = (
        f"The objectives {factors} make {share_in_words(product)} if misses are independent and at least "
        f"{share_in_words(least)} if they are not; {share_in_words(promised.objective)} is promised."
    )
    return [SupportGap(GapKind.OBJECTIVE if falls_short else GapKind.DEPENDENT_OBJECTIVE, "", sentence)]


def availability_gaps(promised: Promise, steps: Sequence[Step]) -> list[SupportGap]:
    """Availabilities in series that multiply to less than the promised one; a step may state none."""
    stated = [(step.name, step.carried_by.availability) for step in steps if step.carried_by]
    in_series = [(name, share) for name, share in stated if share is not None]
    product = math.prod(share for _, share in in_series)
    if promised.availability is None or not in_series or product >= promised.availability - _TOLERANCE:
        return []
    factors = " × ".join(f"{share_in_words(share)} ({name})" for name, share in in_series)
    sentence = (
        f"The availabilities {factors} in series make {share_in_words(product)}; "
        f"{share_in_words(promised.availability)} is promised."
    )
    return [SupportGap(GapKind.AVAILABILITY, "", sentence)]


def coverage_gaps(promised: Promise, steps: Sequence[Step], start: int, end: int) -> list[SupportGap]:
    """Hours of the customer's calendar in which nobody works, and those in which a single step is closed.

    Args:
        promised: what the customer is promised.
        steps: the steps; those that nothing carries cover no hours.
        start: beginning of the span, epoch seconds.
        end: its end.
    """
    carried = [(step.name, step.carried_by.calendar) for step in steps if step.carried_by]
    if not carried:
        return []
    asked = [("", [calendar for _, calendar in carried])]
    if len(carried) > 1:
        asked += [(name, [calendar]) for name, calendar in carried]
    gaps = []
    for name, calendars in asked:
        hours = uncovered(promised.calendar, calendars, start, end)
        if not hours.total_s:
            continue
        who = f"The {name} is closed" if name else "No supporting agreement works"
        a_year = duration_in_words(hours.total_s)
        sentence = f"{who} in {a_year} a year of the customer's hours: {hours.when}."
        kind = GapKind.STEP_CLOSED if name else GapKind.UNCOVERED_HOURS
        gaps.append(SupportGap(kind, name, sentence, hours=hours))
    return gaps


def _link(promised: Promise, step: Step) -> Link:
    if step.carried_by is None:
        return Link(promised.calendar, step.budget_s)
    return Link(step.carried_by.calendar, step.carried_by.threshold_s)


def _terms(link: Link, opened: int) -> str:
    """A link's threshold and the hours that hold when a ticket is opened."""
    hours = link.calendar.hours
    day = datetime.fromtimestamp(opened, ZoneInfo(hours.zone)).date()
    return f"({duration_in_words(link.threshold_s)}, {hours_in_words(hours.on(day))})"


def _through(step: Step) -> str:
    return step.name if step.share == 1 else f"{step.name}, for {share_in_words(step.share)} of the tickets"
