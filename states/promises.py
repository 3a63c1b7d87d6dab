"""A target said in one sentence, the same on pages, in letters and on the terminal."""

from collections.abc import Mapping

from levels.counter_offers import CounterOffer
from models.versions import Indicator, ServiceLevelTarget
from templates.render import duration, percent

_DONE = {Indicator.RESPONSE: "answered", Indicator.RESOLUTION: "resolved"}


def promise(indicator: Indicator, population: Mapping[str, str], threshold_s: int, objective: float) -> str:
    """Return e.g. "90 % of priority 2 tickets resolved within 8 h"; hours are working hours."""
    return (
        f"{percent(objective)} of {population_in_words(population)} {_DONE[indicator]} "
        f"within {duration(threshold_s)}"
    )


def promise_of(target: ServiceLevelTarget) -> str:
    """Return the promise that a version's target makes."""
    return promise(target.indicator, target.population, target.threshold_s, target.objective)


def offer_in_words(offer: CounterOffer | None) -> str:
    """Return e.g. "90 % within 12 h"; "" where there is no counter-offer."""
    return f"{percent(offer.objective)} within {duration(offer.threshold_s)}" if offer else ""


def population_in_words(population: Mapping[str, str]) -> str:
    """Return e.g. "priority 2 tickets of E-mail"; "all tickets" where nothing is left out."""
    if not population:
        return "all tickets"
    words = f"{population['request_type']} requests" if "request_type" in population else "tickets"
    if "priority" in population:
        words = f"priority {population['priority']} {words}"
    if "service" in population:
        words += f" of {population['service']}"
    if "category" in population:
        words += f" in {population['category']}"
    return words
