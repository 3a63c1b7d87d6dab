"""Conditions: the one part that explains the misses, named only where the evidence carries both halves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from levels.conditions import Condition, find_condition
from levels.counter_offers import CounterOffer
from levels.stopwatches import outcomes as judge
from levels.trial_plans import confidence_of_looks
from levels.verdicts import Verdict, verdict

HOUR = 3600
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]


class Tickets:
    """Tickets with their labels, which accumulate."""

    def __init__(self) -> None:
        self.hours: list[float] = []
        self.open: list[bool] = []
        self.labels: list[tuple[str, str]] = []

    def add(
        self, number: int, hours: float, day: str, category: str = "mail", still_open: bool = False
    ) -> None:
        self.hours += [hours] * number
        self.open += [still_open] * number
        self.labels += [(day, category)] * number

    def condition(
        self, threshold_h: float = 8, objective: float = 0.9, confidence: float = 0.95
    ) -> Condition | None:
        seconds = np.array([hours * HOUR for hours in self.hours]).astype(np.int64)
        censored = np.array(self.open, np.bool_)
        days, categories = (np.array([pair[place] for pair in self.labels], str) for place in (0, 1))
        threshold = int(threshold_h * HOUR)
        return find_condition(
            seconds,
            censored,
            judge(seconds, ~censored, threshold),
            {"weekday": days, "category": categories},
            threshold,
            objective,
            confidence,
        )


def mondays_are_slow() -> Tickets:
    """Half of Monday's tickets take eleven hours, everything else an hour."""
    week = Tickets()
    for day in DAYS[1:]:
        week.add(40, 1, day)
    week.add(20, 1, "Monday")
    week.add(40, 11.4, "Monday")
    return week


def test_as_stated_tuesday_to_friday_and_12_hours_on_mondays() -> None:
    found = mondays_are_slow().condition()
    assert found == Condition(
        column="weekday",
        value="Monday",
        offer=CounterOffer(12 * HOUR, 0.9),
        hits=160,
        known=160,
        tickets_apart=60,
        misses_apart=40,
        looked_at=5,  # the one category is everything, and nothing would be left without it
        confidence=confidence_of_looks(0.95, 5),
    )


def test_a_target_that_holds_needs_no_condition() -> None:
    assert mondays_are_slow().condition(threshold_h=12) is None


def test_misses_that_are_everywhere_are_explained_by_nothing() -> None:
    week = Tickets()
    for day in DAYS:
        week.add(30, 1, day)
        week.add(10, 11, day)
    assert week.condition() is None


def test_the_part_with_the_fewest_tickets_is_preferred() -> None:
    week = Tickets()
    for day in DAYS[1:]:
        week.add(60, 1, day)
    week.add(40, 1, "Monday", "mail")
    week.add(60, 11.4, "Monday", "network")
    found = week.condition()
    assert found is not None
    assert (found.column, found.value, found.tickets_apart) == ("category", "network", 60)
    assert found.looked_at == 7


def test_a_part_too_small_for_the_objective_is_offered_a_lower_one() -> None:
    week = Tickets()
    for day in DAYS[1:]:
        week.add(20, 1, day)
    week.add(12, 11.4, "Monday")
    found = week.condition()
    assert found is not None and found.value == "Monday"
    assert found.offer == CounterOffer(12 * HOUR, 0.65)


def test_a_part_that_supports_nothing_is_not_set_apart() -> None:
    week = Tickets()
    for day in DAYS[1:]:
        week.add(40, 1, day)
    week.add(40, 11, "Monday", still_open=True)
    assert week.condition() is None


def test_undecided_tickets_count_neither_way_for_the_rest() -> None:
    week = mondays_are_slow()
    week.add(5, 2, "Friday", still_open=True)
    found = week.condition()
    assert found is not None and (found.hits, found.known) == (160, 160)


@pytest.mark.parametrize(("categories", "found"), [(1, True), (10, False)])
def test_the_more_values_are_looked_at_the_more_evidence_each_wants(categories: int, found: bool) -> None:
    week = Tickets()
    for each in range(52):
        week.add(1, 1, DAYS[1 + each % 4], f"category {each % categories}")
    for each in range(12):
        week.add(1, 11, "Monday", f"category {each % categories}")
    # 52 tickets without a miss prove 90 % at 1 - 0.05 / 5, not at 1 - 0.05 / 15
    assert (week.condition() is not None) == found


def test_empty_labels_are_no_part() -> None:
    week = Tickets()
    week.add(60, 11.4, "", "")
    week.add(200, 1, "Tuesday", "")
    assert week.condition() is None


def test_no_ticket_no_condition() -> None:
    assert find_condition(np.array([]), np.array([], bool), np.array([], np.int8), {}, 60, 0.9) is None


def test_columns_of_unequal_length_are_refused() -> None:
    one = np.array([1])
    with pytest.raises(ValueError, match="^Every ticket needs its consumed seconds"):
        find_condition(
            one, one == 0, one.astype(np.int8), {"weekday": np.array(["Monday", "Friday"])}, 60, 0.9
        )


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_both_halves_of_a_condition_are_met_by_their_own_evidence(data: st.DataObject) -> None:
    number = data.draw(st.integers(60, 250))
    random = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    labels = {"weekday": random.choice(DAYS, number), "line": random.choice(["first", "back"], number)}
    slow = (labels["weekday"] == "Monday") | (random.random(number) < 0.02)
    seconds = (HOUR * random.uniform(0.1, 7, number) * np.where(slow, 3, 1)).astype(np.int64)
    censored = random.random(number) < 0.02
    threshold, objective = 8 * HOUR, data.draw(st.sampled_from([0.75, 0.8, 0.9]))
    found = find_condition(
        seconds, censored, judge(seconds, ~censored, threshold), labels, threshold, objective
    )
    if found is None:
        return
    part = labels[found.column] == found.value
    rest = judge(seconds, ~censored, threshold)[~part]
    assert (found.hits, found.known) == (int((rest == 1).sum()), int((rest != 2).sum()))
    assert verdict(found.hits, found.known, objective, found.confidence) is Verdict.MET
    within = int((part & ~censored & (seconds <= found.offer.threshold_s)).sum())
    assert verdict(within, found.tickets_apart, found.offer.objective, found.confidence) is Verdict.MET
    assert found.offer.threshold_s >= threshold and found.offer.objective <= objective
