"""What is true of the sample year: every parameter it is drawn from, so that findings can be checked.

Three customers of one provider, and a story each:

- *City Hospital* is the watermelon: every target holds, and people are unhappy: nobody tells them anything.
- *Granite Works* asks for more than the desk can do: its priority 2 takes too long for eight working hours.
- *Riverside Schools* is well served until a team leaves; from then on priorities 2 and 3 take far longer.
"""

from dataclasses import dataclass, field
from math import log

import scipy

from levels.working_hours import WorkingHours

PROVIDER = "Harbour IT Services"
HOUR = 3_600

SERVICE_HOURS = WorkingHours(
    zone="UTC", weekly={day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
)
"""Working hours of every customer."""

THRESHOLDS_S = {"1": 4 * HOUR, "2": 8 * HOUR, "3": 24 * HOUR, "4": 40 * HOUR}
"""What customers are taken to ask for, in working seconds: the policy's stated hours."""

TICKETS_A_MONTH = {"1": 15.0, "2": 40.0, "3": 60.0, "4": 25.0}
"""Mean number of tickets by priority, for each customer, in a twelfth of a year."""

WEEKDAY_WEIGHTS = (1.45, 1.15, 1.05, 1.0, 0.9, 0.15, 0.1)
"""Arrivals on Monday to Sunday, relative to each other: Monday brings what the weekend left."""

HOUR_WEIGHTS = (
    *(0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.6, 2.0),
    *(6.0, 9.0, 9.0, 7.5, 5.0, 6.0, 7.5, 7.0),
    *(5.0, 2.5, 1.0, 0.5, 0.4, 0.3, 0.2, 0.1),
)
"""Arrivals in the hours of a day, relative to each other."""

SERVICES = {
    "Workplace": (0.28, ("Laptop", "Account")),
    "Business applications": (0.24, ("Fault", "Access")),
    "Network": (0.16, ("Office network", "Remote access")),
    "Email and calendar": (0.14, ("Delivery", "Shared mailbox")),
    "Telephony": (0.10, ("Handset", "Call routing")),
    "Printing": (0.08, ("Printer", "Print queue")),
}
"""Share of the tickets and the two categories of each service."""

REQUEST_SHARE = 0.2
"""Share of tickets below priority 1 that are service requests; the rest are incidents."""


@dataclass(frozen=True)
class WorkingTime:
    """Working hours that a ticket takes, lognormal; pauses not counted, rework counted."""

    median_h: float
    sigma: float = 0.6

    def share_within(self, threshold_s: float) -> float:
        """Return the true share of tickets resolved within so many working seconds."""
        return float(scipy.special.ndtr(log(threshold_s / HOUR / self.median_h) / self.sigma))


@dataclass(frozen=True)
class Deterioration:
    """From a day on (counted from the first), working time of some priorities is multiplied."""

    after_days: int
    priorities: tuple[str, ...]
    factor: float


@dataclass(frozen=True)
class Life:
    """What happens to a ticket on its way, as shares of all tickets; times on the wall clock."""

    back_office: float = 0.45
    awaiting_user: float = 0.2
    awaiting_user_median_h: float = 8.0
    awaiting_user_sigma: float = 1.0
    awaiting_supplier: float = 0.06
    reopened: float = 0.04
    reopened_after_h: tuple[float, float] = (2.0, 60.0)
    cancelled: float = 0.015
    closed_after_h: float = 72.0


@dataclass(frozen=True)
class Satisfaction:
    """The true share of satisfied answers (4 or 5 of 5), and the share of closed tickets that are rated."""

    overall: float = 0.86
    speed: float = 0.86
    quality: float = 0.88
    information: float = 0.84
    rated: float = 0.25


@dataclass(frozen=True)
class Customer:
    """One customer of the sample year; its requesters are named `requester` with a number from 1 to 20."""

    name: str
    requester: str
    working_time: dict[str, WorkingTime]
    deterioration: Deterioration | None = None
    satisfaction: Satisfaction = field(default_factory=Satisfaction)
    requesters: int = 20

    def share_within(self, priority: str, threshold_s: float, day: int = 0) -> float:
        """Return the true share resolved in time of a priority's tickets opened on a day (from 0)."""
        usual = self.working_time[priority]
        return WorkingTime(usual.median_h * self.slowdown(priority, day), usual.sigma).share_within(
            threshold_s
        )

    def slowdown(self, priority: str, day: int) -> float:
        """Return what the median working time of a priority is multiplied by on a day (from 0)."""
        worse = self.deterioration
        return worse.factor if worse and day >= worse.after_days and priority in worse.priorities else 1.0


def _usual(**medians_h: float) -> dict[str, WorkingTime]:
    """A quarter of each threshold, unless said otherwise: 99 % of the tickets are in time."""
    usual = {priority: WorkingTime(threshold / HOUR / 4) for priority, threshold in THRESHOLDS_S.items()}
    return usual | {name.removeprefix("p"): WorkingTime(median) for name, median in medians_h.items()}


LIFE = Life()

CUSTOMERS = (
    Customer(
        "City Hospital",
        "Ward {} desk",
        _usual(),
        satisfaction=Satisfaction(overall=0.48, speed=0.82, quality=0.6, information=0.3),
    ),
    Customer("Granite Works", "Line {} shift lead", _usual(p2=6.5)),
    Customer("Riverside Schools", "School {} office", _usual(), Deterioration(210, ("2", "3"), 2.8)),
)
