"""What a trial can decide: the published table, brute force, and a proof that planned looks stay honest."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from levels.trial_chances import (
    Chances,
    chance_curve,
    chances,
    chances_of_expected,
    chances_of_looks,
    decision_limits,
)
from levels.trial_plans import LongerTrial, confidence_of_looks, longer_trial, lower_confidences, outlook
from levels.verdicts import Verdict, hits_needed, verdict

WEEKLY = [10 * week for week in range(1, 13)]

numbers = st.integers(0, 300)
objectives = st.integers(501, 989).map(lambda permille: permille / 1000)
confidences = st.sampled_from([0.8, 0.9, 0.95, 0.99])
truths = st.floats(0, 1)


@settings(max_examples=200, deadline=None)
@given(numbers, objectives, confidences)
def test_the_limits_are_the_rule_of_the_verdicts(tickets: int, objective: float, confidence: float) -> None:
    (fewest,), (most,) = decision_limits([tickets], objective, confidence)
    needed = hits_needed(tickets, objective, confidence)
    assert fewest == (tickets + 1 if needed is None else needed)
    if most >= 0:
        assert verdict(int(most), tickets, objective, confidence) is Verdict.NOT_MET
    if most < tickets:
        assert verdict(int(most) + 1, tickets, objective, confidence) is not Verdict.NOT_MET


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), truths, objectives, confidences)
def test_the_chances_are_the_sum_over_every_outcome(
    tickets: int, truth: float, objective: float, confidence: float
) -> None:
    told = chances(tickets, truth, objective, confidence)
    each = dict.fromkeys(Verdict, 0.0)
    for hits in range(tickets + 1):
        each[verdict(hits, tickets, objective, confidence)] += float(binom.pmf(hits, tickets, truth))
    found = Chances(each[Verdict.MET], each[Verdict.NOT_MET], each[Verdict.NOT_ENOUGH])
    assert (told.met, told.not_met, told.undecided) == pytest.approx(
        (found.met, found.not_met, found.undecided), abs=1e-9
    )
    assert told.deciding == pytest.approx(1 - told.undecided, abs=1e-12)


@pytest.mark.parametrize(
    ("tickets", "at_95", "at_97"), [(29, 23, 41), (46, 32, 60), (61, 41, 72), (76, 47, 81), (103, 59, 91)]
)
def test_the_published_chances_of_passing(tickets: int, at_95: int, at_97: int) -> None:
    assert round(100 * chances(tickets, 0.95, 0.9).met) == at_95
    assert round(100 * chances(tickets, 0.97, 0.9).met) == at_97


def test_a_target_that_is_just_missed_is_rarely_proved() -> None:
    assert chances(103, 0.9, 0.9).met < 0.05


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 80), st.floats(0.3, 1), objectives)
def test_the_mixed_chances_are_an_average_over_the_poisson(
    expected: float, truth: float, objective: float
) -> None:
    told = chances_of_expected(expected, truth, objective)
    every = np.arange(300)
    met, not_met = chance_curve(every, truth, objective)
    weights = poisson.pmf(every, expected)
    assert (told.met, told.not_met) == pytest.approx((weights @ met, weights @ not_met), abs=1e-9)


def test_the_plan_says_what_46_tickets_can_do() -> None:
    plan = outlook(0.9, 0.95, expected=46, baseline=0.95)
    assert plan.needed == (29, 46, 61, 76)
    assert round(100 * plan.fixed.met) == 32
    assert plan.fixed.not_met < 0.001
    # 46 is where one more miss is allowed: a number that may as well be 45 has a smaller chance
    assert round(100 * plan.mixed.met) == 21


def test_no_ticket_decides_nothing() -> None:
    plan = outlook(0.9, 0.95, expected=0, baseline=0.95)
    assert plan.fixed == plan.mixed == Chances(0, 0, 1)


def test_a_certain_truth() -> None:
    assert chances(40, 1, 0.9) == Chances(1, 0, 0)
    assert chances(40, 0, 0.9) == Chances(0, 1, 0)


def test_a_hundred_thousand_tickets_at_once() -> None:
    met, not_met = chance_curve(np.arange(0, 100_001, 10), 0.91, 0.9)
    assert met.shape == not_met.shape == (10_001,)
    assert met[-1] > 0.999 and met[0] == 0 and np.all((met + not_met) <= 1)
    assert chances_of_expected(100_000, 0.91, 0.9).met > 0.999


def test_lower_confidences_are_more_decisive() -> None:
    plan = outlook(0.9, 0.95, expected=60, baseline=0.95)
    others = lower_confidences(plan)
    assert [other.confidence for other in others] == [0.9, 0.8]
    deciding = [each.mixed.deciding for each in (plan, *others)]
    assert all(before < after for before, after in pairwise(deciding))
    assert [other.needed[0] for other in others] == [22, 16]
    assert lower_confidences(outlook(0.9, 0.8, expected=60, baseline=0.95)) == []


def test_a_trial_that_is_long_enough() -> None:
    longer = longer_trial(0.9, 0.95, baseline=0.95, tickets_per_day=3.3)
    assert longer == LongerTrial(tickets=193, days=59)
    assert chances_of_expected(193, 0.95, 0.9).deciding >= 0.8
    assert chances_of_expected(192, 0.95, 0.9).deciding < 0.8
    assert longer_trial(0.9, 0.95, 0.95, tickets_per_day=193) == LongerTrial(193, 1)


def test_a_service_far_from_its_target_is_judged_soon() -> None:
    longer = longer_trial(0.9, 0.95, baseline=0.5, tickets_per_day=1)
    assert longer is not None and longer.tickets <= 12


def test_no_length_decides_what_lies_on_the_line() -> None:
    assert longer_trial(0.9, 0.95, baseline=0.9, tickets_per_day=1000) is None
    assert longer_trial(0.9, 0.95, baseline=0.95, tickets_per_day=0) is None


def test_the_confidence_of_looks() -> None:
    assert confidence_of_looks(0.95, 1) == pytest.approx(0.95)
    assert confidence_of_looks(0.95, 5) == pytest.approx(0.99)


def test_peeking_every_week_passes_twice_as_many_as_it_may() -> None:
    # one cohort of 120 tickets in twelve weeks, truly at 90 %
    assert chances_of_looks([120], 0.9, 0.9).met <= 0.05
    assert 0.10 < chances_of_looks(WEEKLY, 0.9, 0.9).met < 0.11
    assert chances_of_looks(WEEKLY, 0.9, 0.9, confidence_of_looks(0.95, 12)).met <= 0.05


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=6),
    objectives,
    st.sampled_from([0.8, 0.9, 0.95]),
    st.floats(0, 1),
)
def test_planned_looks_never_pass_more_than_they_may(
    more: list[int], objective: float, confidence: float, below: float
) -> None:
    looks = [int(each) for each in np.cumsum(more)]
    each_look = confidence_of_looks(confidence, len(looks))
    assert chances_of_looks(looks, objective * below, objective, each_look).met <= 1 - confidence + 1e-9
    assert chances_of_looks(looks, objective, objective, each_look).met <= 1 - confidence + 1e-9


def test_the_chances_of_looks_are_what_a_simulation_finds() -> None:
    random = np.random.default_rng(4)
    looks, truth = [30, 60, 120], 0.95
    each_look = confidence_of_looks(0.95, 3)
    fewest, most = decision_limits(looks, 0.9, each_look)
    hits = np.cumsum(random.binomial(np.diff([0, *looks]), truth, (20_000, 3)), axis=1)
    first = np.argmax(np.column_stack([(hits >= fewest) | (hits <= most), np.ones(len(hits), bool)]), axis=1)
    decided = first < 3
    at = np.minimum(first, 2)
    met = decided & (hits[np.arange(len(hits)), at] >= fewest[at])
    told = chances_of_looks(looks, truth, 0.9, each_look)
    assert met.mean() == pytest.approx(told.met, abs=0.012)
    assert (decided & ~met).mean() == pytest.approx(told.not_met, abs=0.005)


@settings(max_examples=40, deadline=None)
@given(numbers, truths, objectives, confidences)
def test_one_look_is_the_plain_trial(tickets: int, truth: float, objective: float, confidence: float) -> None:
    plain = chances(tickets, truth, objective, confidence)
    looked = chances_of_looks([tickets], truth, objective, confidence)
    assert (looked.met, looked.not_met) == pytest.approx((plain.met, plain.not_met), abs=1e-9)


def test_plans_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="The true share of hits must lie from 0 to 1, not 1.1"):
        chances(10, 1.1, 0.9)
    with pytest.raises(ValueError, match="must not be negative"):
        chances(-1, 0.9, 0.9)
    with pytest.raises(ValueError, match="The objective must lie between 0 and 1, not 1"):
        chances(10, 0.9, 1)
    for expected in (-1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="The expected number of tickets must be finite"):
            outlook(0.9, 0.95, expected, 0.9)
    with pytest.raises(ValueError, match="Tickets a day must be finite"):
        longer_trial(0.9, 0.95, 0.95, -1)
    with pytest.raises(ValueError, match="The chance must lie between 0 and 1, not 1"):
        longer_trial(0.9, 0.95, 0.95, 1, chance=1)
    with pytest.raises(ValueError, match="A trial is looked at once at least, not 0 times"):
        confidence_of_looks(0.95, 0)
    with pytest.raises(ValueError, match="The confidence must lie between 0 and 1, not 95"):
        confidence_of_looks(95, 2)
    with pytest.raises(ValueError, match="The tickets known at each look must ascend"):
        chances_of_looks([20, 10], 0.9, 0.9)
    with pytest.raises(ValueError, match="The true share of hits must lie from 0 to 1, not -1"):
        chances_of_looks([20], -1, 0.9)
