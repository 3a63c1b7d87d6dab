"""Windows of a day as people write them, such as 08:00-18:00, and as seconds after midnight."""

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
DAY_SECONDS = 86_400

Window: TypeAlias = tuple[int, int]

_WINDOW = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2}):(\d{2})(?::(\d{2}))?")


def window_seconds(text: str) -> Window:
    """Read a window such as ``08:00-18:00``, ``22:00-06:00`` or ``00:00-24:00``.

    Args:
        text: opening and closing wall-clock time, hours and minutes, seconds if need be.

    Returns:
        Opening and closing in seconds after the midnight that starts the day. A closing time that is not
        later than the opening belongs to the next day, so it comes back as more than 86,400.

    Raises:
        ValueError: the text is not a window.
    """
    match = _WINDOW.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not a window of working hours; write it like 08:00-18:00.")
    opening, closing = (
        _time_of_day(text, match.groups()[:3]),
        _time_of_day(text, match.groups()[3:]),
    )
    if opening == DAY_SECONDS:
        raise ValueError(f"'{text}' is not a window of working hours; 24:00 can only end one.")
    return opening, closing if closing > opening else closing + DAY_SECONDS


def window_text(opening: int, closing: int) -> str:
    """Write a window given in seconds after midnight the one way in which it is stored."""
    return f"{_clock(opening)}-{_clock(closing - DAY_SECONDS if closing > DAY_SECONDS else closing)}"


def canonical(texts: Iterable[str]) -> list[str]:
    """The windows in the order of the day, each once and written one way.

    Raises:
        ValueError: a text is not a window.
    """
    return [window_text(*window) for window in sorted({window_seconds(text) for text in texts})]


def _time_of_day(window: str, parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds = (int(part or 0) for part in parts)
    total = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or total > DAY_SECONDS:
        raise ValueError(f"'{window}' is not a window of working hours; times run from 00:00 to 24:00.")
    return total


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours:02d}:{minutes:02d}" + (f":{left:02d}" if left else "")
