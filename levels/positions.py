"""Positions: the working seconds before each of many instants, found through buckets and in small pieces.

A binary search among ten thousand windows misses the branch predictor at every step. Here an instant's
bucket, a shift of its bits, says how many windows had opened before the bucket began; the few that open
inside it are added by comparison. Pieces that fit the processor's cache keep the steps between from going
through main memory.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from levels.moments import IntArray

_PIECE = 1 << 15
_FEW = 256
_BUCKETS_A_WINDOW = 8
_MOST_STEPS = 4
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Positions:
    """Windows with one before the first, which opens and closes at the start, so every instant has one.

    Attributes:
        opens: openings in epoch seconds, and one that never comes.
        next_open: the opening of the window after each.
        closes: closings in epoch seconds.
        worked: working seconds up to each closing.
        start: first instant covered, epoch seconds.
        shift: a bucket is 2 to the power of this many seconds.
        opened: how many windows had opened when each bucket began.
        steps: the most windows that open inside one bucket.
    """

    opens: IntArray
    next_open: IntArray
    closes: IntArray
    worked: IntArray
    start: int
    shift: int
    opened: NDArray[np.intp]
    steps: int

    @classmethod
    def of(cls, opens: IntArray, closes: IntArray, worked: IntArray, start: int, end: int) -> Self:
        """Prepare a calendar's windows: openings, closings, and the working seconds up to each closing."""
        bucket = (end - start) // (_BUCKETS_A_WINDOW * (opens.size + 1)) + 1
        shift = int(bucket).bit_length()
        starts = np.arange(start, end + (2 << shift), 1 << shift)
        opened = np.searchsorted(opens, starts)
        return cls(
            opens,
            np.append(opens, _NEVER),
            np.append(start, closes),
            np.append(0, worked),
            start,
            shift,
            opened,
            int(np.diff(opened).max(initial=0)),
        )

    def at(self, moments: IntArray) -> IntArray:
        """Working seconds from the start to each instant; the instants must be covered."""
        flat = moments.reshape(-1)
        if flat.size < _FEW or self.steps > _MOST_STEPS:
            window = np.searchsorted(self.opens, moments, side="right")
            found: IntArray = self.worked[window] - np.maximum(self.closes[window] - moments, 0)
            return found
        found = np.empty(flat.size, np.int64)
        window, scratch = np.empty(_PIECE, np.intp), np.empty(_PIECE, np.int64)
        for begin in range(0, flat.size, _PIECE):
            piece = flat[begin : begin + _PIECE]
            self._fill(piece, window[: piece.size], scratch[: piece.size], found[begin : begin + _PIECE])
        return found.reshape(moments.shape)

    def _fill(self, moments: IntArray, window: NDArray[np.intp], scratch: IntArray, found: IntArray) -> None:
        # mode="clip" only spares NumPy a buffered copy: every index lies inside
        np.subtract(moments, self.start, out=scratch)
        np.right_shift(scratch, self.shift, out=scratch)
        np.take(self.opened, scratch, out=window, mode="clip")
        for _ in range(self.steps):
            np.take(self.next_open, window, out=scratch, mode="clip")
            np.add(window, scratch <= moments, out=window)
        np.take(self.closes, window, out=scratch, mode="clip")
        np.subtract(scratch, moments, out=scratch)
        np.maximum(scratch, 0, out=scratch)
        np.take(self.worked, window, out=found, mode="clip")
        np.subtract(found, scratch, out=found)
