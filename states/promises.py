"""A target said in one sentence, the same on pages, in letters and on the terminal."""

from collections.abc import Mapping
from typing import Any

from levels.counter_offers import CounterOffer
from levels.in_words import weekdays_in_words
from levels.windows import WEEKDAYS
from models.version_words import Indicator
from models.versions import ServiceLevelTarget
from templates.languages.telling import told
from templates.render import amount, duration, percent


def promise_of(
    target: ServiceLevelTarget, threshold_s: int | None = None, objective: float | None = None
) -> str:
    """Return what a target promises, such as "90 % of priority 2 tickets resolved within 8 h".

    Hours are working hours. A threshold or an objective that is given stands in for the target's own.
    """
    share = percent(target.objective if objective is None else objective)
    time = duration(target.threshold_s if threshold_s is None else threshold_s)
    whom = population_in_words(target.population)
    if target.weekdays:
        whom += f" opened {weekdays_in_words([WEEKDAYS.index(day) for day in target.weekdays])}"
    bound = f"{target.bound_side} {amount(target.bound)}" if target.bound is not None else ""
    match target.indicator:
        case Indicator.RESPONSE:
            return f"{share} of {whom} answered within {time}"
        case Indicator.NEXT_UPDATE:
            return f"{share} of {whom} told the news at least every {time}"
        case Indicator.RESOLUTION:
            return f"{share} of {whom} resolved within {time}"
        case Indicator.STEP:
            return f"{share} of {whom} in {target.line} for at most {time}"
        case Indicator.BETWEEN_STATES:
            way = f"{_states(target.from_states)} to {_states(target.to_states)}"
            return f"{share} of {whom} from {way} within {time}"
        case Indicator.AVAILABILITY:
            return f"{_subject(target.population)} available for {share} of the service hours"
        case Indicator.RATIO:
            return f"{share} of {target.measure} good{_about(target.population)}"
        case Indicator.VALUE:
            return f"{share} of {target.measure} {bound}{_about(target.population)}"
        case Indicator.SATISFACTION:
            return f"{share} of answers satisfied{_about(target.population)}"
        case Indicator.COST:
            return f"{target.measure or 'cost'} of {bound} a period{_about(target.population)}"


def promise_in(contents: Mapping[str, Any]) -> str:
    """Return what a target of a version's plain data promises (see `models.sealing.version_contents`)."""
    return promise_of(ServiceLevelTarget(**contents))


def offer_in_words(offer: CounterOffer | None) -> str:
    """Return e.g. "90 % within 12 h", or "90 %" where no time is promised; "" for no counter-offer."""
    if offer is None:
        return ""
    share = percent(offer.objective)
    if not offer.threshold_s:
        return share
    return told("%(share)s within %(time)s", share=share, time=duration(offer.threshold_s))


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


def _states(states: list[str]) -> str:
    return " or ".join(state.replace("_", " ") for state in states)


def _subject(population: Mapping[str, str]) -> str:
    return population.get("service", "every service")


def _about(population: Mapping[str, str]) -> str:
    return f" for {population['service']}" if "service" in population else ""
