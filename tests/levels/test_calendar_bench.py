"""The benchmark of `elapsed` runs and says what it measured; how fast is not a test's matter."""

import pytest

from bench.calendars import PEERS, figures

pytestmark = pytest.mark.campaign


def test_the_benchmark_tells_its_ratios() -> None:
    searches, *peers = figures(pairs=20_000)
    assert searches.name == "elapsed of 20,000 pairs"
    assert searches.ratio is not None and searches.ratio > 0
    assert [figure.name for figure in peers] == [f"elapsed of a pair, {peer.name}" for peer in PEERS]
