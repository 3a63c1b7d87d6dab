"""Hours of the week as people say them."""

from collections.abc import Iterable

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def window_in_words(weekday: int, start: int, end: int) -> str:
    """Return e.g. "Monday 08:00 to 11:00" for weekday 0 and the hours from 8 to 11."""
    return f"{WEEKDAYS[weekday]} {hours_in_words(start, end)}"


def hours_in_words(start: int, end: int) -> str:
    """Return e.g. "08:00 to 11:00"; the end of the day is 24:00."""
    return f"{start:02d}:00 to {end:02d}:00"


def weekdays_in_words(weekdays: Iterable[int]) -> str:
    """Return e.g. "Monday to Friday" or "Monday, Wednesday and Thursday"; 0 is Monday."""
    runs: list[list[int]] = []
    for weekday in sorted(weekdays):
        if runs and weekday == runs[-1][-1] + 1:
            runs[-1].append(weekday)
        else:
            runs.append([weekday])
    names = [
        f"{WEEKDAYS[run[0]]} to {WEEKDAYS[run[-1]]}" if len(run) > 2 else listed(WEEKDAYS[day] for day in run)
        for run in runs
    ]
    return listed(names)


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence: "one, two and three"."""
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
