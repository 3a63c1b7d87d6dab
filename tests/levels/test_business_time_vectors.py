"""Conformance: business-time cases from the test suites of seven libraries, read in place."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from levels.calendars import Calendar, EmptyCalendarError
from levels.working_hours import WEEKDAYS, WorkingHours, window_seconds

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "business_time.json"
OPERATIONS = ("elapsed", "add", "sub")


def compiled(vector: dict[str, Any]) -> Calendar:
    """The vector's calendar, for half a year around what it asks about."""
    named = (vector["start"], vector.get("end", vector["start"]), *vector.get("equivalent_interval", ()))
    days = sorted(datetime.fromisoformat(instant).date() for instant in named)
    first, last = days[0] - timedelta(days=90), days[-1] + timedelta(days=90)
    return Calendar.compile(_hours(vector, range(first.year, last.year + 1)), first, last)


def _hours(vector: dict[str, Any], years: range) -> WorkingHours:
    def windows(pairs: list[list[str]]) -> list[str]:
        return [f"{opening}-{closing}" for opening, closing in pairs]

    weekly = {weekday: windows(pairs) for weekday, pairs in vector["week"].items()}
    part_days = {day: windows(pairs) for day, pairs in vector.get("date_overrides", {}).items()}
    for day, breaks in vector.get("breaks", {}).items():
        usual = weekly.get(WEEKDAYS[date.fromisoformat(day).weekday()], [])
        part_days[day] = list(_without(usual, [window_seconds(each) for each in windows(breaks)]))
    holidays = [
        day.replace("*", str(year)) for day in vector["holidays"] for year in (years if "*" in day else [0])
    ]
    return WorkingHours.model_validate(
        {"zone": vector["tz"], "weekly": weekly, "holidays": holidays, "part_days": part_days}
    )


def _without(windows: list[str], breaks: list[tuple[int, int]]) -> Iterator[str]:
    """What breaks leave of windows, by the minute."""
    for minute in range(24 * 60):
        seconds = minute * 60
        inside = any(opening <= seconds < closing for opening, closing in map(window_seconds, windows))
        if inside and not any(opening <= seconds < closing for opening, closing in breaks):
            following = minute + 1
            yield f"{minute // 60:02d}:{minute % 60:02d}-{following // 60:02d}:{following % 60:02d}"


def compare(vector: dict[str, Any]) -> str:
    """How the calendar's answer stands to the one that the library expects."""
    try:
        calendar = compiled(vector)
    except EmptyCalendarError:
        return "refused"
    return _compare_elapsed(calendar, vector) if vector["op"] == "elapsed" else _compare_due(calendar, vector)


def _compare_elapsed(calendar: Calendar, vector: dict[str, Any]) -> str:
    start, end = datetime.fromisoformat(vector["start"]), datetime.fromisoformat(vector["end"])
    if calendar.elapsed(start, end) == vector["expect"]:
        return "equal"
    if calendar.elapsed(start, end, reversed_interval="zero") == vector["expect"]:
        return "equal by policy"
    fractional = start.microsecond or end.microsecond
    near = abs(calendar.elapsed(start, end) - vector["expect"]) <= 1
    return "within the second" if fractional and near else "different"


def _compare_due(calendar: Calendar, vector: dict[str, Any]) -> str:
    start = datetime.fromisoformat(vector["start"])
    budget = vector["seconds"] if vector["op"] == "add" else -vector["seconds"]
    expected = datetime.fromisoformat(vector["expect"])
    due = calendar.due(start, budget)
    if due == expected:
        return "equal"
    if calendar.due(start, budget, at_close="next_open", zero_budget="next_open") == expected:
        return "equal by policy"
    earliest, latest = map(datetime.fromisoformat, vector["equivalent_interval"])
    if earliest <= due <= latest:
        return "equivalent"
    fractional = start.microsecond or budget % 1
    return "within the second" if fractional and abs(calendar.elapsed(due, expected)) <= 1 else "different"


@cache
def results() -> dict[str, str]:
    """What became of every vector whose operation the calendar has."""
    if not VECTORS.exists():
        pytest.skip("the business-time vectors are not beside this checkout")
    vectors = json.loads(VECTORS.read_text())["vectors"]
    return {vector["id"]: compare(vector) for vector in vectors if vector["op"] in OPERATIONS}


def test_how_many_of_the_libraries_answers_are_ours_too() -> None:
    assert Counter(results().values()) == {
        "equal": 514,
        "equal by policy": 29,
        "equivalent": 2,
        "within the second": 17,
        "different": 1,
        "refused": 1,
    }


def test_every_other_answer_has_its_reason() -> None:
    agreeing = {"equal", "equal by policy", "within the second"}
    assert {name: result for name, result in results().items() if result not in agreeing} == {
        # No seconds to go back, asked outside working hours: their libraries move to the closing before.
        "biz-0007": "equivalent",
        "business_time-0135": "equivalent",
        # A day of 25 hours, which this library counts as 24.
        "working_hours-0071": "different",
        # A calendar that never opens is an error here, not an answer of 0.
        "businesstimedelta-0179": "refused",
    }
