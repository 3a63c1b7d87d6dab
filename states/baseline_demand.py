"""Demand by weekday and hour, with its peak windows named, or a plain statement that none can be."""

from levels.demand import Demand
from levels.peaks import LEAST_WEEKS, Peak, bursts, dispersion, peaks, smallest_ratio_seen
from states.baseline_figures import DemandFigures, PeakFigures
from states.hours_in_words import window_in_words
from templates.render import percent

_EVEN_BELOW = 2.0
"""A window with twice the average tickets would have been found: then it means something that none was."""


def demand_figures(demand: Demand) -> DemandFigures:
    """Return demand by hour of the week as plain data, and what it says as sentences."""
    counts, watched, open_ = (demand.by_week(table) for table in (demand.by_day, demand.watched, demand.open))
    seen = watched.clip(min=1e-9)
    found, once = peaks(demand), bursts(demand)
    outside = demand.tickets - demand.inside
    outside_share = round(outside / demand.tickets, 4)
    return DemandFigures(
        counts=[[int(each) for each in row] for row in counts],
        per_hour=[[round(float(each), 4) for each in row] for row in counts / seen],
        service=[[round(float(each), 4) for each in row] for row in open_ / seen],
        by_weekday=[int(row.sum()) for row in counts],
        rate=round(demand.rate, 4),
        outside=outside,
        outside_share=outside_share,
        dispersion=round(dispersion(demand), 4),
        peaks=[_peak(peak) for peak in found],
        bursts=[_peak(peak) for peak in once],
        sentences=[
            *([_peak_in_words(peak) for peak in found] or ([] if once else [_no_peak(demand)])),
            *map(_burst_in_words, once),
            f"{outside} of {demand.tickets} tickets ({percent(round(outside_share, 3))}) were opened outside "
            "service hours",
        ],
    )


def _peak(peak: Peak) -> PeakFigures:
    return PeakFigures(
        name=window_in_words(peak.weekday, peak.start, peak.end),
        weekday=peak.weekday,
        start=peak.start,
        end=peak.end,
        tickets=peak.tickets,
        ratio=round(peak.ratio, 2),
        weeks=peak.weeks,
        weeks_above=peak.weeks_above,
        inside=peak.open_share >= 0.5,
    )


def _peak_in_words(peak: Peak) -> str:
    name = window_in_words(peak.weekday, peak.start, peak.end)
    outside = "" if peak.open_share >= 0.5 else ", outside service hours"
    return (
        f"{name}: {peak.ratio:.1f} times the average service hour "
        f"({peak.tickets} tickets, above it in {peak.weeks_above} of {peak.weeks} weeks){outside}"
    )


def _burst_in_words(burst: Peak) -> str:
    name = window_in_words(burst.weekday, burst.start, burst.end)
    return (
        f"{name} saw {burst.ratio:.1f} times the average service hour ({burst.tickets} tickets), but was "
        f"above it in only {burst.weeks_above} of {burst.weeks} weeks: a burst, and no peak that recurs"
    )


def _no_peak(demand: Demand) -> str:
    needed = smallest_ratio_seen(demand)
    if needed is None:
        return (
            f"with less than {LEAST_WEEKS} weeks no peak can be told from a single busy day"
            if demand.tickets
            else "there is no ticket, so there is no peak"
        )
    if needed > _EVEN_BELOW:
        return (
            f"with {demand.tickets} tickets, as unevenly as they come, no peak can be told from chance: "
            f"three hours of a weekday would have to see {needed:.1f} times the average service hour"
        )
    return (
        f"no peak recurs: three hours of a weekday with {needed:.1f} times the average service hour "
        "would have been found"
    )
