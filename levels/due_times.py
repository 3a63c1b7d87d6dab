"""Due times: the inverse of counting, from a number of working seconds back to an instant."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from levels.moments import IntArray

AtClose: TypeAlias = Literal["close", "next_open"]
AtZero: TypeAlias = Literal["stay", "next_open"]


def due_times(
    closes: IntArray,
    worked: IntArray,
    begin: IntArray,
    position: IntArray,
    budget: IntArray,
    at_close: AtClose,
    zero_budget: AtZero,
) -> tuple[IntArray, NDArray[np.bool_]]:
    """The instants at which budgets are used up.

    Args:
        closes: closings, epoch seconds, ascending.
        worked: working seconds up to each closing.
        begin: where counting begins, epoch seconds.
        position: working seconds before each beginning.
        budget: working seconds to count, negative to count back; of the shape of ``begin``.
        at_close: as `Calendar.due`.
        zero_budget: as `Calendar.due`.

    Returns:
        The instants, and which of them cannot be had because no window is left; those are as they began.
    """
    target = position + budget
    at_opening = budget <= 0 if at_close == "close" else np.full(budget.shape, True)
    stays = (budget == 0) & (zero_budget == "stay")
    # Seconds are whole, so the search from the right at a target is the search from the left just above.
    window = np.searchsorted(worked, target + at_opening)
    missed = ((target < 0) | (window == worked.size)) & ~stays
    ends, moves = begin.copy(), ~stays & ~missed
    ends[moves] = closes[window[moves]] - (worked[window[moves]] - target[moves])
    return ends, missed
