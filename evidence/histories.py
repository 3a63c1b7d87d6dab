"""Histories of tickets in columns: what was read of them, and what is derived from it once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from config.errors import BadInputError
from models.evidence import TicketState

Ints: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.int8]
Texts: TypeAlias = NDArray[np.object_]

ATTRIBUTES = ("priority", "service", "category", "request_type", "requester")
DETAILS = ("group_name", "line", "priority")
UPDATES = "updates"
"""What is asked for, beside `DETAILS`, to have the updates that began no interval read too."""

STATES = tuple(state.value for state in TicketState)
CODES = {state: code for code, state in enumerate(STATES)}
"""The place of each state in `STATES`: comparing small numbers takes a fraction of comparing texts."""

_NAMES = np.array(STATES, dtype=np.object_)


@dataclass(frozen=True, eq=False)
class TicketHistories:
    """Tickets, one row each, and their intervals flattened; instants are epoch seconds in UTC.

    Tickets stand in the order of their opening, then of their external id; the intervals of a ticket stand
    together, in the order of time.

    Attributes:
        external_ids: str, shape (tickets,).
        opened_at: shape (tickets,).
        attributes: str columns by name, one for each of `ATTRIBUTES`, shape (tickets,); "" where missing.
        interval_ticket: index of the ticket that each interval belongs to, ascending, shape (intervals,).
        interval_code: the state of each interval as one of `CODES`.
        interval_start: when the state began.
        interval_end: the start of the ticket's next known interval; `as_of` for the last one.
        as_of: the instant whose knowledge this is.
        details: further str columns of the intervals by name, those of `DETAILS` that were asked for.
        feed_names: which of line and group_name the feed names at all, of whatever ticket, as far as it was
            known at `as_of`; looked up where both were asked for.
        update_ticket: index of the ticket of each update that began no interval, ascending, shape (updates,);
            none unless `UPDATES` were asked for.
        update_at: when it was made; of one ticket in the order of time.
        derived: what `once` keeps of these intervals.
    """

    external_ids: Texts
    opened_at: Ints
    attributes: dict[str, Texts]
    interval_ticket: Ints
    interval_code: Codes
    interval_start: Ints
    interval_end: Ints
    as_of: int
    details: dict[str, Texts] = field(default_factory=dict)
    feed_names: frozenset[str] = frozenset(DETAILS)
    update_ticket: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    update_at: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    derived: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """The number of tickets."""
        return len(self.external_ids)

    @property
    def interval_state(self) -> Texts:
        """`TicketState` values as str, shape (intervals,)."""
        return _NAMES[self.interval_code]

    def matching(self, population: Mapping[str, str]) -> NDArray[np.bool_]:
        """Mark the tickets whose attributes are all as the population says; an empty one marks all.

        Raises:
            BadInputError: the population names an attribute that tickets do not have.
        """
        chosen = np.ones(len(self), dtype=np.bool_)
        for name, value in known_attributes(population).items():
            chosen &= self.attributes[name] == value
        return chosen

    def select(self, population: Mapping[str, str]) -> "TicketHistories":
        """Return the tickets that match the population: see `matching`."""
        return self.where(self.matching(population))

    def where(self, chosen: NDArray[np.bool_]) -> "TicketHistories":
        """Return the tickets marked in `chosen`, shape (tickets,), with their intervals."""
        if chosen.all():
            return self
        kept = chosen[self.interval_ticket]
        told = chosen[self.update_ticket]
        renumbered = np.cumsum(chosen, dtype=np.int64) - 1
        return TicketHistories(
            self.external_ids[chosen],
            self.opened_at[chosen],
            {name: column[chosen] for name, column in self.attributes.items()},
            renumbered[self.interval_ticket[kept]],
            self.interval_code[kept],
            self.interval_start[kept],
            self.interval_end[kept],
            self.as_of,
            {name: column[kept] for name, column in self.details.items()},
            self.feed_names,
            renumbered[self.update_ticket[told]],
            self.update_at[told],
        )

    def between(self, first: int, after: int) -> "TicketHistories":
        """Return the tickets from one place to another (exclusive); nothing is copied."""
        tickets = slice(first, after)
        intervals, updates = (
            slice(*np.searchsorted(owner, (first, after)).tolist())
            for owner in (self.interval_ticket, self.update_ticket)
        )
        return TicketHistories(
            self.external_ids[tickets],
            self.opened_at[tickets],
            {name: column[tickets] for name, column in self.attributes.items()},
            self.interval_ticket[intervals] - first,
            self.interval_code[intervals],
            self.interval_start[intervals],
            self.interval_end[intervals],
            self.as_of,
            {name: column[intervals] for name, column in self.details.items()},
            self.feed_names,
            self.update_ticket[updates] - first,
            self.update_at[updates],
        )


def known_attributes(population: Mapping[str, str]) -> Mapping[str, str]:
    """Return a population as it is.

    Raises:
        BadInputError: it names an attribute that tickets do not have.
    """
    for name in population:
        if name not in ATTRIBUTES:
            raise BadInputError(
                f"tickets have no attribute '{name}'; a population may name {', '.join(ATTRIBUTES)}"
            )
    return population


Column = TypeVar("Column", bound=NDArray[Any])


def once(derive: Callable[[TicketHistories], Column]) -> Callable[[TicketHistories], Column]:
    """Let what follows from the intervals of histories alone be derived once; nobody may write to it."""

    @wraps(derive)
    def kept(histories: TicketHistories) -> Column:
        name = derive.__name__
        if name not in histories.derived:
            histories.derived[name] = derive(histories)
        found: Column = histories.derived[name]  # type: ignore[assignment]
        return found

    return kept
