"""Conditions: the one weekday, step, category or place without which a stated target would hold.

"As stated Tuesday to Friday; 12 h on Mondays." A condition has two halves, and the evidence must carry both:
the stated target for the rest, and a counter-offer for the part that is set apart.

Whoever looks at many parts finds one that seems to explain the misses by chance. So every bound is taken at
the confidence split over all values that were looked at (Bonferroni, as for planned looks), and which values
those are is settled by the numbers of tickets alone, before any outcome is seen. The rest of a condition is
then wrongly found to hold with a probability of at most 1 - confidence, whichever value is picked; likewise
the threshold for the part set apart.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from levels.counter_offers import CounterOffer, Flags, counter_offer
from levels.moments import Numbers
from levels.stopwatches import tally
from levels.trial_plans import confidence_of_looks
from levels.verdicts import Verdict, tickets_needed, verdict

Labels: TypeAlias = NDArray[np.str_]


@dataclass(frozen=True)
class Condition:
    """The smallest change to a stated target that would make it hold.

    Attributes:
        column: which label tells the part, such as `weekday`.
        value: the part that is set apart, such as `Monday`; everything else keeps the target as stated.
        offer: what the evidence supports for the part set apart; never stricter than stated.
        hits, known: of the rest, under the stated target.
        tickets_apart: tickets of the part, known or not.
        misses_apart: known misses among them.
        looked_at: how many values were looked at.
        confidence: of each bound, after the split over them.
    """

    column: str
    value: str
    offer: CounterOffer
    hits: int
    known: int
    tickets_apart: int
    misses_apart: int
    looked_at: int
    confidence: float


def find_condition(
    consumed: Numbers,
    censored: Flags,
    outcomes: NDArray[np.int8],
    labels: Mapping[str, Labels],
    threshold_s: int,
    objective: float,
    confidence: float = 0.95,
    floor: float = 0.5,
) -> Condition | None:
    """Look for one label's value without which the rest supports the target as stated.

    A value is looked at if it leaves tickets enough to prove the objective and has enough itself to prove
    the floor. Among those that do it, the one that sets fewest tickets apart is returned; of equal ones the
    one that explains more misses, then the first in order of columns and values.

    Args:
        consumed: working seconds consumed, shape (tickets,).
        censored: whether the ticket has no end.
        outcomes: `levels.stopwatches.Outcome` codes under the stated threshold; undecided tickets count
            neither way for the rest, and as slower than all others for the part set apart.
        labels: text of every ticket by the name of the column, each of shape (tickets,). Tickets whose text
            is empty belong to no part of that column.
        threshold_s: the stated threshold, working seconds.
        objective: the stated objective.
        confidence: of the whole search.
        floor: the lowest objective worth offering for the part set apart.

    Returns:
        The condition; None where the target is met as it stands, or no value does it.

    Raises:
        ValueError: columns of unequal length, or a share that does not lie between 0 and 1.
    """
    if any(len(column) != len(outcomes) for column in (consumed, censored, *labels.values())):
        raise ValueError("Every ticket needs its consumed seconds, its outcome and a text for every label.")
    whole = tally(outcomes)
    if verdict(whole.hits, whole.known, objective, confidence) is Verdict.MET:
        return None
    least = tickets_needed(floor, confidence), tickets_needed(objective, confidence)
    parts = [
        (column, value, part)
        for column, value, part in _parts(labels)
        if least[0] <= np.count_nonzero(part) <= len(part) - least[1]
    ]
    if not parts:
        return None
    split = confidence_of_looks(confidence, len(parts))
    found = []
    for column, value, part in parts:
        rest, apart = tally(outcomes[~part]), tally(outcomes[part])
        if verdict(rest.hits, rest.known, objective, split) is not Verdict.MET:
            continue
        offer = counter_offer(consumed[part], censored[part], threshold_s, objective, split, floor)
        if offer is None:
            continue
        counts = rest.hits, rest.known, apart.known + apart.undecided, apart.known - apart.hits
        found.append(Condition(column, value, offer, *counts, len(parts), split))
    return min(found, key=lambda each: (each.tickets_apart, -each.misses_apart), default=None)


def _parts(labels: Mapping[str, Labels]) -> Iterator[tuple[str, str, Flags]]:
    for column, texts in labels.items():
        for value in np.unique(texts):
            if value:
                yield column, str(value), np.asarray(texts == value, np.bool_)
