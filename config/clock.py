"""The one place that tells the time: real, fixed in tests, simulated in a replay."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from config.errors import BadInputError


class SimulatedClock:
    """A clock that stands still until it is moved forward.

    Attributes:
        instant: the simulated time, aware, in UTC.
    """

    def __init__(self, instant: datetime) -> None:
        self.instant = as_utc(instant)

    def move_to(self, instant: datetime) -> None:
        """Move forward to `instant`.

        Raises:
            BadInputError: if `instant` lies in this clock's past.
        """
        instant = as_utc(instant)
        if instant < self.instant:
            raise BadInputError(f"the clock stands at {self.instant:%Y-%m-%d %H:%M} and cannot go back")
        self.instant = instant


_simulated: ContextVar[SimulatedClock | None] = ContextVar("simulated_clock", default=None)


def now() -> datetime:
    """Return the present instant in UTC, to the second, real unless a simulated clock is in use."""
    clock = _simulated.get()
    return clock.instant if clock else datetime.now(UTC).replace(microsecond=0)


@contextmanager
def simulated(instant: datetime) -> Iterator[SimulatedClock]:
    """Let `now()` answer from a simulated clock that starts at `instant`, within the block."""
    clock = SimulatedClock(instant)
    token = _simulated.set(clock)
    try:
        yield clock
    finally:
        _simulated.reset(token)


def as_utc(instant: datetime) -> datetime:
    """Return an aware instant in UTC.

    Raises:
        BadInputError: if `instant` is naive, or in UTC lies before the first or after the last year.
    """
    if instant.tzinfo is None:
        raise BadInputError(f"{instant.isoformat()} has no time zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise BadInputError(f"{instant.isoformat()} lies in no year that UTC has") from None
