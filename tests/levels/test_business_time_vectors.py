"""Conformance: every business-time case from the test suites of seven libraries, read in place."""

import json
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from levels.business_time_cases import Case
from levels.case_comparison import Comparison, compare

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "business_time.json"

# Answers that are neither ours nor within the case's interval of equal working distance, and why.
REASONS = {
    "a reversed interval is 0 there; here by the policy 'zero', by default it is negative": {"biz-0002"},
    "working days away but out of hours, that library moves into working hours; here by 'move'": {
        "biz-0015",
        "biz-0016",
        "biz-0020",
        "biz-0021",
    },
    "from a closed day, that library moves to a working day before it counts; here by 'moves_first'": {
        "working_hours-0036",
        "working_hours-0037",
        "working_hours-0039",
        "working_hours-0040",
        "working_hours-0107",
        "working_hours-0109",
    },
    "a calendar that never opens gives 0 there; here by the policy 'closed', by default it is refused": {
        "businesstimedelta-0179"
    },
    "fractions of a second, which that library rounds and the engine leaves out": {
        "working_hours-0047",
        "working_hours-0075",
        "working_hours-0076",
        "working_hours-0081",
        "working_hours-0083",
        "working_hours-0088",
        "working_hours-0089",
        "working_hours-0092",
        "working_hours-0096",
        "moment-business-time-0576",
        "moment-business-time-0577",
    },
    "its own fault: a day of 25 hours that counts as 24": {"working_hours-0071"},
}


@cache
def compared() -> dict[str, tuple[dict[str, Any], Comparison]]:
    """Every case and what became of it."""
    if not VECTORS.exists():
        pytest.skip("the business-time vectors are not beside this checkout")
    vectors = json.loads(VECTORS.read_text())["vectors"]
    return {vector["id"]: (vector, compare(Case.model_validate(vector))) for vector in vectors}


def within_its_interval(vector: dict[str, Any], comparison: Comparison) -> bool:
    if "equivalent_interval" not in vector:
        return False
    earliest, latest = map(datetime.fromisoformat, vector["equivalent_interval"])
    return isinstance(comparison.got, datetime) and earliest <= comparison.got <= latest


def test_every_answer_is_ours_or_equivalent_or_has_its_reason() -> None:
    explained = set().union(*REASONS.values())
    unexplained = {
        name
        for name, (vector, comparison) in compared().items()
        if comparison.outcome != "equal" and not within_its_interval(vector, comparison)
    }
    assert unexplained == explained
    assert len(compared()) == 650


def test_what_the_check_counts() -> None:
    outcomes = Counter(comparison.outcome for _, comparison in compared().values())
    assert outcomes == {"equal": 597, "equivalent": 52, "different": 1}
    assert compared()["working_hours-0071"][1] == Comparison("different", 90_000)


def test_a_case_without_what_its_operation_needs_is_refused() -> None:
    case = {
        "id": "a",
        "tz": "UTC",
        "week": {"mon": [["09:00", "17:00"]]},
        "op": "add",
        "start": "2026-03-02T09:00:00Z",
        "expect": "2026-03-02T10:00:00Z",
    }
    with pytest.raises(ValueError, match="the operation add needs the field 'seconds'"):
        Case.model_validate(case)
    with pytest.raises(ValueError, match="'08:75-09:00' is not a window"):
        Case.model_validate(case | {"seconds": 1, "week": {"mon": [["08:75", "09:00"]]}})
    with pytest.raises(ValueError, match="the operation elapsed expects a number of seconds"):
        Case.model_validate(case | {"op": "elapsed", "end": "2026-03-02T10:00:00Z"})
    assert compare(Case.model_validate(case | {"seconds": 3600})).outcome == "equal"
    naive = case | {
        "tz": "naive",
        "start": "2026-03-02T09:00:00",
        "expect": "2026-03-02T10:00:00",
        "seconds": 3600,
    }
    assert compare(Case.model_validate(naive)).outcome == "equal"
