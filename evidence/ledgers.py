"""The ledger of one ticket: every second from its opening to its end, and why it counts or does not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from evidence.accounts import Account, Counting
from evidence.histories import TicketHistories
from evidence.measuring import Measurement
from levels.calendars import Calendar


@dataclass(frozen=True)
class LedgerLine:
    """A stretch of time in which nothing changes for the stopwatch.

    Attributes:
        start, end: epoch seconds.
        counting: what becomes of its seconds.
        state: the ticket's state meanwhile.
        why: what makes it so, in words.
    """

    start: int
    end: int
    counting: Counting
    state: str
    why: str

    @property
    def seconds(self) -> int:
        """Its length, real elapsed seconds."""
        return self.end - self.start


def ledger_of(
    histories: TicketHistories, measurement: Measurement, calendar: Calendar, ticket: int
) -> list[LedgerLine]:
    """Account for one ticket; the running seconds add up to what its stopwatch consumed.

    Args:
        histories: those that were measured, the tickets that count and no others.
        measurement: of the histories.
        calendar: that they were measured on.
        ticket: the ticket's index in both.

    Returns:
        Lines in the order of time, without a gap, from the opening to the close, to the resolution of one
        that is not closed, or to `as_of`; none where that is no time at all.
    """
    account = Account.of(histories, measurement, calendar, ticket)
    return joined(
        [LedgerLine(since, until, *account.told(since)) for since, until in pairwise(account.edges())]
    )


def joined(lines: Sequence[LedgerLine]) -> list[LedgerLine]:
    """Lines that follow each other, those alike drawn together."""
    whole: list[LedgerLine] = []
    for line in lines:
        if whole and replace(whole[-1], start=line.start, end=line.end) == line:
            whole[-1] = replace(whole[-1], end=line.end)
        else:
            whole.append(line)
    return whole
