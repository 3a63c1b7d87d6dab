"""Stopwatches taken apart by line: the working seconds that each ticket consumed in each line."""

from dataclasses import dataclass

import numpy as np

from evidence.histories import Ints, TicketHistories
from evidence.lines_of_intervals import BACK_OFFICE, FIRST_LINE, SUPPLIER, line_of_each_interval
from evidence.measuring import Measurement
from levels.calendars import Calendar
from levels.stopwatches import Pauses, working_seconds

DETAILS = ("line", "group_name")
"""The details of intervals that histories need here."""

_IN_ORDER_OF_WORK = (FIRST_LINE, BACK_OFFICE, SUPPLIER)


@dataclass(frozen=True, eq=False)
class LineSeconds:
    """What measured tickets consumed, by line.

    Attributes:
        lines: those in which any time was consumed: first line, back office and supplier first, then others.
        seconds: shape (tickets, lines), the tickets as in the measurement; a row sums to what its ticket
            consumed.
        assumption: how the lines were told, as a sentence without its full stop.
    """

    lines: list[str]
    seconds: Ints
    assumption: str


def seconds_by_line(histories: TicketHistories, measured: Measurement, calendar: Calendar) -> LineSeconds:
    """Tell what each measured ticket consumed in each line; pauses and exclusions count in none.

    Args:
        histories: with `DETAILS`; those of the measured tickets, and maybe of others.
        measured: of these histories, as of the same instant.
        calendar: that the measurement was made on.
    """
    chosen = histories.where(np.isin(histories.external_ids, measured.external_ids))
    line, assumption = line_of_each_interval(chosen)
    begin, end = _counted_part(chosen, measured)
    ticket = chosen.interval_ticket
    still = _of_each_interval(ticket, measured.pauses.with_those_of(measured.excluded.times))
    consumed = working_seconds(calendar, begin, end, still)
    running = consumed > 0
    found = set(line[running].tolist())
    lines = [name for name in _IN_ORDER_OF_WORK if name in found]
    lines += sorted(found.difference(lines))
    seconds = np.zeros((len(chosen), len(lines)), dtype=np.int64)
    for place, name in enumerate(lines):
        here = running & (line == name)
        np.add.at(seconds[:, place], ticket[here], consumed[here])
    return LineSeconds(lines, seconds, assumption)


def _counted_part(histories: TicketHistories, measured: Measurement) -> tuple[Ints, Ints]:
    """The part of each interval between its ticket's start and stop; the first one begins with the ticket."""
    ticket = histories.interval_ticket
    first = np.ones(len(ticket), dtype=np.bool_)
    first[1:] = ticket[1:] != ticket[:-1]
    start = measured.start[ticket]
    begin = np.where(first, start, np.maximum(histories.interval_start, start))
    end = np.minimum(histories.interval_end, measured.stop[ticket])
    return begin, np.maximum(begin, end)


def _of_each_interval(ticket: Ints, pauses: Pauses) -> Pauses:
    """Every interval's share of its ticket's pauses, which may be longer than itself."""
    order = np.argsort(pauses.ticket, kind="stable")
    of_ticket = pauses.ticket[order]
    first, after = np.searchsorted(of_ticket, ticket, "left"), np.searchsorted(of_ticket, ticket, "right")
    number = after - first
    interval = np.repeat(np.arange(len(ticket)), number)
    within = np.arange(len(interval)) - np.repeat(np.cumsum(number) - number, number)
    place = order[np.repeat(first, number) + within]
    return Pauses(interval, pauses.start[place], pauses.end[place])
