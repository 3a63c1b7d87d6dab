"""The benchmark of assessments runs, small, and its figures can be read again."""

import json
from pathlib import Path

import pytest

from bench.assessments import figures
from bench.figures import Figure, write

pytestmark = pytest.mark.campaign


def test_it_tells_ratios_for_one_two_four_and_eight_years():
    told = [figure for figure in figures(tickets=1_600) if figure.name.startswith("SQLite")]
    assert [figure.name for figure in told] == [
        "SQLite: a month after 1 year of history",
        "SQLite: a month after 2 years of history",
        "SQLite: a month after 4 years of history",
        "SQLite: a month after 8 years of history",
        "SQLite: the same month, own terms",
        "SQLite: the last year as one period",
        "SQLite: all 8 years as one period",
    ]
    assert all(figure.ratio for figure in told)
    assert told[-1].note.startswith("1 agreements, 1,600 tickets")


def test_figures_are_written_with_their_ratio(tmp_path: Path):
    write(
        [Figure("walk", 3.0, 2.0, "s", "beside a run"), Figure("swim", 1.0, None, "s")], tmp_path / "b.json"
    )
    assert json.loads((tmp_path / "b.json").read_text()) == [
        {"name": "walk", "ours": 3.0, "beside": 2.0, "unit": "s", "note": "beside a run", "ratio": 1.5},
        {"name": "swim", "ours": 1.0, "beside": None, "unit": "s", "note": "", "ratio": None},
    ]
