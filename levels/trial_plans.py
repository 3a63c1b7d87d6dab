"""Trial plans: what to know about a target's trial before it starts, and what else could be chosen."""

from dataclasses import dataclass
from math import ceil, inf

from levels.trial_chances import Chances, chances, chances_of_expected
from levels.verdicts import tickets_needed

MISSES_SHOWN = (0, 1, 2, 3)
MOST_TICKETS = 100_000
GOOD_CHANCE = 0.8
LOWER_CONFIDENCES = (0.9, 0.8)


@dataclass(frozen=True)
class TrialOutlook:
    """What to know about a target's trial before it starts.

    Attributes:
        objective: what is to be proved, at this `confidence`.
        confidence: of the verdict.
        expected: number of tickets that the baseline's arrival rate lets expect.
        baseline: share of hits in the baseline, taken as the truth.
        needed: tickets that prove the objective with 0, 1, 2 and 3 misses (`MISSES_SHOWN`).
        fixed: the chances if exactly the expected number comes, rounded to a whole ticket.
        mixed: the chances if the number is Poisson around the expected one: the better figure, because
            nobody knows the number beforehand. `fixed` jumps wherever one more miss is allowed and flatters
            a trial that is expected to just reach one of `needed` (46 tickets: 32 % against 21 %).
    """

    objective: float
    confidence: float
    expected: float
    baseline: float
    needed: tuple[int, ...]
    fixed: Chances
    mixed: Chances


@dataclass(frozen=True)
class LongerTrial:
    """How long a trial would have to be: the tickets to expect, and the days in which they come."""

    tickets: int
    days: int


def outlook(objective: float, confidence: float, expected: float, baseline: float) -> TrialOutlook:
    """Put together what is known about a trial beforehand.

    Raises:
        ValueError: a share that does not lie between 0 and 1 (a baseline may be either), or an expected
            number that is negative or not finite.
    """
    needed = tuple(tickets_needed(objective, confidence, misses) for misses in MISSES_SHOWN)
    mixed = chances_of_expected(expected, baseline, objective, confidence)
    fixed = chances(round(expected), baseline, objective, confidence)
    return TrialOutlook(objective, confidence, expected, baseline, needed, fixed, mixed)


def longer_trial(
    objective: float,
    confidence: float,
    baseline: float,
    tickets_per_day: float,
    chance: float = GOOD_CHANCE,
) -> LongerTrial | None:
    """How long a trial decides with so good a chance if the truth is the baseline.

    Args:
        objective: what is to be proved.
        confidence: of the verdict.
        baseline: true share of hits.
        tickets_per_day: the arrival rate over calendar days.
        chance: of a verdict other than *not enough evidence*, the number of tickets being Poisson.

    Returns:
        The fewest expected tickets and the days in which they come; None where none come, or even
        `MOST_TICKETS` would not do because the baseline lies too near the objective.

    Raises:
        ValueError: as `outlook`, or the rate is negative or not finite.
    """
    if not 0 <= tickets_per_day < inf:
        raise ValueError(f"Tickets a day must be finite and not negative, not {tickets_per_day}.")
    tickets = _tickets_for_chance(objective, confidence, baseline, chance)
    if tickets is None or not tickets_per_day:
        return None
    return LongerTrial(tickets, ceil(round(tickets / tickets_per_day, 9)))


def lower_confidences(planned: TrialOutlook) -> list[TrialOutlook]:
    """The same trial at each of `LOWER_CONFIDENCES` that lies below the planned one, for choosing."""
    return [
        outlook(planned.objective, confidence, planned.expected, planned.baseline)
        for confidence in LOWER_CONFIDENCES
        if confidence < planned.confidence
    ]


def confidence_of_looks(confidence: float, looks: int) -> float:
    """The confidence of each of several planned looks that keeps the whole trial's at what was stated.

    The allowed error is split evenly (Bonferroni): 1 - (1 - confidence) / looks. Whatever the looks have in
    common, a target below its objective is then wrongly found *met* at any of them with a probability of
    at most 1 - confidence.

    Raises:
        ValueError: no look, or a confidence that does not lie between 0 and 1.
    """
    if looks < 1:
        raise ValueError(f"A trial is looked at once at least, not {looks} times.")
    if not 0 < confidence < 1:
        raise ValueError(f"The confidence must lie between 0 and 1, not {confidence}.")
    return 1 - (1 - confidence) / looks


def _tickets_for_chance(objective: float, confidence: float, truth: float, chance: float) -> int | None:
    if not 0 < chance < 1:
        raise ValueError(f"The chance must lie between 0 and 1, not {chance}.")

    def enough(tickets: int) -> bool:
        return chances_of_expected(tickets, truth, objective, confidence).deciding >= chance

    high = 1
    while not enough(high):
        if high >= MOST_TICKETS:
            return None
        high = min(2 * high, MOST_TICKETS)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
