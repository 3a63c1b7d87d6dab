"""Figures as people read them, whatever was measured."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.assessments import Assessment
from models.trials import TrialResult
from models.version_words import BoundSide, Indicator
from models.versions import ServiceLevelTarget
from templates.figures_in_words import counted, figure, figure_in_words, kept_in_words, share_in_words


def row(known: int, hits: int, undecided: int = 0, **more: Any) -> dict[str, Any]:
    return {"known": known, "hits": hits, "undecided": undecided, **more}


NO_BREAK = "\u00a0"
UP: dict[str, Any] = {"indicator": "availability"}
COST: dict[str, Any] = {"indicator": "cost", "bound": 1200.0, "bound_side": "at most"}


@pytest.mark.parametrize(
    ("figures", "shown", "of", "words"),
    [
        (row(30, 27, 2), "90 %", "27 of 30, 2 undecided", "27 of 30, 2 undecided"),
        (row(0, 0), "no ticket", "0 of 0", "0 of 0"),
        (row(1_080_000, 1_079_304, **UP), "99.93 %", "of 18,000 min", "99.93 % of 18,000 min"),
        (row(3600, 3600, **UP), "100 %", "of 60 min", "100 % of 60 min"),
        (row(0, 0, **UP), "no service time", "", "no service time"),
        (
            row(15_000, 14_949, indicator="ratio", measure="requests"),
            "99.66 %",
            "14,949 of 15,000 requests",
            "14,949 of 15,000 requests",
        ),
        (row(4, 3, indicator="value", measure="latency"), "75 %", "3 of 4 latency", "3 of 4 latency"),
        (row(4, 2, indicator="satisfaction"), "50 %", "2 of 4 answers", "2 of 4 answers"),
        (
            row(1, 1, value=1180.0, unit="EUR", **COST),
            "1,180 EUR",
            "of at most 1,200 EUR",
            "1,180 EUR of at most 1,200 EUR",
        ),
        (row(1, 0, **COST), "beyond its bound", "of at most 1,200", "beyond its bound of at most 1,200"),
        (
            row(0, 0, 1, value=500.0, unit="EUR", **COST),
            "500 EUR",
            "of at most 1,200 EUR",
            "500 EUR of at most 1,200 EUR",
        ),
        (row(0, 0, **COST), "no cost known", "", "no cost known"),
    ],
)
def test_what_is_read(figures: dict[str, Any], shown: str, of: str, words: str) -> None:
    assert figure(figures).replace(NO_BREAK, " ") == shown
    assert counted(figures) == of
    assert figure_in_words(figures).replace(NO_BREAK, " ") == words


def test_sentences_about_shares_and_what_kept_a_promise() -> None:
    assert share_in_words(row(40, 10)) == f"25{NO_BREAK}% of 40"
    assert share_in_words(row(0, 0)) == "no ticket"
    ratio = row(15_000, 14_949, indicator="ratio", measure="requests")
    assert share_in_words(ratio) == f"99.66{NO_BREAK}% of 15,000 requests"
    assert share_in_words(row(60, 59, **UP)) == f"98.3{NO_BREAK}% of 1 min"
    assert kept_in_words(row(45, 30, 1)) == "30 of 45 tickets kept it, 1 undecided"
    assert kept_in_words(row(60, 60, **UP)) == f"100{NO_BREAK}% of 1 min"


def test_rows_of_the_database_are_read_alike() -> None:
    target = ServiceLevelTarget(
        version_id=1,
        key="C",
        indicator=Indicator.COST,
        threshold_s=0,
        objective=1.0,
        calendar="office",
        bound=10.0,
        bound_side=BoundSide.AT_LEAST,
    )
    counts: dict[str, Any] = {"known": 1, "hits": 1, "undecided": 0}
    assert counted(TrialResult(**counts), target) == "of at least 10"
    nothing: dict[str, Any] = dict.fromkeys(counts)
    assert figure(TrialResult(**nothing), target) == "no cost known"
    frozen = Assessment(**counts, target=target.model_dump(mode="json"))
    assert counted(frozen) == "of at least 10"
    old = Assessment(**counts | {"known": 2}, target={"key": "P2", "indicator": "resolution"})
    assert figure_in_words(old) == "1 of 2"


@given(some.integers(1, 10**7), some.integers(0, 10**7))
def test_an_availability_is_never_said_too_high(known: int, down: int) -> None:
    hits = max(known - down, 0)
    said = float(figure(row(known, hits, **UP)).removesuffix(f"{NO_BREAK}%"))
    assert said <= 100 * hits / known + 1e-9
    assert (said == 100) == (hits == known)
