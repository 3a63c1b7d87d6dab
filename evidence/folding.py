"""Folding: the tickets of one outage are one observation, however many people reported it.

Verdicts and tolerance bounds take observations to be independent, which thirty reports of one incident are
not. So a trial counts a parent incident and its children once. A contract's own figures count tickets.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from evidence.histories import Ints, Texts
from evidence.measuring import Measurement
from levels.stopwatches import Tally, outcomes, tally
from models.evidence import Ticket


@dataclass(frozen=True, eq=False)
class Observations:
    """Measured tickets, those of one incident folded into one; arrays have shape (observations,).

    Attributes:
        number: the observation that each measured ticket belongs to, shape (tickets,).
        incidents: the external id that stands for each: the parent's, or the ticket's own.
        first: the index, in the measurement, of the ticket that tells the observation's labels: the parent
            where it was measured itself, else the first of its tickets.
        tickets: how many each consists of.
        consumed: working seconds of the slowest of them.
        stopped: whether all of them have stopped.
        outcomes: `levels.stopwatches.Outcome` codes: a hit if all are hits, a miss if any is a miss.
        tally: the outcomes counted.
        inputs_sha256: the measurement's where nothing is folded, else of it and of what is folded.
    """

    number: Ints
    incidents: Texts
    first: Ints
    tickets: Ints
    consumed: Ints
    stopped: NDArray[np.bool_]
    outcomes: NDArray[np.int8]
    tally: Tally
    inputs_sha256: str

    @property
    def folded(self) -> int:
        """How many tickets fewer than were measured."""
        return int(self.tickets.sum()) - len(self.tickets)


def fold(measurement: Measurement, parents: Mapping[str, str]) -> Observations:
    """Fold measured tickets under their parent incidents, a parent's parent included.

    Children of one incident are one observation also where the incident itself was not measured, because it
    is of another population or was opened earlier.

    Args:
        measurement: of the tickets.
        parents: the parent's external id by the child's; a ticket that is missing stands for itself.
    """
    ids = [str(name) for name in measurement.external_ids]
    roots = [_root(name, parents) for name in ids]
    numbers = {root: number for number, root in enumerate(dict.fromkeys(roots))}
    place = np.array([numbers[root] for root in roots], dtype=np.int64)
    consumed, stopped = np.zeros(len(numbers), np.int64), np.ones(len(numbers), np.bool_)
    np.maximum.at(consumed, place, measurement.consumed)
    np.logical_and.at(stopped, place, measurement.stopped)
    judged = outcomes(consumed, stopped, measurement.question.threshold_s)
    return Observations(
        place,
        np.array(list(numbers), dtype=object),
        _first(ids, roots, numbers),
        np.bincount(place, minlength=len(numbers)).astype(np.int64),
        consumed,
        stopped,
        judged,
        tally(judged),
        _sha256(measurement.inputs_sha256, ids, roots),
    )


def read_parents(
    session: Session, source: str, customer: str, until: datetime, as_of: datetime
) -> dict[str, str]:
    """Return the parent of each of a customer's tickets that has one, by external id.

    Tickets opened from `until` on, or first known after `as_of`, are left out.
    """
    found = session.exec(
        select(Ticket.external_id, Ticket.parent).where(
            Ticket.source == source,
            Ticket.customer == customer,
            Ticket.opened_at < until,
            Ticket.known_at <= as_of,
            col(Ticket.parent) != "",
        )
    )
    return dict(found.all())


def _root(name: str, parents: Mapping[str, str]) -> str:
    way = [name]
    while (parent := parents.get(way[-1])) and parent not in way:
        way.append(parent)
    if parent in way:  # a circle has no head: the least name in it stands for it, from wherever one came
        return min(way[way.index(parent) :])
    return way[-1]


def _first(ids: list[str], roots: list[str], numbers: Mapping[str, int]) -> Ints:
    first = np.full(len(numbers), -1, dtype=np.int64)
    for index, (name, root) in enumerate(zip(ids, roots, strict=True)):
        if first[numbers[root]] < 0 or name == root:
            first[numbers[root]] = index
    return first


def _sha256(inputs_sha256: str, ids: list[str], roots: list[str]) -> str:
    folded = sorted([name, root] for name, root in zip(ids, roots, strict=True) if name != root)
    if not folded:
        return inputs_sha256
    text = json.dumps([inputs_sha256, folded], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
