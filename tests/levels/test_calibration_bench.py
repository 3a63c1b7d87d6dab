"""The calibration runs, says the same for the same seed, and finds what does not hold."""

from dataclasses import replace

import pytest

from bench.calibration import measure
from bench.claims import Claim, table

pytestmark = pytest.mark.campaign


def test_every_claim_is_put_to_the_test() -> None:
    claims = measure(trials=100)
    assert {claim.relation for claim in claims} == {"at most", "at least", "about", ""}
    assert all(claim.holds is not False for claim in claims)
    assert all((claim.holds is None) == (not claim.relation) for claim in claims)
    assert table(claims).count("\n") == len(claims) + 1


def test_the_same_seed_finds_the_same() -> None:
    assert measure(trials=30, seed=1) == measure(trials=30, seed=1)


def test_a_claim_that_does_not_hold_is_shown_so() -> None:
    kept = Claim("met", "100 tickets", "at most", stated=0.05, found=0.053, trials=10_000)
    assert kept.holds and "| holds |" in table([kept])
    broken = replace(kept, found=0.06)
    assert broken.holds is False and "does not hold" in table([broken])
    assert replace(broken, relation="at least").holds
    assert replace(broken, relation="about").holds is False
