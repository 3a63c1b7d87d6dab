"""The hash of what a measurement was made from: the same in every run and on every database."""

import hashlib
import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evidence.histories import Ints, Texts
from evidence.questions import Question
from evidence.update_gaps import Updates
from levels.stopwatches import Pauses

_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def inputs_sha256(
    question: Question,
    external_ids: Texts,
    edges: Sequence[Ints | NDArray[np.bool_]],
    repeats: Updates,
    still: tuple[Pauses, Pauses],
) -> str:
    """Hash canonical bytes: question and tickets as sorted JSON, then the columns as little-endian int64.

    Updates that began no interval are left out where there are none, and so are exclusions.

    Args:
        question: the terms.
        external_ids: the tickets that count.
        edges: where each stopwatch starts and stops, and whether it has.
        repeats: updates that began no interval.
        still: the pauses, and the excluded times.
    """
    tickets = _CANONICAL.encode(external_ids.tolist())
    pauses, excluded = still
    further = [excluded] if len(excluded.ticket) else []
    columns = [
        *edges,
        *(repeats if len(repeats.at) else ()),
        *(column for times in (pauses, *further) for column in (times.ticket, times.start, times.end)),
    ]
    told = [f"[{question.text},{tickets}]".encode()]
    for column in columns:
        told += (len(column).to_bytes(8, "little"), column.astype("<i8", copy=False).tobytes())
    return hashlib.sha256(b"".join(told)).hexdigest()
