"""Who worked on a ticket when: the line that each interval belongs to, named by the feed or by assumption."""

from dataclasses import dataclass

import numpy as np

from evidence.baseline_evidence import Handled
from evidence.histories import Ints, TicketHistories
from evidence.lines_of_intervals import BACK_OFFICE, FIRST_LINE, SUPPLIER, line_of_each_interval
from levels.steps import Stays
from models.evidence import TicketState


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines of handled tickets.

    Attributes:
        names: of the lines: first line, back office and supplier first, then others that the feed names.
        stays: the time of resolved tickets in each line.
        settled_by: tickets resolved by each line, in the order of the names.
        resolved: all resolved tickets.
        waited_for_supplier_s: working time of resolved tickets in state awaiting_supplier.
        assumption: how the lines were told, as a sentence without its full stop.
    """

    names: list[str]
    stays: Stays
    settled_by: list[int]
    resolved: int
    waited_for_supplier_s: int
    assumption: str


def lines_of(handled: Handled) -> Lines:
    """Tell the line of each stretch of work, and which line resolved each ticket.

    A ticket is settled by the line of its last open interval before the resolution. One that was never seen
    open was resolved at once, by the line of its first interval.
    """
    histories, measured = handled.histories, handled.measurement
    line, assumption = line_of_each_interval(histories)
    present = set(np.unique(line.astype(str)).tolist())
    known = [name for name in (FIRST_LINE, BACK_OFFICE, SUPPLIER) if name in present]
    names = [*known, *sorted(present - set(known))]
    place = np.searchsorted(np.array(sorted(names)), line.astype(str))
    code = np.array([names.index(name) for name in sorted(names)], np.int64)[place]
    resolved = measured.stopped
    counted = handled.open & resolved[histories.interval_ticket]
    stays = Stays(
        histories.interval_ticket[counted],
        code[counted],
        handled.seconds[counted],
        np.asarray(histories.interval_state[counted] == TicketState.IN_PROGRESS.value, dtype=np.bool_),
    )
    waited = counted & (histories.interval_state == TicketState.AWAITING_SUPPLIER.value)
    last = _last_before_stop(histories, measured.stop)[resolved]
    settled = np.bincount(code[last], minlength=len(names))
    return Lines(
        names,
        stays,
        [int(each) for each in settled],
        int(np.count_nonzero(resolved)),
        int(handled.seconds[waited].sum()),
        assumption,
    )


def _last_before_stop(histories: TicketHistories, stop: Ints) -> Ints:
    """The position of each ticket's last interval that began before its stop; of its first where none did."""
    ticket, place = histories.interval_ticket, np.arange(len(histories.interval_ticket))
    last = np.full(len(histories), len(place), dtype=np.int64)
    np.minimum.at(last, ticket, place)
    before = histories.interval_start < stop[ticket]
    np.maximum.at(last, ticket[before], place[before])
    return last
