"""Edges: openings and closings in two arrays, and the union and difference of such sets of windows."""

from typing import TypeAlias

import numpy as np

from levels.moments import IntArray

Edges: TypeAlias = tuple[IntArray, IntArray]
"""Openings and the closing that belongs to each, int64, of equal length."""


def united(*parts: Edges) -> Edges:
    """The union of windows, which may overlap and come in any order.

    Returns:
        Edges that are sorted, disjoint and not touching; a window that does not close after it opens is
        left out.
    """
    opens = np.concatenate([np.empty(0, np.int64), *(part[0] for part in parts)])
    closes = np.concatenate([np.empty(0, np.int64), *(part[1] for part in parts)])
    kept = closes > opens
    order = np.argsort(opens[kept], kind="stable")
    opens, closes = opens[kept][order], np.maximum.accumulate(closes[kept][order])
    if not opens.size:
        return opens, closes
    apart = opens[1:] > closes[:-1]
    return opens[np.r_[True, apart]], closes[np.r_[apart, True]]


def without(windows: Edges, taken: Edges) -> Edges:
    """What is left of windows when others are taken from them; both as `united` returns them."""
    points = np.unique(np.concatenate([*windows, *taken]))
    left = _inside(windows, points) & ~_inside(taken, points)
    before = np.r_[False, left[:-1]]
    return points[left & ~before], points[before & ~left]


def cut(windows: Edges, start: int, end: int) -> Edges:
    """The part of windows from ``start`` to ``end``."""
    return united((np.clip(windows[0], start, end), np.clip(windows[1], start, end)))


def _inside(windows: Edges, points: IntArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    opens, closes = windows
    return np.searchsorted(opens, points, "right") > np.searchsorted(closes, points, "right")
