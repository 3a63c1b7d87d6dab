"""The benchmark of `elapsed` runs and says what it measured; how fast is not a test's matter."""

from bench.calendars import PEERS, measure


def test_the_benchmark_tells_its_ratios() -> None:
    told = measure(pairs=20_000)
    assert told["pairs"] == 20_000
    assert told["of_two_searchsorted"] > 0
    assert set(told["times_as_fast_as"]) == {peer.name for peer in PEERS}
