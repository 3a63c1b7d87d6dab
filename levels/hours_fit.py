"""Where service hours and demand do not fit: closed hours with demand, open hours with hardly any."""

from dataclasses import dataclass

from levels.demand import DAYS_OF_WEEK, HOURS_OF_DAY, Demand
from levels.peaks import LEAST_WEEKS, Peak, chance, dispersion, window

DEMAND_FROM = 0.5
HARDLY_ANY_TO = 0.1
_ERROR = 0.05
_OPEN_FROM = 0.5


@dataclass(frozen=True)
class Misfits:
    """Hours of the week, drawn together with their neighbours of the day.

    Attributes:
        closed_with_demand: closed hours that see at least half of what the average service hour does, more
            than a quarter of it beyond chance, and a ticket in more than half of their weeks.
        open_without_demand: service hours that see at most a tenth of it, and less than a half beyond chance.
    """

    closed_with_demand: list[Peak]
    open_without_demand: list[Peak]


def misfits(demand: Demand) -> Misfits:
    """Compare each hour of the week with the average service hour; errors are divided among all hours.

    Where no ticket came within service hours, the average hour of all is the measure.
    """
    if not demand.tickets:
        return Misfits([], [])
    spread = dispersion(demand)
    hours = [
        window(demand, weekday, hour, hour + 1)
        for weekday in range(DAYS_OF_WEEK)
        for hour in range(HOURS_OF_DAY)
    ]
    wanted = [hour for hour in hours if hour.open_share < _OPEN_FROM and _sees_demand(hour, spread)]
    idle = [hour for hour in hours if hour.open_share >= _OPEN_FROM and _sees_none(hour, spread)]
    return Misfits(_joined(demand, wanted), _joined(demand, idle))


def _sees_demand(hour: Peak, spread: float) -> bool:
    return (
        hour.ratio >= DEMAND_FROM
        and hour.weeks >= LEAST_WEEKS
        and 2 * hour.weeks_seen > hour.weeks
        and chance(hour.tickets, hour.expected * DEMAND_FROM / 2, spread) * DAYS_OF_WEEK * HOURS_OF_DAY
        < _ERROR
    )


def _sees_none(hour: Peak, spread: float) -> bool:
    fewer = 1 - chance(hour.tickets + 1, hour.expected / 2, spread)
    return (
        hour.ratio <= HARDLY_ANY_TO
        and hour.weeks >= LEAST_WEEKS
        and fewer * DAYS_OF_WEEK * HOURS_OF_DAY < _ERROR
    )


def _joined(demand: Demand, hours: list[Peak]) -> list[Peak]:
    joined: list[Peak] = []
    for hour in hours:
        last = joined[-1] if joined else None
        if last is not None and (last.weekday, last.end) == (hour.weekday, hour.start):
            joined[-1] = window(demand, hour.weekday, last.start, hour.end)
        else:
            joined.append(hour)
    return joined
