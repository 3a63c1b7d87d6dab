"""Lengths of time, shares, instants and weekly hours as the sentences of the arithmetic say them."""

from collections.abc import Collection
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from zoneinfo import ZoneInfo

from levels.hours_of_period import HoursOfPeriod
from levels.windows import WEEKDAYS

_NOISE_DECIMALS = 12


def duration_in_words(seconds: int) -> str:
    """A length of time in hours, minutes and seconds, never folded into days: "40 h", "3 h 10 min"."""
    hours, rest = divmod(abs(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min"), (left, "s")) if count]
    return ("-" if seconds < 0 else "") + (" ".join(parts) or "0 min")


def share_in_words(share: float) -> str:
    """A share in percent, rounded down so that what falls short never reads as if it did not: "89.99 %".

    Two decimals at most, four from 99 % on, where availabilities differ.
    """
    exact = Decimal(str(round(share, _NOISE_DECIMALS))) * 100
    finest = Decimal("0.0001") if exact >= 99 else Decimal("0.01")
    text = f"{exact.quantize(finest, ROUND_FLOOR):f}".rstrip("0").rstrip(".")
    return f"{text} %"


def instant_in_words(instant: int, zone: str) -> str:
    """An instant in epoch seconds on the clock of an IANA zone: "Fri 27 Mar 2026 16:30"."""
    local = datetime.fromtimestamp(instant, ZoneInfo(zone))
    # not strftime's names, which follow the locale of the process
    day = f"{WEEKDAYS[local.weekday()].capitalize()} {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day} {local:%H:%M:%S}" if local.second else f"{day} {local:%H:%M}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def weekdays_in_words(weekdays: Collection[int]) -> str:
    """Weekdays, 0 for Monday, with neighbours drawn together: "Mon-Fri", "Mon, Wed-Thu"."""
    runs: list[list[int]] = []
    for weekday in sorted(weekdays):
        if runs and runs[-1][-1] == weekday - 1:
            runs[-1].append(weekday)
        else:
            runs.append([weekday])
    names = [day.capitalize() for day in WEEKDAYS]
    return ", ".join(names[run[0]] + (f"-{names[run[-1]]}" if len(run) > 1 else "") for run in runs)


def hours_in_words(hours: HoursOfPeriod) -> str:
    """The weekly hours and their zone: "Mon-Thu 08:00-12:00 and 13:00-18:00, Fri 08:00-12:00 Europe/Zurich".

    Holidays, part days, breaks and extra hours are left out.
    """
    alike: dict[str, list[int]] = {}
    for number, weekday in enumerate(WEEKDAYS):
        if weekday in hours.weekly:
            alike.setdefault(" and ".join(hours.weekly[weekday]), []).append(number)
    week = ", ".join(f"{weekdays_in_words(days)} {windows}" for windows, days in alike.items())
    return f"{week or 'no weekly hours,'} {hours.zone}"
