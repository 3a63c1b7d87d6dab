"""The longest wait for an update: of each ticket, the gap between two updates that consumed most."""

import numpy as np

from evidence.questions import Question
from evidence.stopwatch_edges import Run, standing, stops_of
from evidence.store import Ints, TicketHistories
from levels.calendars import Calendar
from levels.stopwatches import Pauses, working_seconds


def longest_gaps(
    histories: TicketHistories, question: Question, run: Run, calendar: Calendar, excluded: Pauses
) -> tuple[Ints, Ints]:
    """Return where each ticket's longest gap starts and stops, epoch seconds, shape (tickets,).

    Every recorded interval is an update, and a gap lasts from one to the next or to the resolution; the
    first of those that consumed the same is taken. A ticket that was resolved as it was opened has no gap:
    its stopwatch starts and stops as the run does.

    Args:
        histories: the tickets.
        question: which states pause.
        run: between which intervals updates are waited for.
        calendar: working time.
        excluded: what does not count, by the ticket's index.
    """
    start, stop = run.start.copy(), stops_of(histories, run.stop_at)
    positions = np.arange(len(histories.interval_ticket))
    owner = histories.interval_ticket
    gaps = np.flatnonzero((positions >= run.begin_at[owner]) & (positions < run.stop_at[owner]))
    ticket = owner[gaps]
    begins, ends = histories.interval_start[gaps], histories.interval_end[gaps]
    consumed = working_seconds(calendar, begins, ends, _of_gaps(excluded, ticket, len(histories)))
    consumed[standing(histories, question)[gaps]] = 0
    longest = np.lexsort((-consumed, ticket))
    first = np.flatnonzero(np.diff(ticket, prepend=-1))
    chosen = longest[first]
    start[ticket[chosen]], stop[ticket[chosen]] = begins[chosen], ends[chosen]
    return start, stop


def _of_gaps(excluded: Pauses, ticket: Ints, tickets: int) -> Pauses:
    """Each ticket's excluded time once for each of its gaps, by the gap's index."""
    number = np.bincount(ticket, minlength=tickets)
    first = np.cumsum(number) - number
    times = number[excluded.ticket]
    row = np.repeat(np.arange(len(times)), times)
    within = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    return Pauses(first[excluded.ticket][row] + within, excluded.start[row], excluded.end[row])
