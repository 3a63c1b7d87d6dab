"""The line that worked on each interval of a ticket: named by the feed, or told by the ticket's groups."""

import numpy as np
from numpy.typing import NDArray

from evidence.histories import Texts, TicketHistories, once
from models.evidence import TicketState

FIRST_LINE, BACK_OFFICE, SUPPLIER, UNNAMED = "first line", "back office", "supplier", "all lines"

NAMED = "the feed names the line"
BY_GROUP = (
    "the feed names no line: the first group that a ticket is assigned to is taken for the first line, "
    "any other for the back office, and waiting for a supplier for the supplier"
)
BY_BOTH = (
    "the feed names the line of {share} % of the intervals; for the rest the first group that a ticket is "
    "assigned to is taken for the first line, any other for the back office"
)
UNKNOWN = "the feed names neither lines nor groups, so nothing can be said about who did the work"


def line_of_each_interval(histories: TicketHistories) -> tuple[Texts, str]:
    """Return the line that worked on each interval, shape (intervals,), and how the lines were told."""
    told = histories.details["line"] != ""
    if not told.any() and not (histories.details["group_name"] != "").any():
        return np.full(len(told), UNNAMED, dtype=object), UNKNOWN
    line = _by_group(histories)
    line[told] = histories.details["line"][told]
    if told.all():
        return line, NAMED
    if not told.any():
        return line, BY_GROUP
    return line, BY_BOTH.format(share=round(100 * float(told.mean())))


@once
def line_that_counts(histories: TicketHistories) -> Texts:
    """Return the line of each interval that a step is measured by, shape (intervals,); "" where none is told.

    That is the one that the feed names. Of a feed that never names any, but names groups, it is told as
    `line_of_each_interval` tells it, so that a ticket alone has the same lines as among others.
    """
    if "line" in histories.feed_names or "group_name" not in histories.feed_names:
        return histories.details["line"]
    return _by_group(histories)


def _by_group(histories: TicketHistories) -> Texts:
    line = np.full(len(histories.interval_ticket), FIRST_LINE, dtype=object)
    line[_in_another_group(histories)] = BACK_OFFICE
    line[histories.interval_state == TicketState.AWAITING_SUPPLIER.value] = SUPPLIER
    return line


def _in_another_group(histories: TicketHistories) -> NDArray[np.bool_]:
    """Whether each interval's group is another than its ticket's first.

    Where an interval names none, the group before it still has the ticket.
    """
    names, code = np.unique(histories.details["group_name"].astype(str), return_inverse=True)
    named, place = names[code] != "", np.arange(len(code))
    ticket = histories.interval_ticket
    first = np.full(len(histories), len(code), dtype=np.int64)
    np.minimum.at(first, ticket[named], place[named])
    held = np.maximum.accumulate(np.where(named, place, -1)) if len(code) else place
    reached = held >= first[ticket]
    other = np.zeros(len(code), dtype=np.bool_)
    other[reached] = code[held[reached]] != code[first[ticket[reached]]]
    return other
