"""Moments: the forms in which instants and seconds come in (datetimes, numbers, arrays) and go out."""

from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.int64]
Numbers: TypeAlias = NDArray[np.int64] | NDArray[np.float64]
Moment: TypeAlias = datetime | float


def whole_seconds(value: Moment | Numbers) -> IntArray:
    """Epoch seconds of datetimes, or seconds as given, taken to the whole second at or before.

    Returns:
        An int64 array of the shape of ``value``; without dimensions for a datetime or a number.

    Raises:
        ValueError: a datetime without a time zone, or a number that is not finite.
    """
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError(f"{value.isoformat()} has no time zone; an instant needs one.")
        value = value.timestamp()
    numbers: NDArray[np.float64] = np.asarray(value)
    if not np.all(np.isfinite(numbers)):
        raise ValueError("A number of seconds is not finite.")
    seconds: IntArray = np.floor(numbers).astype(np.int64)
    return seconds


def plain(values: IntArray) -> int | IntArray:
    """An int for an array without dimensions, otherwise the array itself."""
    return values if np.ndim(values) else int(values)


def named(moment: int) -> str:
    """An instant in epoch seconds as a person reads it in a message, even if no calendar year holds it."""
    try:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"The instant {moment} s after 1970-01-01 UTC"
