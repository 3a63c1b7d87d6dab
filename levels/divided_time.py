"""Divided time: a limit divided among the columns of a table of times, for `levels.step_budgets`.

Every table has shape (tickets, steps) and holds whole numbers in any unit, 0 where a ticket never was in a
step.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from levels.moments import IntArray, Numbers, whole_seconds


def time_table(seconds: Numbers) -> IntArray:
    """The table checked, in whole seconds, a begun one counted as whole.

    Raises:
        ValueError: it is not a table with a step at least, or a time is negative or not finite.
    """
    given = np.asarray(seconds)
    if given.ndim != 2 or not given.shape[1]:
        raise ValueError(f"Times in steps are a table of tickets by steps, not of shape {given.shape}.")
    whole = whole_seconds(np.ceil(given))
    if whole.size and whole.min() < 0:
        raise ValueError(f"A ticket cannot spend {whole.min()} seconds in a step.")
    return whole


def one_each(budgets_s: Sequence[int], table: IntArray) -> IntArray:
    """The budgets as an array, one for each step of a table.

    Raises:
        ValueError: there are more or fewer, or one is negative.
    """
    budgets = np.asarray(budgets_s, np.int64)
    if budgets.shape != table.shape[1:]:
        raise ValueError(f"{table.shape[1]} steps need as many budgets, not {budgets.size}.")
    if budgets.min() < 0:
        raise ValueError(f"A budget of {budgets.min()} seconds is not possible.")
    return budgets


def joint_hits(table: IntArray, budgets: IntArray) -> int:
    """The number of tickets within every step's budget at once."""
    return int(np.count_nonzero((table <= budgets).all(axis=1)))


def equal_odds(granules: IntArray, limit: int) -> IntArray:
    """The point on the path of equal quantiles that sums to the limit, rounded down in every step."""
    path = quantile_path(granules)
    sums = path.sum(axis=1)
    at = int(np.searchsorted(sums, limit, "right")) - 1
    left = limit - int(sums[at])
    if at + 1 < len(path):
        lacking = path[at + 1] - path[at]
    else:
        lacking = path[at] if sums[at] else np.ones_like(path[at])
    return np.asarray(path[at] + lacking * left // lacking.sum(), np.int64)


def quantile_path(granules: IntArray) -> IntArray:
    """The steps' quantiles at every level that any step tells apart, ascending, shape (levels, steps)."""
    columns = [np.unique(column[column > 0], return_counts=True) for column in granules.T]
    ranks = [np.cumsum(counts) / max(counts.sum(), 1) for _, counts in columns]
    levels = np.unique(np.concatenate([[0.0], *ranks]))
    return np.column_stack(
        [
            np.r_[0, values][np.searchsorted(rank, levels, "right")]
            for (values, _), rank in zip(columns, ranks, strict=True)
        ]
    )


def medians(table: IntArray) -> IntArray:
    """Each step's median among the tickets that go through it, the lower one of two; 0 where none does."""
    through = [np.sort(column[column > 0]) for column in table.T]
    return np.array([each[(each.size - 1) // 2] if each.size else 0 for each in through], np.int64)


def shifted(granules: IntArray, budgets: IntArray, limit: int, lowest: IntArray) -> IntArray:
    """Budgets after every move of time between two steps that keeps more tickets.

    Args:
        granules: the times, shape (tickets, steps).
        budgets: where to begin, shape (steps,); they sum to the limit at most.
        limit: what may be divided.
        lowest: what no move may take from a step, at most its budget.
    """
    budgets = budgets.copy()
    moved = True
    while moved:
        moved = False
        for one, other in combinations(range(len(budgets)), 2):
            aside = np.delete(np.arange(len(budgets)), [one, other])
            candidates = granules[(granules[:, aside] <= budgets[aside]).all(axis=1)]
            both = limit - int(budgets[aside].sum())
            starts = np.maximum(candidates[:, one], lowest[one])
            ends = both - np.maximum(candidates[:, other], lowest[other])
            split, kept = _most_covered(starts, ends)
            if kept > joint_hits(granules, budgets):
                budgets[one], budgets[other], moved = split, both - split, True
    return budgets


def _most_covered(starts: IntArray, ends: IntArray) -> tuple[int, int]:
    """The middle of the stretch that lies in the most intervals (both ends included), and their number."""
    proper = starts <= ends
    starts, ends = np.sort(starts[proper]), np.sort(ends[proper])
    if not starts.size:
        return 0, 0
    covered = np.searchsorted(starts, starts, "right") - np.searchsorted(ends, starts, "left")
    best = int(covered.argmax())
    until = ends[np.searchsorted(ends, starts[best], "left")]
    return int(starts[best] + until) // 2, int(covered[best])
