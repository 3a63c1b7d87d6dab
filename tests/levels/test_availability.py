"""Availability: each second of the service counted once, whatever overlaps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from levels.availability import Availability, availability, down_time
from levels.edges import Edges

SPAN = 200
STRETCHES = some.lists(
    some.tuples(some.integers(-20, SPAN), some.integers(0, 60)).map(lambda pair: (pair[0], sum(pair))),
    max_size=6,
)


def edges(stretches: list[tuple[int, int]]) -> Edges:
    both = np.array(stretches, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def windows(*pairs: tuple[int, int]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def test_an_outage_counts_within_service_hours_and_outside_maintenance() -> None:
    found = availability(windows((100, 200), (300, 400)), edges([(180, 320)]), edges([(150, 350)]))
    assert found == Availability(service_s=160, up_s=100)
    assert (found.down_s, found.share) == (60, 0.625)


def test_two_outages_at_once_are_down_once() -> None:
    found = availability(windows((0, 1000)), edges([]), edges([(100, 300), (200, 400), (200, 250)]))
    assert found.down_s == 300


def test_without_service_time_there_is_no_share() -> None:
    assert availability(windows(), edges([]), edges([(0, 10)])).share is None
    assert availability(windows((0, 10)), edges([(0, 10)]), edges([(0, 10)])) == Availability(0, 0)


def test_what_is_excluded_of_an_outage_is_taken_from_it_alone() -> None:
    opens, closes = down_time(edges([(0, 100)]), edges([(20, 30), (25, 40)]), 10, 90)
    assert (opens.tolist(), closes.tolist()) == ([10, 40], [20, 90])


@given(hours=STRETCHES, maintenance=STRETCHES, outages=STRETCHES)
def test_it_is_what_counting_second_by_second_gives(
    hours: list[tuple[int, int]], maintenance: list[tuple[int, int]], outages: list[tuple[int, int]]
) -> None:
    def within(second: int, stretches: list[tuple[int, int]]) -> bool:
        return any(start <= second < end for start, end in stretches)

    service = [
        second
        for second in range(-20, SPAN + 60)
        if within(second, hours) and not within(second, maintenance)
    ]
    up = [second for second in service if not within(second, outages)]
    found = availability(windows(*hours), edges(maintenance), edges(outages))
    assert found == Availability(len(service), len(up))
