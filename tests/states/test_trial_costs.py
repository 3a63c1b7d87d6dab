"""What the service costs under the stated and the countered threshold, where prices are known."""

from typing import Any

import pytest

from models.versions import ServiceLevelTarget
from states.trial_costs import cost_in_words, cost_of_target

HOUR = 3600
STEPS = [{"threshold": "4 h", "amount": 900}, {"threshold": "8 h", "amount": 400}]
TARGET = ServiceLevelTarget(
    key="P1", population={"priority": "1"}, threshold_s=4 * HOUR, objective=0.9, calendar="office"
)


def words(cost: dict[str, Any], stated: int = 4 * HOUR, countered: int | None = 8 * HOUR) -> str:
    return cost_in_words(cost_of_target(cost, TARGET, stated, countered, 2.0), stated, countered)


def test_the_cheapest_step_that_is_strict_enough_counts() -> None:
    cost = {"currency": "EUR", "per": "month", "by_threshold": STEPS}
    assert words(cost) == "900 EUR a month for 4 h, 400 EUR a month for 8 h"
    assert words(cost, 6 * HOUR, 12 * HOUR) == "900 EUR a month for 6 h, 400 EUR a month for 12 h"
    assert words(cost, 2 * HOUR, 8 * HOUR) == "400 EUR a month for 8 h"  # nobody has said what 2 h cost
    assert words(cost, 4 * HOUR, None) == "900 EUR a month for 4 h"


def test_prices_per_ticket_are_told_beside() -> None:
    cost = {"currency": "EUR", "per_ticket": {"1": 120, "2": 60}}
    assert words(cost) == "the tickets of a month about 7,305 EUR under either"


@pytest.mark.parametrize(
    "cost",
    [
        {},
        {"amount": 1200, "currency": "EUR", "per": "month"},
        {"per_ticket": {"2": 60}},
        {"per_ticket": 60},
        {"by_threshold": "much"},
        {"by_threshold": [{"threshold": "soon", "amount": 9}, {"threshold": "4 h"}, 7]},
        {"by_threshold": [{"target": "P2", "threshold": "4 h", "amount": 9}]},
    ],
)
def test_where_nothing_is_known_nothing_is_said(cost: dict[str, Any]) -> None:
    assert words(cost) == ""
