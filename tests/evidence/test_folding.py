"""Folding: the reports of one outage are one observation, as slow as the slowest of them."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from evidence.excluded_times import Excluded
from evidence.folding import fold
from evidence.measuring import Measurement
from evidence.questions import Question
from levels.stopwatches import Outcome, Pauses, outcomes, tally

THRESHOLD = 100


@dataclass(frozen=True)
class Told:
    name: str
    consumed: int
    stopped: bool = True


def measured(*tickets: Told) -> Measurement:
    consumed = np.array([row.consumed for row in tickets], np.int64)
    stopped = np.array([row.stopped for row in tickets], np.bool_)
    judged = outcomes(consumed, stopped, THRESHOLD)
    zeros = np.zeros(len(tickets), np.int64)
    return Measurement(
        Question("resolution", {}, THRESHOLD, ()),
        np.array([row.name for row in tickets], dtype=object),
        consumed,
        stopped,
        zeros,
        consumed,
        Pauses.none(),
        Excluded(Pauses.none(), np.empty(0, np.int64), []),
        judged,
        tally(judged),
        "f" * 64,
    )


def test_without_parents_nothing_changes() -> None:
    seen = fold(measured(Told("A", 50), Told("B", 150), Told("C", 20, stopped=False)), {})
    assert seen.tally == (2, 1, 1) and seen.folded == 0
    assert list(seen.incidents) == ["A", "B", "C"] and seen.inputs_sha256 == "f" * 64


@pytest.mark.parametrize(
    ("tickets", "outcome"),
    [
        ((Told("A", 50), Told("B", 60)), Outcome.HIT),
        ((Told("A", 50), Told("B", 101)), Outcome.MISS),
        ((Told("A", 50), Told("B", 60, stopped=False)), Outcome.UNDECIDED),
        ((Told("A", 101, stopped=False), Told("B", 60)), Outcome.MISS),
    ],
)
def test_a_family_is_as_good_as_its_worst(tickets: tuple[Told, ...], outcome: Outcome) -> None:
    seen = fold(measured(*tickets), {"B": "A"})
    assert list(seen.outcomes) == [outcome]
    assert list(seen.consumed) == [max(row.consumed for row in tickets)]
    assert list(seen.tickets) == [2] and seen.folded == 1
    assert seen.inputs_sha256 != "f" * 64


def test_a_parent_is_followed_up_to_the_first_incident_measured_or_not() -> None:
    seen = fold(measured(Told("C", 1), Told("D", 2), Told("E", 3)), {"C": "B", "B": "A", "D": "A"})
    assert list(seen.incidents) == ["A", "E"]
    assert list(seen.number) == [0, 0, 1]
    assert list(seen.first) == [0, 2]  # A itself was not measured: the first of its reports speaks for it


def test_the_incident_itself_speaks_for_its_reports() -> None:
    assert list(fold(measured(Told("B", 1), Told("A", 2)), {"B": "A"}).first) == [1]


def test_parents_in_a_circle_are_one_incident() -> None:
    parents = {"A": "B", "B": "C", "C": "A", "D": "B"}
    seen = fold(measured(*(Told(name, 1) for name in "ABCD")), parents)
    assert list(seen.incidents) == ["A"] and list(seen.tickets) == [4]
    assert fold(measured(Told("X", 1)), {"X": "X"}).folded == 0


@given(
    some.lists(some.tuples(some.integers(0, 200), some.booleans()), max_size=20),
    some.dictionaries(some.integers(0, 25), some.integers(0, 25), max_size=15),
)
def test_no_ticket_is_lost_or_counted_twice(tickets: list[tuple[int, bool]], told: dict[int, int]) -> None:
    rows = [Told(str(number), *row) for number, row in enumerate(tickets)]
    seen = fold(measured(*rows), {str(child): str(parent) for child, parent in told.items()})
    assert int(seen.tickets.sum()) == len(rows)
    assert len(seen.incidents) == len(set(seen.incidents)) == seen.tally.known + seen.tally.undecided
    for number, row in enumerate(rows):
        assert seen.consumed[seen.number[number]] >= row.consumed
