"""Counter-offers: what the evidence supports when it does not support what was asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from levels.counter_offers import (
    CounterOffer,
    counter_offer,
    supported_objective,
    supported_threshold,
    tolerance_rank,
)
from levels.verdicts import Verdict, bounds, verdict

HOUR = 3600


def closed(*seconds: int) -> tuple[np.ndarray, np.ndarray]:
    """Tickets that have all ended."""
    return np.array(seconds, np.int64), np.zeros(len(seconds), np.bool_)


@pytest.mark.parametrize(("n", "at_95", "at_80"), [(20, None, 20), (30, 30, 29), (60, 59, 57), (100, 96, 94)])
def test_the_table_of_tolerance_ranks(n: int, at_95: int | None, at_80: int | None) -> None:
    assert tolerance_rank(n, 0.9, 0.95) == at_95
    assert tolerance_rank(n, 0.9, 0.80) == at_80


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 200), st.floats(0.5, 0.97), st.floats(0.5, 0.99))
def test_a_rank_is_the_smallest_that_the_binomial_allows(n: int, objective: float, confidence: float) -> None:
    # P(Bin(n, objective) <= r - 1) for r = 0 to n; a tie is left to the last digits.
    reached = binom.cdf(np.arange(-1, n), n, objective)
    rank = tolerance_rank(n, objective, confidence)
    if rank is None:
        assert reached[-1] < confidence + 1e-9
    else:
        assert reached[rank] >= confidence - 1e-9 and reached[rank - 1] < confidence + 1e-9


def test_thirty_tickets_support_only_their_slowest() -> None:
    tickets = closed(*range(1, 31))
    assert supported_threshold(*tickets, 0.9) == 30
    assert supported_threshold(*tickets, 0.9, confidence=0.8) == 29
    assert supported_threshold(*closed(*range(20)), 0.9) is None


def test_an_open_ticket_counts_as_slower_than_every_other() -> None:
    seconds, censored = closed(*range(1, 101))
    censored[:4] = True
    assert supported_threshold(seconds, censored, 0.9) == 100
    censored[4] = True
    assert supported_threshold(seconds, censored, 0.9) is None


def test_an_open_ticket_within_the_threshold_counts_as_a_miss() -> None:
    seconds, censored = closed(*range(1, 31))
    censored[0] = True
    assert supported_objective(seconds, censored, 30) == bounds(29, 30)[0]


def test_fractions_of_seconds_are_rounded_up() -> None:
    seconds = np.full(29, 10.2)
    assert supported_threshold(seconds, np.zeros(29, np.bool_), 0.9) == 11


class TestOffers:
    """The order of preference, one scene each."""

    def test_a_supported_target_stays_as_it_was_stated(self) -> None:
        quick = closed(*[HOUR] * 100)
        assert counter_offer(*quick, 8 * HOUR, 0.9) == CounterOffer(8 * HOUR, 0.9)

    def test_the_same_objective_with_a_threshold_that_holds(self) -> None:
        slow = closed(*[HOUR] * 80, *[9 * HOUR + 100] * 20)
        assert counter_offer(*slow, 8 * HOUR, 0.9) == CounterOffer(10 * HOUR, 0.9)

    def test_short_thresholds_are_offered_in_quarters_of_an_hour(self) -> None:
        slow = closed(*[HOUR] * 80, *[2 * HOUR + 100] * 20)
        assert counter_offer(*slow, HOUR, 0.9) == CounterOffer(2 * HOUR + 900, 0.9)
        nearly = closed(*[HOUR] * 80, *[8 * HOUR - 100] * 20)
        assert counter_offer(*nearly, HOUR, 0.9) == CounterOffer(8 * HOUR, 0.9)

    def test_too_few_tickets_keep_the_threshold_and_lower_the_objective(self) -> None:
        few = closed(*[HOUR] * 20)
        assert counter_offer(*few, 8 * HOUR, 0.9) == CounterOffer(8 * HOUR, 0.86)

    def test_too_few_and_too_slow_lower_the_objective_and_lengthen_the_threshold(self) -> None:
        few = closed(*[12 * HOUR - 1] * 20)
        assert counter_offer(*few, 8 * HOUR, 0.9) == CounterOffer(12 * HOUR, 0.85)

    def test_many_open_tickets_lower_the_objective(self) -> None:
        seconds, censored = closed(*[HOUR] * 100)
        censored[:20] = True
        assert counter_offer(seconds, censored, 8 * HOUR, 0.9) == CounterOffer(8 * HOUR, 0.72)

    def test_no_evidence_no_offer(self) -> None:
        assert counter_offer(*closed(), 8 * HOUR, 0.9) is None
        assert counter_offer(*closed(HOUR, HOUR, HOUR, HOUR), 8 * HOUR, 0.9) is None
        assert counter_offer(*closed(*[HOUR] * 5), 8 * HOUR, 0.9) == CounterOffer(8 * HOUR, 0.54)
        assert counter_offer(*closed(*[HOUR] * 5), 8 * HOUR, 0.9, floor=0.6) is None


@settings(max_examples=200, deadline=None)
@given(
    times=st.lists(st.integers(1, 40 * HOUR), max_size=120),
    open_share=st.floats(0, 0.5),
    threshold=st.integers(1, 40).map(lambda quarters: quarters * 900),
    objective=st.integers(51, 98).map(lambda percent: percent / 100),
    confidence=st.sampled_from([0.8, 0.9, 0.95]),
)
def test_every_offer_is_met_by_its_own_evidence_and_is_never_stricter_than_stated(
    times: list[int], open_share: float, threshold: int, objective: float, confidence: float
) -> None:
    seconds = np.array(times, np.int64)
    censored = np.arange(len(times)) < open_share * len(times)
    offer = counter_offer(seconds, censored, threshold, objective, confidence)
    stated = int((~censored & (seconds <= threshold)).sum())
    if offer is None:
        assert verdict(stated, len(times), objective, confidence) is not Verdict.MET
        return
    hits = int((~censored & (seconds <= offer.threshold_s)).sum())
    assert verdict(hits, len(times), offer.objective, confidence) is Verdict.MET
    assert offer.threshold_s >= threshold and 0.5 <= offer.objective <= objective
    supported = verdict(stated, len(times), objective, confidence) is Verdict.MET
    assert (offer == CounterOffer(threshold, objective)) == supported


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="^Every ticket needs both"):
        counter_offer(np.array([1, 2]), np.array([False]), HOUR, 0.9)
