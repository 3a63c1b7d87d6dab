"""Moments: the forms in which instants and seconds come in (datetimes, numbers, arrays) and go out."""

from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.int64]
Numbers: TypeAlias = NDArray[np.int64] | NDArray[np.float64]
Moment: TypeAlias = datetime | float

_LARGEST = 2.0**62


def whole_seconds(value: Moment | Numbers) -> IntArray:
    """Epoch seconds of datetimes, or seconds as given, taken to the whole second at or before.

    Returns:
        An int64 array of the shape of ``value``; without dimensions for a datetime or a number. An array
        that is one already comes back as it is.

    Raises:
        ValueError: a datetime without a time zone, or a number that is not finite or beyond 64 bits.
    """
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError(f"{value.isoformat()} has no time zone; an instant needs one.")
        value = value.timestamp()
    numbers: NDArray[Any] = np.asarray(value)
    if np.issubdtype(numbers.dtype, np.integer):
        return numbers.astype(np.int64, copy=False)
    if not np.all(np.abs(numbers) < _LARGEST):
        raise ValueError("A number of seconds is not finite, or too large to be one.")
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
