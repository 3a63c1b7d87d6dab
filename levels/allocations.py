"""Allocations: a threshold divided among steps, and how the measured tickets stand to it."""

import math
from dataclasses import dataclass

from levels.in_words import duration_in_words, share_in_words


def hits_reaching(objective: float, tickets: int) -> int:
    """The fewest hits that are the objective's share; the product is rounded for what floats cannot hold."""
    return math.ceil(round(objective * tickets, 6))


@dataclass(frozen=True)
class StepBudget:
    """One step's part of the threshold, with how the measured tickets stand to it.

    Attributes:
        budget_s: the working seconds that the step may take.
        tickets: the tickets that went through the step.
        share: their share of all tickets.
        within: the share of them that keep the budget; 1 where no ticket went through.
        quantile_s: the step's own quantile at the objective ("p90"), for comparison; 0 where none did.
    """

    budget_s: int
    tickets: int
    share: float
    within: float
    quantile_s: int


@dataclass(frozen=True)
class Allocation:
    """A threshold divided among steps, in their order, and the share of tickets that keep all budgets.

    Attributes:
        steps: the budgets.
        threshold_s, objective: of the target that is broken down.
        tickets: the tickets measured.
        joint_hits: the tickets within every step's budget at once.
        threshold_hits: the tickets whose time in all steps together is within the threshold; no allocation
            has more joint hits.
        needed_s: the smallest sum of budgets that carries the objective at equal odds.
        quantile_hits: the tickets that would keep every step's own quantile at the objective.
        equal_odds: whether the budgets are those of equal odds; False if shifted, or set by hand.
    """

    steps: tuple[StepBudget, ...]
    threshold_s: int
    objective: float
    tickets: int
    joint_hits: int
    threshold_hits: int
    needed_s: int
    quantile_hits: int
    equal_odds: bool

    @property
    def budgets_s(self) -> tuple[int, ...]:
        """The budgets alone."""
        return tuple(step.budget_s for step in self.steps)

    @property
    def sum_s(self) -> int:
        """What the budgets add up to."""
        return sum(self.budgets_s)

    @property
    def sum_of_quantiles_s(self) -> int:
        """What the steps' own quantiles at the objective ("p90") add up to: what not to promise."""
        return sum(step.quantile_s for step in self.steps)

    @property
    def joint_share(self) -> float:
        """The share of tickets within every step's budget at once."""
        return self.joint_hits / self.tickets

    @property
    def met(self) -> bool:
        """Whether the budgets fit the threshold and the joint share reaches the objective."""
        return self.sum_s <= self.threshold_s and self.joint_hits >= hits_reaching(
            self.objective, self.tickets
        )

    @property
    def sentence(self) -> str:
        """What the budgets carry, and if not the objective, what is missing."""
        kept = (
            f"{self.joint_hits} of {self.tickets} tickets ({share_in_words(self.joint_share)}) keep every "
            f"budget; the objective is {share_in_words(self.objective)}"
        )
        added = (
            f"the budgets add up to {duration_in_words(self.sum_s)} of {duration_in_words(self.threshold_s)}"
        )
        if self.met:
            return f"{kept}; {added}."
        if self.threshold_hits < hits_reaching(self.objective, self.tickets):
            within = share_in_words(self.threshold_hits / self.tickets)
            reason = f"no division can carry it, since only {within} are within the threshold at all"
        else:
            reason = f"equal odds would need {duration_in_words(self.needed_s)}"
        return f"{kept}; {added}; {reason}."
