"""Customers measured in the same steps: each gets to the last second and hash what it would get alone."""

from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.exclusions import ExcludedTime
from evidence.histories import TicketHistories
from evidence.measuring import Measurement, measure, measured
from evidence.questions import Question
from evidence.ticket_stopwatches import TicketStopwatches
from evidence.together import HistoriesTogether
from tests.evidence.ticket_lives import AS_OF, CALENDAR, EXCLUSIONS, LIVES, OPENED, QUESTIONS, Step, told

UPDATES_AT = st.lists(st.integers(OPENED, AS_OF - 1), max_size=6)


def by_customer(lives: list[list[Step]], cuts: list[int]) -> HistoriesTogether:
    """The lives as customers' tickets, the first ones A's, the next ones B's and so on."""
    edges = [0, *sorted(min(cut, len(lives)) for cut in cuts), len(lives)]
    names = "ABCDEFGH"[: len(edges) - 1]
    return HistoriesTogether(told(lives), dict(zip(names, pairwise(edges), strict=True)))


def updated(histories: TicketHistories, instants: list[int]) -> TicketHistories:
    """With updates that began no interval, for the tickets by turns."""
    rows = (
        sorted((number % len(histories), at) for number, at in enumerate(instants)) if len(histories) else []
    )
    tickets, times = (np.array([row[place] for row in rows], dtype=np.int64) for place in (0, 1))
    return replace(histories, update_ticket=tickets, update_at=times)


def everything(found: Measurement) -> list[object]:
    """Every field as plain values, whole tables of pauses and exclusions too."""
    plain: list[object] = []
    for field in fields(found):
        value = getattr(found, field.name)
        for part in vars(value).values() if field.name in ("pauses", "excluded") else [value]:
            plain.append(part.tolist() if isinstance(part, np.ndarray) else repr(part))
    return plain


@settings(max_examples=150)
@given(
    LIVES,
    QUESTIONS,
    st.lists(st.integers(0, 6), max_size=3),
    UPDATES_AT,
    st.sampled_from([[], [], ["mon"], ["tue"]]),
)
def test_each_is_measured_as_alone(
    lives: list[list[Step]], question: Question, cuts: list[int], instants: list[int], weekdays: list[str]
) -> None:
    """By the stopwatches that somebody else's question has run, with the same clock."""
    question = replace(question, weekdays=weekdays)
    others = replace(question, population=dict.fromkeys(question.population, "9"), threshold_s=1, weekdays=())
    assert others.clock == question.clock
    together = by_customer(lives, cuts)
    together = replace(together, whole=updated(together.whole, instants))
    stopwatches = TicketStopwatches.run(together.whole, CALENDAR, others)
    for customer, place in together.places.items():
        alone = measure(together.of(customer), CALENDAR, question)
        assert everything(measured(stopwatches, question, place)) == everything(alone), customer


@settings(max_examples=60)
@given(LIVES, QUESTIONS, EXCLUSIONS, st.integers(0, 5), st.integers(0, 5))
def test_a_stretch_keeps_its_own_exclusions(
    lives: list[list[Step]], question: Question, exclusions: list[ExcludedTime], first: int, after: int
) -> None:
    histories = told(lives)
    place = min(first, len(lives)), min(max(first, after), len(lives))
    stopwatches = TicketStopwatches.run(histories, CALENDAR, question, exclusions)
    alone = measure(histories.between(*place), CALENDAR, question, exclusions)
    assert everything(measured(stopwatches, question, place)) == everything(alone)


@pytest.mark.parametrize(
    "changes",
    [
        {"indicator": "response"},
        {"pause_states": ("awaiting_user",)},
        {"reopening": "reset"},
        {"line": "back office"},
        {"from_states": ("new",)},
        {"to_states": ("closed",)},
        {"population": {"priority": "2"}, "priority_change": "remaining"},
    ],
)
def test_terms_that_decide_which_time_counts_are_another_clock(changes: dict[str, Any]) -> None:
    question = Question("resolution", {}, 3_600, ())
    assert replace(question, **changes).clock != question.clock


@given(
    LIVES, QUESTIONS, st.lists(st.integers(0, 6), min_size=3, max_size=3), st.sets(st.sampled_from("ABCD"))
)
def test_some_of_the_customers_keep_their_tickets(
    lives: list[list[Step]], question: Question, cuts: list[int], chosen: set[str]
) -> None:
    together = by_customer(lives, cuts)
    some = together.only(chosen)
    assert set(some.places) == chosen
    for customer in chosen:
        mine, theirs = some.of(customer), together.of(customer)
        assert mine.external_ids.tolist() == theirs.external_ids.tolist()
        alike = [measure(histories, CALENDAR, question).inputs_sha256 for histories in (mine, theirs)]
        assert alike[0] == alike[1]


def test_one_customer_alone_and_all_of_them_are_given_without_a_copy() -> None:
    together = by_customer([[], [], []], [1])
    assert together.only("AB") is together
    assert together.of("B") is together.of("B"), "what is derived from them is derived once"
    assert together.only(["B", "B"]).whole is together.of("B")
    with pytest.raises(KeyError):
        together.of("C")


def test_a_customer_asked_about_twice_is_measured_for_both() -> None:
    together = by_customer([[], [], []], [1])
    question = Question("response", {}, 3_600, ())
    places = [together.places[name] for name in "BAB"]
    stopwatches = TicketStopwatches.run(together.whole, CALENDAR, question)
    first, _, again = (measured(stopwatches, question, place) for place in places)
    assert everything(first) == everything(again) and first.external_ids.tolist() == ["T1", "T2"]
