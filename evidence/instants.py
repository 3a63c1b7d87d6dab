"""Times as files write them, made into epoch seconds: known formats, and formats told from examples."""

import re
from collections.abc import Callable, Container, Sequence
from datetime import UTC, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from config.clock import now
from levels.wall_time import instant

_NUMBERS = {"%Y": "year", "%m": "month", "%d": "day", "%H": "hour", "%M": "minute", "%S": "second"}
_MOST_REMEMBERED = 100_000
_CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
_DAYS = tuple(
    order.replace("-", mark)
    for mark in ("/", ".", "-")
    for order in ("%d-%m-%Y", "%m-%d-%Y", "%d-%b-%y", "%d-%b-%Y", "%d-%m-%y", "%m-%d-%y", "%Y-%m-%d")
)
ISO = "iso"
_FIRST = 20
_AHEAD_S = 3_600  # so far two systems' clocks may differ

WallTimeReader: TypeAlias = Callable[[str], datetime]
"""Reads a text, or raises ValueError."""


class AmbiguousDatesError(ValueError):
    """Examples that several formats can read, or none; the message says which."""


class FutureTimeError(ValueError):
    """A time that has not come yet: a slip of the pen, a wrong zone, or a way of writing "never"."""


class Instants(dict[str, int]):
    """Cells and the epoch seconds they mean: it reads what it is asked for, and remembers it.

    Asked for a cell that stands for nothing, is not written in the format, or is no instant that a ticket can
    have, it raises ValueError: `FutureTimeError` where it lies over an hour after now.

    Attributes:
        zoneless: whether a time without an offset has been read in the zone.
        skipped: the first time read that the zone's clocks skip; "" where there was none.
    """

    def __init__(
        self, date_format: str, zone: str, *, typed: bool = False, missing: Container[str] = frozenset()
    ) -> None:
        """Take the format, the zone and the texts that stand for nothing.

        `typed`: the file's cells may be instants, written as ISO 8601.
        """
        super().__init__()
        self.zoneless = False
        self.skipped = ""
        self._missing = missing
        self._latest = 0
        self._zone = UTC if zone == "UTC" else ZoneInfo(zone)  # datetime's own is several times as fast
        self._wall_time = wall_time_reader(date_format)
        if typed and date_format != ISO:
            self._wall_time = _either(datetime.fromisoformat, self._wall_time)

    def __missing__(self, cell: str) -> int:
        """Read a time that is not remembered."""
        text = cell.strip()
        if text in self._missing:
            raise ValueError("there is no time")
        moment = self._wall_time(text)
        if moment.tzinfo is None:
            self.zoneless = True
            moment = moment.replace(tzinfo=self._zone)
        try:
            seconds = self._after_the_gap(moment) if self._is_skipped(moment) else int(moment.timestamp())
        except OverflowError:
            raise ValueError(f"'{text}' is out of range") from None
        if seconds < 0:
            raise ValueError(f"'{text}' is out of range")
        if seconds > self._latest:
            self.require_come(seconds)
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[cell] = seconds
        return seconds

    def require_come(self, seconds: int) -> None:
        """Raise `FutureTimeError` if an instant lies over an hour after now; a feed may run for days."""
        self._latest = int(now().timestamp()) + _AHEAD_S
        if seconds > self._latest:
            raise FutureTimeError

    def _is_skipped(self, moment: datetime) -> bool:
        """Whether a time is none on the zone's clocks: then, and only then, fold has the larger offset."""
        if moment.tzinfo is not self._zone or self._zone is UTC:
            return False
        later, told = moment.replace(fold=1).utcoffset(), moment.utcoffset()
        return later is not None and told is not None and later > told

    def _after_the_gap(self, moment: datetime) -> int:
        wall = moment.replace(tzinfo=UTC, microsecond=0)
        self.skipped = self.skipped or f"{moment:%Y-%m-%d %H:%M}"
        return instant(int(wall.timestamp()), self._zone)


def _either(first: WallTimeReader, second: WallTimeReader) -> WallTimeReader:
    def read(text: str) -> datetime:
        try:
            return first(text)
        except ValueError:
            return second(text)

    return read


def wall_time_reader(date_format: str) -> WallTimeReader:
    """Return what reads times of a format: aware where the text says its offset, otherwise naive.

    Formats of figures alone are read by a pattern, several times as fast as by `strptime`.
    """
    if date_format == ISO:
        return datetime.fromisoformat
    directives = re.findall(r"%.", date_format)
    if len(set(directives)) < len(directives) or not _are_leading(directives):
        return lambda text: datetime.strptime(text, date_format)  # noqa: DTZ007 - the reader adds the zone
    names = [_NUMBERS[directive] for directive in directives]
    in_order = [names.index(name) + 1 for name in _NUMBERS.values() if name in names]
    literal = re.escape(date_format)
    for directive, name in _NUMBERS.items():
        figures = r"(\d{4})" if name == "year" else r"(\d{1,2})"
        literal = literal.replace(re.escape(directive), figures)
    pattern = re.compile(literal, re.ASCII)

    def read(text: str) -> datetime:
        match = pattern.fullmatch(text)
        if match is None:
            raise ValueError(f"'{text}' is not written as {date_format}")
        return datetime(*map(int, match.group(*in_order)))  # type: ignore[arg-type]  # noqa: DTZ001

    return read


def names_a_date(date_format: str) -> bool:
    """Whether what is written in a format can be read again, and says the day, month and year."""
    example = datetime(2026, 11, 23, 14, 35, 46, tzinfo=UTC)
    try:
        return datetime.strptime(example.strftime(date_format), date_format).date() == example.date()  # noqa: DTZ007
    except (ValueError, re.error):  # a directive that is none, or one that stands there twice
        return False


def _are_leading(directives: Sequence[str]) -> bool:
    """Whether they are figures of a date, and of a time of day without a gap between its units."""
    known = list(_NUMBERS)
    return len(directives) >= 3 and set(directives) == set(known[: len(directives)])


def told_format(examples: Sequence[str]) -> str:
    """Return the one format in which the examples can be read, all but a few that are no times at all.

    Raises:
        AmbiguousDatesError: if there is none, or several that a swap of day and month tells apart.
    """
    formats = [f"{day} {clock}".strip() for day in _DAYS for clock in ("", *_CLOCKS)]
    likely = [candidate for candidate in (ISO, *formats) if _readable(candidate, examples[:_FIRST])]
    readable = {candidate: _readable(candidate, examples) for candidate in likely}
    possible = [candidate for candidate in readable if 2 * readable[candidate] > len(examples)]
    if ISO in possible or len(possible) == 1:
        return possible[0]
    whole = [candidate for candidate in possible if readable[candidate] == len(examples)]
    if len(whole) == 1:
        return whole[0]
    if not possible:
        raise AmbiguousDatesError(f"no known format reads times such as '{examples[0]}'")
    raise AmbiguousDatesError(
        f"times such as '{examples[0]}' may be {' or '.join(possible)}: nothing tells days from months"
    )


def _readable(date_format: str, examples: Sequence[str]) -> int:
    read, count = wall_time_reader(date_format), 0
    for text in examples:
        try:
            read(text)
        except ValueError:
            continue
        count += 1
    return count
