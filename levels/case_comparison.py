"""How this engine's answer to a business-time case stands to the one that is expected."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Literal, TypeAlias, get_args

from levels.business_time_cases import Case
from levels.calendars import Calendar, CalendarSpanError, EmptyCalendarError, Reversed
from levels.due_times import AtClose, AtZero
from levels.working_days import ClosedStart, OutOfHours, add_working_days

Answer: TypeAlias = int | datetime

_REACHES = [timedelta(days=days) for days in (100, 1_000, 15_000)]


@dataclass(frozen=True)
class Comparison:
    """How the engine's answer stands to the expected one.

    Attributes:
        outcome: ``equal``: the expected answer, to the second, by the default policies; ``equivalent``:
            the expected one under another named policy, or within the case's ``equivalent_interval``, or
            not more than a working second away where the question has fractions of a second, which the
            engine does not count; otherwise ``different``.
        got: the answer by the default policies, instants in the case's zone; or why there is none.
    """

    outcome: Literal["equal", "equivalent", "different"]
    got: Answer | str


@dataclass(frozen=True)
class _Policies:
    reversed_interval: Reversed = "negative"
    at_close: AtClose = "close"
    zero_budget: AtZero = "stay"
    out_of_hours: OutOfHours = "keep"
    closed_start: ClosedStart = "next_counts"


_NAMED = (Reversed, AtClose, AtZero, OutOfHours, ClosedStart)
_DEFAULT = _Policies()
_OTHERS = [_Policies(*chosen) for chosen in product(*map(get_args, _NAMED)) if _Policies(*chosen) != _DEFAULT]


def compare(case: Case) -> Comparison:
    """Ask the engine what a case asks, and compare the answers."""
    try:
        calendar, got = _answer(case)
    except EmptyCalendarError as error:
        # under the policy that such a calendar is always closed, no time elapses on it
        return Comparison("equivalent" if case.expect == 0 else "different", str(error))
    except OverflowError:
        return Comparison("different", "This lies too near the first or the last year that has dates.")
    except ValueError as error:
        return Comparison("different", str(error))
    if _same(case, got):
        return Comparison("equal", got)
    agrees = _near(case, calendar, got) or _by_policy(case, calendar)
    return Comparison("equivalent" if agrees else "different", got)


def _answer(case: Case) -> tuple[Calendar, Answer]:
    """The answer by the default policies, on a calendar that reaches no farther than it must."""
    start = case.instant(case.start)
    named = sorted([start, case.instant(case.end or case.start)])
    for reach in _REACHES:
        with suppress(CalendarSpanError, EmptyCalendarError):
            calendar = _compiled(case, named, reach)
            return calendar, _ask(case, calendar, _DEFAULT)
    calendar = _compiled(case, named, _REACHES[-1])
    return calendar, _ask(case, calendar, _DEFAULT)


def _compiled(case: Case, named: list[datetime], reach: timedelta) -> Calendar:
    return Calendar.compile(case.hours(), (named[0] - reach).date(), (named[-1] + reach).date())


def _ask(case: Case, calendar: Calendar, policies: _Policies) -> Answer:
    start, sign = case.instant(case.start), -1 if case.op.startswith("sub") else 1
    if case.end is not None and case.op == "elapsed":
        return calendar.elapsed(start, case.instant(case.end), policies.reversed_interval)
    if case.days is not None and case.op.endswith("days"):
        policy = policies.out_of_hours, policies.closed_start
        return add_working_days(calendar, start, sign * case.days, *policy).astimezone(start.tzinfo)
    due = calendar.due(start, sign * (case.seconds or 0), policies.at_close, policies.zero_budget)
    return due.astimezone(start.tzinfo)


def _same(case: Case, answer: Answer) -> bool:
    if isinstance(answer, datetime) and isinstance(case.expect, datetime):
        return answer == case.instant(case.expect).replace(microsecond=0)
    return answer == case.expect


def _near(case: Case, calendar: Calendar, answer: Answer) -> bool:
    """Whether an answer has the expected working distance, give or take the fractions of the question."""
    asked = [each.microsecond for each in (case.start, case.end) if each is not None]
    tolerance = 1 if any(asked) or (case.seconds or 0) % 1 else 0
    if isinstance(answer, datetime) and isinstance(case.expect, datetime):
        if case.equivalent_interval is not None:
            earliest, latest = map(case.instant, case.equivalent_interval)
            if earliest <= answer <= latest:
                return True
        expected = case.instant(case.expect)
        return bool(tolerance) and abs(calendar.elapsed(answer, expected)) <= tolerance
    if isinstance(answer, datetime) or isinstance(case.expect, datetime):
        return False
    return abs(answer - case.expect) <= tolerance


def _by_policy(case: Case, calendar: Calendar) -> bool:
    for policies in _OTHERS:
        with suppress(CalendarSpanError):
            if _same(case, _ask(case, calendar, policies)):
                return True
    return False
