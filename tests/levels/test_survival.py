"""Interim figures against SciPy, against a case worked by hand, and at their edges."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from levels.survival import chance_of_breach, chances_of_breach, curve, provisional_share

HOUR = 3600

tickets = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=80)


def columns(pairs: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([seconds for seconds, _ in pairs], np.int64), np.array(
        [open_ for _, open_ in pairs], bool
    )


def ended(*seconds: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array(seconds, np.float64), np.zeros(len(seconds), np.bool_)


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined:RuntimeWarning")
@settings(max_examples=150, deadline=None)
@given(tickets, st.integers(0, 70), st.sampled_from([0.8, 0.9, 0.95]))
def test_share_and_band_are_those_of_scipy(
    pairs: list[tuple[int, bool]], threshold: int, confidence: float
) -> None:
    seconds, censored = columns(pairs)
    shown = provisional_share(seconds, censored, threshold, confidence)
    surviving: Any = ecdf(CensoredData.right_censored(seconds, censored)).sf
    band = surviving.confidence_interval(confidence, method="log-log")
    assert shown is not None
    assert shown.share == pytest.approx(1 - surviving.evaluate(threshold), abs=1e-12)
    lower, upper = 1 - band.high.evaluate(threshold), 1 - band.low.evaluate(threshold)
    if shown.lower is None or shown.upper is None:
        assert threshold > seconds.max() or threshold < seconds.min() or np.isnan(lower)
    else:
        assert (shown.lower, shown.upper) == pytest.approx((lower, upper), abs=1e-12)
        assert 0 <= shown.lower <= shown.share <= shown.upper <= 1


def test_a_case_worked_by_hand() -> None:
    # 5 at risk at 1 h, 4 at 3 h (one more is still open then), 2 at 5 h: 4/5, 3/4, 1/2
    seconds = HOUR * np.array([5, 1, 3, 3, 9])
    censored = np.array([False, False, False, True, True])
    shown = curve(seconds, censored)
    assert list(shown.times / HOUR) == [0, 1, 3, 5, 9]
    assert shown.share == pytest.approx([0, 0.2, 0.4, 0.7, 0.7])
    at_four = provisional_share(seconds, censored, 4 * HOUR)
    assert at_four is not None and at_four.share == pytest.approx(0.4)
    assert (at_four.tickets, at_four.ended, at_four.out_of_sight) == (5, 3, False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=60), st.integers(0, 70))
def test_where_every_ticket_has_ended_it_is_the_plain_share(times: list[int], threshold: int) -> None:
    shown = provisional_share(*ended(*times), threshold)
    assert shown is not None
    assert shown.share == pytest.approx(sum(time <= threshold for time in times) / len(times))


@settings(max_examples=60, deadline=None)
@given(tickets)
def test_a_curve_begins_at_nothing_and_climbs(pairs: list[tuple[int, bool]]) -> None:
    shown = curve(*columns(pairs))
    assert shown.times[0] == 0 and np.all(np.diff(shown.times) > 0)
    assert np.all(np.diff(shown.share) >= 0)
    sure = ~np.isnan(shown.lower)
    assert np.array_equal(sure, ~np.isnan(shown.upper))
    assert np.all((shown.lower <= shown.share)[sure] & (shown.share <= shown.upper)[sure])


def test_no_ticket_no_figure() -> None:
    assert provisional_share(*ended(), HOUR) is None
    assert chance_of_breach(*ended(), HOUR, 0) is None
    nothing = curve(*ended())
    assert (list(nothing.times), list(nothing.share)) == ([0], [0]) and np.isnan(nothing.upper[0])


def test_nothing_has_ended_yet() -> None:
    seconds, _ = ended(HOUR, 2 * HOUR)
    shown = provisional_share(seconds, np.ones(2, np.bool_), HOUR)
    assert shown is not None
    assert (shown.share, shown.lower, shown.upper, shown.ended) == (0, None, None, 0)


def test_a_threshold_out_of_sight_is_said_to_be() -> None:
    seconds, censored = ended(HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR)
    censored[3] = True
    within = provisional_share(seconds, censored, 4 * HOUR)
    beyond = provisional_share(seconds, censored, 8 * HOUR)
    assert within is not None and beyond is not None
    assert within.share == beyond.share == pytest.approx(0.75)
    assert not within.out_of_sight and within.upper is not None
    assert beyond.out_of_sight and beyond.lower is beyond.upper is None


def test_open_tickets_beyond_the_threshold_keep_its_band() -> None:
    seconds, censored = ended(*[HOUR] * 55, *[20 * HOUR] * 5)
    censored[55:] = True
    shown = provisional_share(seconds, censored, 8 * HOUR)
    assert shown is not None and shown.share == pytest.approx(55 / 60)
    assert shown.lower is not None and shown.lower < 55 / 60 < (shown.upper or 0)


def test_a_ticket_that_waits_is_ever_more_in_danger() -> None:
    # of 40 tickets, ten last each of 1, 4, 7 and 10 hours
    times = ended(*[HOUR] * 10, *[4 * HOUR] * 10, *[7 * HOUR] * 10, *[10 * HOUR] * 10)
    chances = chances_of_breach(*times, 8 * HOUR, HOUR * np.array([0, 2, 4, 7, 8, 9]))
    assert chances == pytest.approx([1 / 4, 1 / 3, 1 / 2, 1, 1, 1])
    assert chance_of_breach(*times, 8 * HOUR, 4 * HOUR) == pytest.approx(1 / 2)


def test_a_chance_wants_thirty_ended_tickets_that_reach_so_far() -> None:
    seconds, censored = ended(*[HOUR] * 20, *[9 * HOUR] * 10)
    assert chance_of_breach(seconds, censored, 8 * HOUR, 0) == pytest.approx(1 / 3)
    censored[0] = True
    assert chance_of_breach(seconds, censored, 8 * HOUR, 0) is None
    short, flags = ended(*[HOUR] * 30, *[2 * HOUR] * 10)
    assert chance_of_breach(short, flags, 8 * HOUR, 0) == 0
    assert chance_of_breach(short, flags, 8 * HOUR, 3 * HOUR) is None  # nobody lasted so long
    flags[30:] = True
    assert chance_of_breach(short, flags, 8 * HOUR, 0) is None  # nobody was watched so long


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="^Every ticket needs both"):
        curve(np.array([1.0, 2.0]), np.array([False]))
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="^Consumed seconds must be finite"):
            curve(*ended(1, bad))
    with pytest.raises(ValueError, match="^The confidence must lie between 0 and 1"):
        provisional_share(*ended(1), 1, confidence=1)
    for bad in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="^A threshold of .* seconds is none.$"):
            provisional_share(*ended(1), bad)
        with pytest.raises(ValueError, match="^A threshold of .* seconds is none.$"):
            chance_of_breach(*ended(1), bad, 0)
