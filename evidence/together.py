"""Histories of several customers in one: read by the same statements, and measured in the same steps."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evidence.histories import TicketHistories

Place = tuple[int, int]
"""The index of a customer's first ticket, and of the one after its last."""


@dataclass(frozen=True, eq=False)
class HistoriesTogether:
    """The tickets of several customers, as they were known at one instant.

    Attributes:
        whole: all of them; each customer's stand together, in their usual order.
        places: where, by customer, in the order in which they stand.
    """

    whole: TicketHistories
    places: Mapping[str, Place]

    def of(self, customer: str) -> TicketHistories:
        """Return one customer's tickets; what is derived from them is kept for the next who asks."""
        if customer not in self._single:
            self._single[customer] = self._between(*self.places[customer])
        return self._single[customer]

    def only(self, customers: Collection[str]) -> "HistoriesTogether":
        """Return the tickets of some of the customers; nothing is copied for one, or for all of them."""
        if len(chosen := set(customers)) == len(self.places):
            return self
        if len(chosen) == 1:
            (customer,) = chosen
            histories = self.of(customer)
            return HistoriesTogether(histories, {customer: (0, len(histories))})
        marked, places, after = np.zeros(len(self.whole), dtype=np.bool_), dict[str, Place](), 0
        for customer, (first, end) in self.places.items():
            if customer in chosen:
                marked[first:end] = True
                places[customer] = after, after + end - first
                after += end - first
        return HistoriesTogether(self.whole.where(marked), places)

    @cached_property
    def _single(self) -> dict[str, TicketHistories]:
        return {}

    def _between(self, first: int, after: int) -> TicketHistories:
        everybody = (first, after) == (0, len(self.whole))
        return self.whole if everybody else self.whole.between(first, after)
