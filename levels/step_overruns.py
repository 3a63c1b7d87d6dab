"""Step overruns: which step spent the budget of a ticket that missed its target."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from levels.divided_time import one_each, time_table
from levels.moments import IntArray, Numbers


@dataclass(frozen=True)
class StepOverrun:
    """What one step has to do with the missed tickets.

    Attributes:
        tickets: missed tickets in which no step overran its budget by more.
        overrun_s: its working seconds over the budget, in all missed tickets together.
    """

    tickets: int
    overrun_s: int


@dataclass(frozen=True, eq=False)
class Spent:
    """Which step spent the budget of each missed ticket.

    Attributes:
        step: index of the step with the greatest overrun, the first among equals, shape (missed,); -1 where
            every step kept its budget, which happens if the budgets add up to more than the threshold.
        overrun_s: its working seconds over the budget, shape (missed,); 0 where there is none.
        steps: the totals of each step.
    """

    step: IntArray
    overrun_s: IntArray
    steps: tuple[StepOverrun, ...]


def spent(seconds: Numbers, budgets_s: Sequence[int]) -> Spent:
    """Tell which step spent the budget.

    Args:
        seconds: working seconds of the *missed* tickets in each step, shape (missed, steps).
        budgets_s: one budget for each step.

    Raises:
        ValueError: a time is negative or infinite, or the budgets are negative or not one for each step.
    """
    spent_s = time_table(seconds)
    overruns = np.maximum(spent_s - one_each(budgets_s, spent_s), 0)
    most = overruns.max(axis=1)
    step = np.where(most > 0, overruns.argmax(axis=1), -1)
    totals = tuple(
        StepOverrun(int(np.count_nonzero(step == number)), int(overruns[:, number].sum()))
        for number in range(spent_s.shape[1])
    )
    return Spent(step, most, totals)
