"""What a service costs under the threshold that was stated and under the one offered instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from models.versions import ServiceLevelTarget
from states.document_values import WorkingTime
from templates.render import amount, duration

_WORKING_TIME: TypeAdapter[int] = TypeAdapter(WorkingTime)
_DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class CostOfTarget:
    """What is known of a target's cost, in the cost's own currency.

    Attributes:
        stated, countered: for one `per`, under the stated threshold and under the one offered instead; None
            where no step of the prices is as strict.
        per: "month", "quarter" or "year".
        tickets: what a month's expected tickets cost at the price of their priority; the same under any
            threshold; None where there is no such price.
    """

    currency: str
    stated: float | None
    countered: float | None
    per: str
    tickets: float | None


def cost_of_target(
    cost: Mapping[str, Any],
    target: ServiceLevelTarget,
    stated_s: int,
    countered_s: int | None,
    tickets_a_day: float,
) -> CostOfTarget | None:
    """Return what a version's cost says about a target; None where it says nothing.

    Args:
        cost: of the version. Read are `currency`, `per`, `by_threshold` (steps such as
            {"threshold": "4 h", "amount": 900}, each with a `target` if it is of one alone) and `per_ticket`
            (prices by priority).
        target: whose population names the priority.
        stated_s: its stated threshold, working seconds.
        countered_s: the threshold offered instead, None where none is.
        tickets_a_day: expected.
    """
    steps = _steps(cost.get("by_threshold"), target.key)
    prices = cost.get("per_ticket")
    priority = target.population.get("priority", "")
    price = _number(prices.get(priority)) if isinstance(prices, dict) else None
    found = CostOfTarget(
        str(cost.get("currency", "")),
        _price(steps, stated_s),
        _price(steps, countered_s) if countered_s is not None else None,
        str(cost.get("per", "month")),
        round(price * tickets_a_day * _DAYS_A_MONTH, 2) if price is not None else None,
    )
    return None if found.stated is None and found.countered is None and found.tickets is None else found


def cost_in_words(found: CostOfTarget | None, stated_s: int, countered_s: int | None) -> str:
    """Return e.g. "900 EUR a month for 4 h, 400 EUR for 8 h"; "" where nothing is known."""
    if found is None:
        return ""
    words = []
    if found.stated is not None:
        words.append(f"{_money(found.stated, found)} a {found.per} for {duration(stated_s)}")
    if found.countered is not None and countered_s is not None and countered_s != stated_s:
        words.append(f"{_money(found.countered, found)} a {found.per} for {duration(countered_s)}")
    if found.tickets is not None:
        words.append(f"the tickets of a month about {_money(found.tickets, found)} under either")
    return ", ".join(words)


def _money(value: float, found: CostOfTarget) -> str:
    return f"{amount(value)} {found.currency}".strip()


def _steps(told: Any, key: str) -> list[tuple[int, float]]:
    """The steps that concern a target, as seconds and amounts; what is no step is passed over."""
    found = []
    for row in told if isinstance(told, list) else []:
        if not isinstance(row, dict) or row.get("target", key) != key:
            continue
        price = _number(row.get("amount"))
        try:
            threshold = _WORKING_TIME.validate_python(row.get("threshold"))
        except ValidationError:
            continue
        if price is not None:
            found.append((threshold, price))
    return found


def _price(steps: list[tuple[int, float]], threshold_s: int) -> float | None:
    """The cheapest step that is as strict as the threshold."""
    return min((price for step, price in steps if step <= threshold_s), default=None)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
