"""Claims about what is offered: thresholds, counter-offers, conditions, and interim figures."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from bench.claims import OBJECTIVE, Claim, judged_counts, percent
from bench.simulated_trials import (
    OUTAGES,
    THRESHOLD_S,
    WEEK_S,
    WITH_OUTAGES,
    Flags,
    Seconds,
    Trials,
    clustered,
    durations,
    judged,
    share_within,
    trials_of,
)
from levels.conditions import Condition, find_condition
from levels.counter_offers import CounterOffer, counter_offer, supported_threshold
from levels.stopwatches import outcomes
from levels.survival import provisional_share
from levels.verdicts import Verdict

DAYS = np.array(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"])
CATEGORIES = np.array(["mail", "network", "printing", "telephony"])


def _thresholds(random: np.random.Generator, trials: int) -> Iterator[Claim]:
    for number, confidence, paused in (
        (60, 0.95, 0),
        (100, 0.95, 0),
        (300, 0.95, 0),
        (60, 0.8, 0),
        (100, 0.95, 0.02),
    ):
        tried = trials_of(random, (trials, number), 0.7, paused=paused)
        setting = f"{number} tickets" + (f", {percent(paused)} of them paused" if paused else "")
        yield _holding(tried, confidence, setting, "at least")
    impossible = clustered(random, trials, 0.7, **OUTAGES)
    for words, relation, tried in zip(
        ("folded into one", "ticket counted"), ("at least", ""), impossible, strict=True
    ):
        yield _holding(tried, 0.95, f"{WITH_OUTAGES} {words}", relation)
    tried = trials_of(random, (trials, 100), 0.7)
    suggested = _suggested(tried, 0.95)
    following = durations(random, (trials, 100), 0.7)
    kept = (following <= suggested[:, None]).mean(axis=1) >= OBJECTIVE
    claim = "the next 100 tickets' own figure reaches the objective at it"
    yield Claim(claim, "100 tickets, 95 %", "", 0.95, float(kept.mean()), trials)


def _counter_offers(random: np.random.Generator, trials: int) -> Iterator[Claim]:
    for number in (12, 40, 100):
        tried = trials_of(random, (trials, number), 0.7)
        each = zip(tried.consumed, tried.censored, strict=True)
        offers = [counter_offer(seconds, censored, THRESHOLD_S, OBJECTIVE) for seconds, censored in each]
        setting = f"{number} tickets, {percent(sum(map(bool, offers)) / trials)} of the trials with an offer"
        yield _offers_hold("a counter-offer as it is worded truly holds", setting, offers, 0.7)


def _offers_hold(claim: str, setting: str, offers: Iterable[CounterOffer | None], share: float) -> Claim:
    made = [offer for offer in offers if offer]
    true = share_within(np.array([offer.threshold_s for offer in made], np.float64), share)
    holds = float((true >= [offer.objective for offer in made]).mean())
    return Claim(claim, setting, "at least", 0.95, holds, len(made))


def _suggested(tried: Trials, confidence: float) -> NDArray[np.float64]:
    each = zip(tried.consumed, tried.censored, strict=True)
    found = (supported_threshold(seconds, censored, OBJECTIVE, confidence) for seconds, censored in each)
    return np.array([np.nan if threshold is None else threshold for threshold in found])


def _holding(tried: Trials, confidence: float, setting: str, relation: str) -> Claim:
    suggested = _suggested(tried, confidence)
    made = suggested[~np.isnan(suggested)]
    holds = float((share_within(made, 0.7) >= OBJECTIVE).mean())
    claim = "the true share at the suggested threshold reaches the objective"
    return Claim(claim, f"{setting}, {percent(confidence)}", relation, confidence, holds, len(made))


def _conditions(random: np.random.Generator, trials: int) -> Iterator[Claim]:
    days, categories, tried = _weeks(random, trials, mondays=OBJECTIVE, others=OBJECTIVE)
    found = [_found(*ticket) for ticket in zip(tried.consumed, tried.censored, days, categories, strict=True)]
    setting = "200 tickets, 9 parts, each truly just at the objective"
    claim = "a condition says that the rest holds"
    yield Claim(claim, setting, "at most", 0.05, sum(map(bool, found)) / trials, trials)
    hit = ~tried.censored & (tried.consumed <= THRESHOLD_S)
    rests = [days != day for day in range(5)] + [categories != category for category in range(4)]
    met = [
        judged_counts(zip((hit & rest).sum(1).tolist(), rest.sum(1).tolist(), strict=True)) for rest in rests
    ]
    careless = sum(Verdict.MET in each for each in zip(*met, strict=True)) / trials
    yield Claim(claim, f"{setting}, 95 % for each part", "", 0.05, careless, trials)


def _mondays(random: np.random.Generator, trials: int) -> Iterator[Claim]:
    days, categories, tried = _weeks(random, trials, mondays=0.6, others=0.98)
    found = [_found(*ticket) for ticket in zip(tried.consumed, tried.censored, days, categories, strict=True)]
    setting = "200 tickets, 9 parts, Mondays 60 %, else 98 %"
    offers = [each.offer for each in found if each and each.value == "Monday"]
    yield Claim("Mondays are named", setting, "", 1, len(offers) / trials, trials)
    yield _offers_hold("the offer for Mondays truly holds", setting, offers, 0.6)


def _weeks(
    random: np.random.Generator, trials: int, mondays: float, others: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Trials]:
    shape = (trials, 200)
    days, categories = random.integers(0, len(DAYS), shape), random.integers(0, len(CATEGORIES), shape)
    slow, quick = durations(random, shape, mondays), durations(random, shape, others)
    return days, categories, judged(random, np.where(days == 0, slow, quick))


def _found(
    seconds: Seconds, censored: Flags, days: NDArray[np.int64], categories: NDArray[np.int64]
) -> Condition | None:
    labels = {"weekday": DAYS[days], "category": CATEGORIES[categories]}
    judged_each = outcomes(seconds, ~censored, THRESHOLD_S)
    return find_condition(seconds, censored, judged_each, labels, THRESHOLD_S, OBJECTIVE)


def _interim(random: np.random.Generator, trials: int) -> Iterator[Claim]:
    fewer, truth = max(trials // 10, 1), 0.81
    early = trials_of(random, (fewer, 60), truth, intake_s=WEEK_S, wait_s=0)
    setting = "60 tickets in a week, looked at as it ends, truth 81 %"
    each = zip(early.consumed, early.censored, strict=True)
    figures = [provisional_share(seconds, censored, THRESHOLD_S) for seconds, censored in each]
    means = {
        "closed tickets only": early.hits / early.closed,
        "known outcomes only": early.hits / early.known,
        "Kaplan-Meier": np.array([figure.share for figure in figures if figure]),
    }
    for words, shares in means.items():
        yield Claim(f"mean share, {words}", setting, "", truth, float(shares.mean()), fewer * 60)
    bands = [figure for figure in figures if figure and figure.lower is not None]
    inside = np.mean([(band.lower or 0) <= truth <= (band.upper or 1) for band in bands])
    yield Claim("the Kaplan-Meier band holds the truth", setting, "", 0.95, float(inside), len(bands))


PARTS = (_thresholds, _counter_offers, _conditions, _mondays, _interim)
