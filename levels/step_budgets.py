"""Step budgets: a customer's target broken down into the time that each step of the work may take.

The sum of the steps' own 90th percentiles is no breakdown of "90 %". It is too generous, since few tickets
are slow in every step at once, so it seldom fits the threshold; and it says nothing of the share of tickets
that keep *all* budgets, which lies anywhere between the smallest of the steps' shares and one minus the sum
of their shortfalls (Bonferroni).

Here the budgets add up to the threshold at most, and what is looked at is the *joint* share: the tickets
within every step's budget at once. Such a ticket is within the threshold too.

1. **Equal odds.** Every step gets the same quantile of the tickets that go through it, the highest for which
   the budgets still fit the threshold. What is left is divided in proportion to what each step lacks for
   the next level, and beyond the slowest ticket of every step in proportion to the budgets. So no budget
   ever shrinks when the threshold grows.
2. **Shifted**, only where equal odds miss the objective: time is moved between two steps at a time, to the
   split that keeps most tickets, until no such move helps. At first no step gives away its median; if that
   does not do, it may, and `StepBudget.within` says how few then keep its budget. For two steps there is no
   better split. If the objective is still missed, these budgets show the joint share that can be had, and
   `Allocation.sentence` says what is missing.

Times are counted up, and the threshold down, to whole granules (minutes), so rounding costs no ticket that
was counted.
"""

from collections.abc import Sequence

import numpy as np

from levels.allocations import Allocation, StepBudget, hits_reaching
from levels.divided_time import equal_odds, joint_hits, medians, one_each, quantile_path, shifted, time_table
from levels.moments import IntArray, Numbers

_MINUTE = 60


def propose_budgets(
    seconds: Numbers, threshold_s: int, objective: float, granularity_s: int = _MINUTE
) -> Allocation:
    """Divide a threshold among steps so that the joint share reaches the objective, if it can.

    Args:
        seconds: working seconds that each ticket spent in each step, on the target's calendar, shape
            (tickets, steps); 0 where it never was. Leave no late ticket out: one that is still open but
            already late counts with its time so far.
        threshold_s: the target's threshold in working seconds.
        objective: the share of tickets that shall keep it.
        granularity_s: budgets are whole multiples of it.

    Returns:
        The allocation of the module's docstring; `Allocation.met` says whether it carries the objective.

    Raises:
        ValueError: no ticket or no step, a negative or infinite time, or an argument out of range.
    """
    spent_s = _checked(seconds, threshold_s, objective, granularity_s)
    granules, limit = -(-spent_s // granularity_s), threshold_s // granularity_s
    needed = hits_reaching(objective, len(granules))
    budgets = even = equal_odds(granules, limit)
    for lowest in (np.minimum(even, medians(granules)), np.zeros_like(even)):
        if joint_hits(granules, budgets) < needed:
            budgets = shifted(granules, budgets, limit, lowest)
    return _weighed(
        spent_s, budgets * granularity_s, threshold_s, objective, granularity_s, even=budgets is even
    )


def weigh_budgets(
    seconds: Numbers,
    budgets_s: Sequence[int],
    threshold_s: int,
    objective: float,
    granularity_s: int = _MINUTE,
) -> Allocation:
    """The same figures for budgets that were set by hand, or proposed from other tickets.

    Args:
        seconds: as `propose_budgets`.
        budgets_s: one budget for each step.
        threshold_s: of the target.
        objective: of the target.
        granularity_s: of `Allocation.needed_s`.

    Raises:
        ValueError: as `propose_budgets`, or the budgets are negative or not one for each step.
    """
    spent_s = _checked(seconds, threshold_s, objective, granularity_s)
    budgets = one_each(budgets_s, spent_s)
    return _weighed(spent_s, budgets, threshold_s, objective, granularity_s, even=False)


def _weighed(
    spent_s: IntArray, budgets: IntArray, threshold_s: int, objective: float, granularity_s: int, even: bool
) -> Allocation:
    needed = hits_reaching(objective, len(spent_s))
    path = quantile_path(-(-spent_s // granularity_s))
    quantiles = np.array([_quantile(column[column > 0], objective) for column in spent_s.T], np.int64)
    return Allocation(
        tuple(map(_step_budget, spent_s.T, budgets.tolist(), quantiles.tolist())),
        threshold_s,
        objective,
        tickets=len(spent_s),
        joint_hits=joint_hits(spent_s, budgets),
        threshold_hits=int(np.count_nonzero(spent_s.sum(axis=1) <= threshold_s)),
        needed_s=int(path[_reached(-(-spent_s // granularity_s), path, needed)].sum()) * granularity_s,
        quantile_hits=joint_hits(spent_s, quantiles),
        equal_odds=even,
    )


def _step_budget(column: IntArray, budget_s: int, quantile_s: int) -> StepBudget:
    through = column[column > 0]
    within = float((through <= budget_s).mean()) if through.size else 1.0
    return StepBudget(budget_s, through.size, through.size / column.size, within, quantile_s)


def _reached(granules: IntArray, path: IntArray, needed: int) -> int:
    """The first row of the path whose budgets so many tickets keep at once."""
    first = [np.searchsorted(budgets, column) for budgets, column in zip(path.T, granules.T, strict=True)]
    return int(np.sort(np.max(first, axis=0))[needed - 1])


def _quantile(values: IntArray, objective: float) -> int:
    return int(np.sort(values)[hits_reaching(objective, values.size) - 1]) if values.size else 0


def _checked(seconds: Numbers, threshold_s: int, objective: float, granularity_s: int) -> IntArray:
    table = time_table(seconds)
    if not len(table):
        raise ValueError("Without a ticket there is nothing to tell how the time splits.")
    if threshold_s < 0:
        raise ValueError(f"A threshold of {threshold_s} seconds cannot be divided.")
    if not 0 < objective < 1:
        raise ValueError(f"The objective must lie between 0 and 1, not {objective}.")
    if granularity_s < 1:
        raise ValueError(f"Budgets need a granularity of at least one second, not {granularity_s}.")
    return table
