"""Claims about verdicts: how often a trial passes, decides, and is misled by many looks or by outages."""

from collections.abc import Iterator

import numpy as np

from bench.claims import OBJECTIVE, Claim, judge, judged_counts, percent, share_of, verdicts_of
from bench.simulated_trials import OUTAGES, WEEK_S, WITH_OUTAGES, clustered, trials_of
from levels.trial_chances import chances, chances_of_expected, chances_of_looks
from levels.trial_plans import confidence_of_looks
from levels.verdicts import Verdict


def _passing(random: np.random.Generator, trials: int) -> Iterator[Claim]:
    claim = "met, though truly just at the objective"
    for objective, number in ((0.9, 30), (0.9, 60), (0.9, 100), (0.9, 300), (0.8, 60), (0.95, 100)):
        found = verdicts_of(trials_of(random, (trials, number), objective), objective)
        setting = f"{percent(objective)}, {number} tickets"
        yield Claim(claim, setting, "at most", 0.05, share_of(found, Verdict.MET), trials)
        wrong = "not met, though truly just at the objective"
        yield Claim(wrong, setting, "at most", 0.05, share_of(found, Verdict.NOT_MET), trials)
    for paused in (0.02, 0.1):
        found = verdicts_of(trials_of(random, (trials, 100), 0.9, paused=paused))
        relation = "at most" if paused < 0.05 else ""
        setting = f"90 %, 100 tickets, {percent(paused)} of them paused when it is judged"
        yield Claim(claim, setting, relation, 0.05, share_of(found, Verdict.MET), trials)
    early = trials_of(random, (trials, 100), 0.9, intake_s=WEEK_S, wait_s=0)
    found = judged_counts(zip(early.hits.tolist(), early.closed.tolist(), strict=True))
    setting = "90 %, 100 tickets in a week, judged without the wait, closed tickets only"
    yield Claim(claim, setting, "", 0.05, share_of(found, Verdict.MET), trials)


def _clustering(random: np.random.Generator, trials: int) -> Iterator[Claim]:
    claim = "met, though truly just at the objective"
    folded, counted = clustered(random, trials, OBJECTIVE, **OUTAGES)
    met = share_of(verdicts_of(folded), Verdict.MET)
    yield Claim(claim, f"90 %, {WITH_OUTAGES} folded into one", "at most", 0.05, met, trials)
    met = share_of(verdicts_of(counted), Verdict.MET)
    yield Claim(claim, f"90 %, {WITH_OUTAGES} ticket counted", "", 0.05, met, trials)


def _deciding(random: np.random.Generator, trials: int) -> Iterator[Claim]:
    claim = "the trial decides"
    decided = (Verdict.MET, Verdict.NOT_MET)
    for number, truth in ((46, 0.95), (100, 0.95), (200, 0.95), (60, 0.8)):
        found = share_of(verdicts_of(trials_of(random, (trials, number), truth)), *decided)
        setting = f"truth {percent(truth)}"
        stated = chances(number, truth, OBJECTIVE).deciding
        yield Claim(claim, f"exactly {number} tickets, {setting}", "about", stated, found, trials)
        known = random.poisson(number, trials)
        hits = random.binomial(known, truth)
        found = share_of(judged_counts(zip(hits.tolist(), known.tolist(), strict=True)), *decided)
        stated = chances_of_expected(number, truth, OBJECTIVE).deciding
        yield Claim(claim, f"about {number} tickets, {setting}", "about", stated, found, trials)


def _looking(random: np.random.Generator, trials: int) -> Iterator[Claim]:
    weekly = [10 * week for week in range(1, 13)]
    for looks, truth, split in (
        (weekly, 0.9, False),
        (weekly, 0.9, True),
        ([60, 120], 0.9, True),
        (weekly, 0.95, True),
        ([60, 120], 0.95, True),
        ([120], 0.95, True),
    ):
        each = confidence_of_looks(0.95, len(looks)) if split else 0.95
        hits = random.binomial(np.diff([0, *looks]), truth, (trials, len(looks))).cumsum(axis=1)
        met = sum(_first(row, looks, each) is Verdict.MET for row in hits.tolist()) / trials
        how = f"{len(looks)} looks at {percent(each, 1)} each" if len(looks) > 1 else "one look"
        setting = f"120 tickets, {how}, truth {percent(truth)}"
        stated = chances_of_looks(looks, truth, OBJECTIVE, each).met
        yield Claim("met at one of the looks, as computed", setting, "about", stated, met, trials)
        if split and truth == OBJECTIVE:
            yield Claim("met at one of the looks", setting, "at most", 0.05, met, trials)


def _first(hits: list[int], looks: list[int], confidence: float) -> Verdict:
    found = (judge(each, known, OBJECTIVE, confidence) for each, known in zip(hits, looks, strict=True))
    return next((each for each in found if each is not Verdict.NOT_ENOUGH), Verdict.NOT_ENOUGH)


PARTS = (_passing, _clustering, _deciding, _looking)
