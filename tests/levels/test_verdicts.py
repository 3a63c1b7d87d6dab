"""Verdicts against SciPy's exact test, against published tables, and against their own definition."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from levels.verdicts import (
    Verdict,
    bounds,
    hits_needed,
    needed_if_all_hit,
    tickets_needed,
    verdict,
    wilson,
)

counts = st.integers(1, 400).flatmap(lambda known: st.tuples(st.integers(0, known), st.just(known)))
shares = st.floats(0.5, 0.99)


@settings(max_examples=150, deadline=None)
@given(counts, shares)
def test_bounds_are_the_exact_one_sided_ones(tickets: tuple[int, int], confidence: float) -> None:
    hits, known = tickets
    lower = binomtest(hits, known, alternative="greater").proportion_ci(confidence, method="exact").low
    upper = binomtest(hits, known, alternative="less").proportion_ci(confidence, method="exact").high
    assert bounds(hits, known, confidence) == pytest.approx((lower, upper), abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(counts, shares)
def test_wilson_is_the_two_sided_interval_of_scipy(tickets: tuple[int, int], confidence: float) -> None:
    interval = binomtest(*tickets).proportion_ci(confidence, method="wilson")
    assert wilson(*tickets, confidence) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_twenty_seven_of_thirty_is_anything_from_74_to_97_percent() -> None:
    assert wilson(27, 30) == pytest.approx((0.744, 0.965), abs=5e-4)
    assert verdict(27, 30, 0.9) is Verdict.NOT_ENOUGH


def test_nothing_known_proves_nothing() -> None:
    assert bounds(0, 0) == wilson(0, 0) == (0.0, 1.0)
    assert verdict(0, 0, 0.9) is Verdict.NOT_ENOUGH


def test_the_three_verdicts() -> None:
    assert verdict(29, 29, 0.9) is Verdict.MET
    assert verdict(28, 28, 0.9) is Verdict.NOT_ENOUGH
    assert verdict(20, 30, 0.9) is Verdict.NOT_MET
    assert [str(each) for each in Verdict] == ["met", "not met", "not enough evidence"]


@pytest.mark.parametrize(("misses", "tickets"), [(0, 29), (1, 46), (2, 61), (3, 76), (5, 103)])
def test_the_table_of_trial_sizes(misses: int, tickets: int) -> None:
    assert tickets_needed(0.9, 0.95, misses) == tickets
    assert hits_needed(tickets, 0.9) == tickets - misses


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 8), st.floats(0.5, 0.97), shares)
def test_the_tickets_needed_are_the_fewest(misses: int, objective: float, confidence: float) -> None:
    needed = tickets_needed(objective, confidence, misses)
    assert verdict(needed - misses, needed, objective, confidence) is Verdict.MET
    assert needed - 1 < max(misses, 1) or (
        verdict(needed - 1 - misses, needed - 1, objective, confidence) is not Verdict.MET
    )


@settings(max_examples=60, deadline=None)
@given(counts, st.floats(0.5, 0.97), shares)
def test_needed_if_all_hit_is_the_fewest_too(
    tickets: tuple[int, int], objective: float, confidence: float
) -> None:
    hits, known = tickets
    more = needed_if_all_hit(hits, known, objective, confidence)
    assert verdict(hits + more, known + more, objective, confidence) is Verdict.MET
    assert not more or (verdict(hits + more - 1, known + more - 1, objective, confidence) is not Verdict.MET)


@pytest.mark.parametrize(("hits", "known"), [(-1, 5), (6, 5), (0, -1)])
def test_impossible_counts_are_refused(hits: int, known: int) -> None:
    for judge in (bounds, wilson):
        with pytest.raises(ValueError, match=f"^{hits} hits among {known} known tickets is not possible.$"):
            judge(hits, known)


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.1, float("nan")])
def test_shares_lie_between_zero_and_one(share: float) -> None:
    with pytest.raises(ValueError, match="The objective must lie between 0 and 1"):
        verdict(5, 5, share)
    with pytest.raises(ValueError, match="The confidence must lie between 0 and 1"):
        bounds(5, 5, share)
    with pytest.raises(ValueError, match="The objective must lie between 0 and 1"):
        tickets_needed(share)
