"""Peak windows: hours of the week that see more tickets than chance explains, week after week.

Every window of one to six whole hours within a day is compared with the average service hour (a scan, after
Kulldorff, *Communications in Statistics* 26, 1997). A window is a peak if all of this holds:

1. It saw at least 1.5 times the tickets that the average service hour would have brought it.
2. Chance does not explain that: the Poisson probability of so many tickets, with the errors of all windows
   divided among them (Bonferroni), is below 5 %. Where the tickets of the same hour differ from week to week
   by more than Poisson's law allows, count and expectation are first divided by that dispersion.
3. It recurs: in more than half of its weeks, at least three, it saw more than expected. One bad day is none.

Of windows that overlap, the likeliest remains; neighbours are drawn together.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy

from levels.demand import DAYS_OF_WEEK, HOURS_OF_DAY, Demand, Floats
from levels.moments import IntArray

LEAST_RATIO = 1.5
LONGEST_HOURS = 6
LEAST_WEEKS = 3
_ERROR = 0.05
_WINDOWS = DAYS_OF_WEEK * sum(HOURS_OF_DAY - length + 1 for length in range(1, LONGEST_HOURS + 1))


@dataclass(frozen=True)
class Peak:
    """A window of the week with more tickets than its hours' share.

    Attributes:
        weekday: 0 for Monday.
        start, end: hours of the day, the end exclusive, 24 for midnight.
        tickets: opened in it.
        expected: what the average service hour would have brought.
        ratio: of the two.
        weeks, weeks_above, weeks_seen: its occurrences, those that saw more than expected, and those that saw
            any ticket at all.
        open_share: how much of it are service hours.
    """

    weekday: int
    start: int
    end: int
    tickets: int
    expected: float
    ratio: float
    weeks: int
    weeks_above: int
    weeks_seen: int
    open_share: float


def peaks(demand: Demand) -> list[Peak]:
    """Return the peak windows, in the order of the week; none where the evidence names none."""
    return _joined(demand, [found for found in _stand_out(demand) if _recurs(found)])


def bursts(demand: Demand, number: int = 3) -> list[Peak]:
    """Return the fullest windows that would be peaks, had they recurred, the fullest first."""
    found = _joined(demand, [found for found in _stand_out(demand) if not _recurs(found)])
    return sorted(found, key=lambda window: -window.tickets)[:number]


def _stand_out(demand: Demand) -> list[Peak]:
    """Windows that do not overlap and that chance does not explain; those that recur are chosen first."""
    if not demand.tickets:
        return []
    spread = dispersion(demand)
    found = [
        (_recurs(seen), _likelihood(seen), seen)
        for weekday in range(DAYS_OF_WEEK)
        for length in range(1, LONGEST_HOURS + 1)
        for start in range(HOURS_OF_DAY - length + 1)
        if _stands_out(seen := window(demand, weekday, start, start + length), spread)
    ]
    chosen: list[Peak] = []
    for *_, seen in sorted(found, key=lambda row: row[:2], reverse=True):
        if not any(_overlap(seen, other) for other in chosen):
            chosen.append(seen)
    return sorted(chosen, key=lambda window: (window.weekday, window.start))


def window(demand: Demand, weekday: int, start: int, end: int) -> Peak:
    """Return what any window of the week saw, beside what the average service hour would have brought."""
    days = demand.weekdays == weekday
    hours = demand.watched[days, start:end].sum(axis=1)
    seen = hours > 0
    counts: IntArray = demand.by_day[days, start:end].sum(axis=1)[seen]
    expected: Floats = hours[seen] * demand.rate
    tickets, total = int(counts.sum()), float(expected.sum())
    return Peak(
        weekday,
        start,
        end,
        tickets,
        total,
        tickets / total if total else 0.0,
        int(np.count_nonzero(seen)),
        int(np.count_nonzero(counts > expected)),
        int(np.count_nonzero(counts)),
        float(demand.open[days, start:end].sum() / hours.sum()) if hours.any() else 0.0,
    )


def dispersion(demand: Demand) -> float:
    """How much more the same hour of the week differs from week to week than Poisson's law allows; 1 or more.

    The pooled ratio of variance to mean over the hours of the week in service hours (all hours where there
    are none), with the hours of dates that lie wholly within the window.
    """
    whole = demand.watched >= 1
    variance = mean = 0.0
    for weekday in range(DAYS_OF_WEEK):
        days = demand.weekdays == weekday
        for hour in range(HOURS_OF_DAY):
            counts = demand.by_day[days, hour][whole[days, hour]]
            if len(counts) >= LEAST_WEEKS and (not demand.inside or demand.open[days, hour].any()):
                variance, mean = variance + float(counts.var(ddof=1)), mean + float(counts.mean())
    return max(variance / mean, 1.0) if mean else 1.0


def chance(tickets: float, expected: float, spread: float = 1.0) -> float:
    """The probability of at least so many tickets where so many are expected, by Poisson's law."""
    if tickets <= 0:
        return 1.0
    return float(scipy.special.gammainc(tickets / spread, expected / spread)) if expected > 0 else 0.0


def smallest_ratio_seen(demand: Demand, hours: int = 3) -> float | None:
    """How many times the average a weekly window would have had to see to be told from chance.

    Returns:
        The ratio for a window of so many hours; None where nothing is expected or the weeks are too few.
    """
    weeks = float(demand.watched.sum()) / (DAYS_OF_WEEK * HOURS_OF_DAY)
    expected = demand.rate * hours * weeks
    if weeks < LEAST_WEEKS or not expected:
        return None
    spread, tickets = dispersion(demand), math.ceil(expected)
    while chance(tickets, expected, spread) * _WINDOWS > _ERROR:
        tickets += 1
    return tickets / expected


def _stands_out(seen: Peak, spread: float) -> bool:
    return (
        seen.ratio >= LEAST_RATIO
        and seen.weeks >= LEAST_WEEKS
        and chance(seen.tickets, seen.expected, spread) * _WINDOWS < _ERROR
    )


def _recurs(seen: Peak) -> bool:
    return 2 * seen.weeks_above > seen.weeks


def _likelihood(peak: Peak) -> float:
    return peak.tickets * math.log(peak.ratio) - (peak.tickets - peak.expected)


def _overlap(one: Peak, other: Peak) -> bool:
    return one.weekday == other.weekday and one.start < other.end and other.start < one.end


def _joined(demand: Demand, chosen: list[Peak]) -> list[Peak]:
    joined: list[Peak] = []
    for peak in chosen:
        last = joined[-1] if joined else None
        if last is not None and (last.weekday, last.end) == (peak.weekday, peak.start):
            joined[-1] = window(demand, peak.weekday, last.start, peak.end)
        else:
            joined.append(peak)
    return joined
