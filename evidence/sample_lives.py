"""Tickets of the sample year drawn: when they are opened, what they are, and every update of their lives."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from evidence.histories import Ints, Texts
from evidence.sample_truth import (
    HOUR,
    HOUR_WEIGHTS,
    LIFE,
    REQUEST_SHARE,
    SERVICES,
    TICKETS_A_MONTH,
    WEEKDAY_WEIGHTS,
    Customer,
)
from levels.calendars import Calendar

_DAY = 86_400
_DAYS_A_MONTH = 365 / 12
_DESK = ("Service desk", "first line")
_SUPPLIER = ("Supplier coordination", "supplier")

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass
class Updates:
    """Updates in columns: the ticket's index, epoch seconds, the log's word for the state, group and line."""

    ticket: list[Ints] = field(default_factory=list)
    at: list[Ints] = field(default_factory=list)
    said: list[Texts] = field(default_factory=list)

    def add(self, chosen: Flags, at: Ints, state: str, group: Texts) -> None:
        """Add an update of the chosen tickets; `group` holds a (group, line) pair for every ticket."""
        self.ticket.append(np.flatnonzero(chosen))
        self.at.append(at[chosen])
        self.said.append(np.array([(state, *pair) for pair in group[chosen]], dtype=object).reshape(-1, 3))


@dataclass(frozen=True, eq=False)
class Lives:
    """One customer's tickets and what happens to them, the future included.

    Attributes:
        customer: whose they are.
        opened_at: epoch seconds, ascending, shape (tickets,).
        attributes: text columns, shape (tickets,).
        closed_at: epoch seconds; of a cancelled ticket 0.
        ticket, at, said: the updates: ticket index, epoch seconds, and state, group, line; in the order of
            each ticket's life.
    """

    customer: Customer
    opened_at: Ints
    attributes: dict[str, Texts]
    closed_at: Ints
    ticket: Ints
    at: Ints
    said: Texts


def draw_lives(
    rng: np.random.Generator, customer: Customer, calendar: Calendar, first: date, days: int
) -> Lives:
    """Draw the tickets that a customer opens from a day on, and their lives to the end."""
    opened, priority = _arrivals(rng, first, days)
    day = (opened - midnight(first)) // _DAY
    median_h = [
        customer.working_time[level].median_h * customer.slowdown(level, since)
        for level, since in zip(priority, day.tolist(), strict=True)
    ]
    sigma = [customer.working_time[level].sigma for level in priority]
    work = np.maximum(rng.lognormal(np.log(median_h), sigma) * HOUR, 60).astype(np.int64)
    attributes = _attributes(rng, customer, priority)
    updates, closed = _updates(rng, calendar, opened, work, attributes["service"])
    return Lives(
        customer,
        opened,
        attributes,
        closed,
        np.concatenate(updates.ticket),
        np.concatenate(updates.at),
        np.concatenate(updates.said),
    )


def midnight(day: date) -> int:
    """Return the first instant of a day in UTC, epoch seconds."""
    return int(datetime.combine(day, time(), UTC).timestamp())


def _arrivals(rng: np.random.Generator, first: date, days: int) -> tuple[Ints, Texts]:
    weekday = np.array([(first + timedelta(days=day)).weekday() for day in range(days)])
    weight = np.array(WEEKDAY_WEIGHTS) / np.mean(WEEKDAY_WEIGHTS)
    hours = np.array(HOUR_WEIGHTS) / np.sum(HOUR_WEIGHTS)
    opened, priorities = [], []
    for priority, a_month in TICKETS_A_MONTH.items():
        number = rng.poisson(a_month / _DAYS_A_MONTH * weight[weekday])
        day = np.repeat(np.arange(days), number)
        hour = rng.choice(24, size=len(day), p=hours)
        opened.append(midnight(first) + day * _DAY + hour * HOUR + rng.integers(HOUR, size=len(day)))
        priorities.append(np.full(len(day), priority, dtype=object))
    instants = np.concatenate(opened).astype(np.int64)
    order = np.argsort(instants, kind="stable")
    return instants[order], np.concatenate(priorities)[order]


def _attributes(rng: np.random.Generator, customer: Customer, priority: Texts) -> dict[str, Texts]:
    size = len(priority)
    names = [customer.requester.format(number + 1) for number in range(customer.requesters)]
    shares = np.array([share for share, _ in SERVICES.values()])
    service = rng.choice(len(SERVICES), size=size, p=shares / shares.sum())
    categories = np.array([kinds for _, kinds in SERVICES.values()], dtype=object)
    asked = (rng.random(size) < REQUEST_SHARE) & (priority != "1")
    return {
        "requester": np.array(names, dtype=object)[rng.integers(len(names), size=size)],
        "priority": priority,
        "service": np.array(list(SERVICES), dtype=object)[service],
        "category": categories[service, rng.integers(2, size=size)],
        "request_type": np.where(asked, "service request", "incident").astype(object),
    }


class _Walk:
    """All tickets on their way: the instant each has reached, and how much of its work is done."""

    def __init__(self, calendar: Calendar, opened: Ints, work: Ints) -> None:
        self.calendar, self.work = calendar, work
        self.at, self.done = opened.copy(), np.zeros_like(opened)

    def work_on(self, chosen: Flags, share: Floats) -> None:
        """Let the chosen tickets be worked on, in working time, until this share of their work is done."""
        done = (self.work * share).astype(np.int64)[chosen]
        self.at[chosen] = self.calendar.due(self.at[chosen], done - self.done[chosen])
        self.done[chosen] = done

    def wait(self, chosen: Flags, hours: Floats) -> None:
        """Let the chosen tickets wait so long on the wall clock."""
        self.at[chosen] += (hours[chosen] * HOUR).astype(np.int64)


def _updates(
    rng: np.random.Generator, calendar: Calendar, opened: Ints, work: Ints, service: Texts
) -> tuple[Updates, Ints]:
    """Every ticket's way through the states, and when it is closed."""
    size, updates, walk = len(opened), Updates(), _Walk(calendar, opened, work)
    every = np.ones(size, dtype=np.bool_)
    group = _pairs([_DESK] * size)
    updates.add(every, walk.at, "new", group)
    walk.work_on(every, rng.uniform(0.03, 0.12, size))
    updates.add(every, walk.at, "in progress", group)

    handed_over = rng.random(size) < LIFE.back_office
    walk.work_on(handed_over, rng.uniform(0.2, 0.4, size))
    back_office = _pairs([(f"{name} team", "back office") for name in service])
    group = np.where(handed_over, back_office, group)
    updates.add(handed_over, walk.at, "in progress", group)

    paused = rng.random(size) < LIFE.awaiting_user
    walk.work_on(paused, rng.uniform(0.4, 0.6, size))
    updates.add(paused, walk.at, "awaiting user", group)
    walk.wait(paused, rng.lognormal(np.log(LIFE.awaiting_user_median_h), LIFE.awaiting_user_sigma, size))
    updates.add(paused, walk.at, "in progress", group)

    bought = rng.random(size) < LIFE.awaiting_supplier
    walk.work_on(bought, rng.uniform(0.6, 0.65, size))
    updates.add(bought, walk.at, "awaiting supplier", _pairs([_SUPPLIER] * size))
    walk.work_on(bought, rng.uniform(0.75, 0.8, size))
    updates.add(bought, walk.at, "in progress", group)

    cancelled = rng.random(size) < LIFE.cancelled
    reopened = (rng.random(size) < LIFE.reopened) & ~cancelled
    walk.work_on(reopened, rng.uniform(0.82, 0.9, size))
    updates.add(reopened, walk.at, "resolved", group)
    walk.wait(reopened, rng.uniform(*LIFE.reopened_after_h, size))
    updates.add(reopened, walk.at, "in progress", group)

    walk.work_on(every, np.ones(size))
    updates.add(cancelled, walk.at, "cancelled", group)
    updates.add(~cancelled, walk.at, "resolved", group)
    walk.wait(every, np.full(size, LIFE.closed_after_h))
    updates.add(~cancelled, walk.at, "closed", group)
    return updates, np.where(cancelled, 0, walk.at)


def _pairs(pairs: list[tuple[str, str]]) -> Texts:
    column = np.empty(len(pairs), dtype=object)
    column[:] = pairs
    return column
