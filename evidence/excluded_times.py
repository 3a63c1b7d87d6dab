"""Which tickets' time is excluded, and by what: exclusions laid over stopwatches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.errors import BadInputError
from evidence.exclusions import ExcludedTime
from evidence.histories import ATTRIBUTES, Ints, TicketHistories
from levels.stopwatches import Pauses


@dataclass(frozen=True, eq=False)
class Excluded:
    """The excluded time of many tickets.

    Attributes:
        times: by the ticket's index, each as long as its exclusion, in the order of the exclusions.
        number: index in `by` of the exclusion that each comes from.
        by: the exclusions.
    """

    times: Pauses
    number: Ints
    by: Sequence[ExcludedTime]

    def renumbered(self, number: Ints) -> "Excluded":
        """Return those of the tickets that have a new number: see `levels.stopwatches.Pauses.renumbered`."""
        if not self.by:
            return self
        kept = number[self.times.ticket] >= 0
        return Excluded(self.times.renumbered(number), self.number[kept], self.by)


def excluded_from(
    histories: TicketHistories,
    chosen: NDArray[np.bool_],
    start: Ints,
    stop: Ints,
    exclusions: Sequence[ExcludedTime],
) -> Excluded:
    """Lay exclusions over those `chosen` tickets that they are for, where they overlap with [start, stop).

    An exclusion is for the ticket that it names, or for those that its population matches; a ticket's
    attributes are those of the histories.

    Raises:
        BadInputError: a population names an attribute that tickets do not have.
    """
    if not exclusions:
        return Excluded(Pauses.none(), np.empty(0, dtype=np.int64), exclusions)
    tickets = []
    for exclusion in exclusions:
        overlapping = np.flatnonzero(chosen & (start < exclusion.end) & (stop > exclusion.start))
        tickets.append(_covered(histories, overlapping, exclusion))
    number = np.repeat(np.arange(len(tickets)), [len(found) for found in tickets])
    starts = np.array([exclusion.start for exclusion in exclusions], dtype=np.int64)
    ends = np.array([exclusion.end for exclusion in exclusions], dtype=np.int64)
    ticket = np.concatenate([np.empty(0, dtype=np.int64), *tickets])
    return Excluded(Pauses(ticket, starts[number], ends[number]), number, exclusions)


def _covered(histories: TicketHistories, tickets: Ints, exclusion: ExcludedTime) -> Ints:
    """Those of the tickets that the exclusion is for."""
    if exclusion.ticket:
        tickets = tickets[histories.external_ids[tickets] == exclusion.ticket]
    for name, value in exclusion.population.items():
        if name not in ATTRIBUTES:
            raise BadInputError(f"an exclusion is for tickets by '{name}', which tickets do not have")
        tickets = tickets[histories.attributes[name][tickets] == value]
    return tickets
