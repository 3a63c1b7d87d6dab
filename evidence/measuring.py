"""Measuring a target: what each ticket's stopwatch consumed, what that means, and a hash of the inputs."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evidence.store import Ints, Texts, TicketHistories
from levels.calendars import Calendar
from levels.stopwatches import Pauses, Tally, outcomes, tally, working_seconds
from models.evidence import TicketState

_DONE = (TicketState.RESOLVED.value, TicketState.CLOSED.value, TicketState.CANCELLED.value)


@dataclass(frozen=True, eq=False)
class Measurement:
    """The figures of one target; every array has shape (tickets,).

    Attributes:
        external_ids: of the tickets that count, str.
        consumed: working seconds consumed.
        stopped: whether the stopwatch has stopped.
        start, stop: of each stopwatch, epoch seconds; `stop` is `as_of` where it still runs.
        pauses: what does not count, by the ticket's index, as they were before they are united.
        outcomes: `levels.stopwatches.Outcome` codes.
        tally: the outcomes counted.
        inputs_sha256: of tickets, times, pauses and threshold; the same in every run and on every database.
    """

    external_ids: Texts
    consumed: Ints
    stopped: NDArray[np.bool_]
    start: Ints
    stop: Ints
    pauses: Pauses
    outcomes: NDArray[np.int8]
    tally: Tally
    inputs_sha256: str


def measure(
    histories: TicketHistories,
    calendar: Calendar,
    *,
    indicator: Literal["response", "resolution"],
    population: Mapping[str, str],
    threshold_s: int,
    pause_states: Collection[str],
) -> Measurement:
    """Measure a population against a threshold, as far as the histories know.

    A stopwatch starts when its ticket is opened. *Response* stops at the first state that is not `new`;
    *resolution* at the beginning of the last unbroken run of done states (resolved, closed, cancelled). A
    ticket that was reopened runs on, and the time it had been done counts as paused. One that has not
    stopped is measured until the histories' `as_of`.

    A ticket that stands cancelled does not count at all: nobody had to serve it.

    Args:
        histories: the tickets.
        calendar: working time; it must cover every opening and `as_of`.
        indicator: what stops the stopwatch.
        population: ticket attributes that must match.
        threshold_s: working seconds.
        pause_states: states in which the stopwatch stands still.

    Raises:
        BadInputError: the population names an attribute that tickets do not have.
        CalendarSpanError: the calendar does not cover an instant.
    """
    chosen = histories.select(population)
    chosen = chosen.where(~_cancelled(chosen))
    stop_at = _responses(chosen) if indicator == "response" else _resolutions(chosen)
    bounds = np.append(chosen.interval_start, chosen.as_of)
    stopped = stop_at < len(chosen.interval_start)
    stop = bounds[stop_at]
    pauses = _pauses(chosen, stop, pause_states)
    consumed = working_seconds(calendar, chosen.opened_at, stop, pauses)
    judged = outcomes(consumed, stopped, threshold_s)
    question = {
        "indicator": indicator,
        "population": dict(population),
        "threshold_s": int(threshold_s),
        "pause_states": sorted(pause_states),
    }
    digest = _sha256(question, chosen, stop, stopped, pauses)
    return Measurement(
        chosen.external_ids,
        consumed,
        stopped,
        chosen.opened_at,
        stop,
        pauses,
        judged,
        tally(judged),
        digest,
    )


def _last_interval(histories: TicketHistories, among: NDArray[np.bool_]) -> Ints:
    """The position of each ticket's last interval among those marked; -1 where there is none."""
    last = np.full(len(histories), -1, dtype=np.int64)
    marked = np.flatnonzero(among)
    np.maximum.at(last, histories.interval_ticket[marked], marked)
    return last


def _cancelled(histories: TicketHistories) -> NDArray[np.bool_]:
    last = _last_interval(histories, np.ones(len(histories.interval_state), dtype=np.bool_))
    # the "" at the end is what a ticket without any interval (-1) finds
    states: Texts = np.append(histories.interval_state, "")[last]
    return np.asarray(states == TicketState.CANCELLED.value, dtype=np.bool_)


def _responses(histories: TicketHistories) -> Ints:
    """The position of each ticket's first interval that is not new; the number of intervals where none is."""
    first = np.full(len(histories), len(histories.interval_state), dtype=np.int64)
    answered = np.flatnonzero(histories.interval_state != TicketState.NEW.value)
    np.minimum.at(first, histories.interval_ticket[answered], answered)
    return first


def _resolutions(histories: TicketHistories) -> Ints:
    """The position at which each ticket's last run of done states begins; the number of intervals if none."""
    done = np.isin(histories.interval_state, _DONE)
    last_open = _last_interval(histories, ~done)
    first_after = np.full(len(histories), len(done), dtype=np.int64)
    later = np.flatnonzero(done & (np.arange(len(done)) > last_open[histories.interval_ticket]))
    np.minimum.at(first_after, histories.interval_ticket[later], later)
    return first_after


def _pauses(histories: TicketHistories, stop: Ints, pause_states: Collection[str]) -> Pauses:
    still = np.isin(histories.interval_state, [*pause_states, *_DONE])
    still &= histories.interval_start < stop[histories.interval_ticket]
    still &= histories.interval_start < histories.interval_end
    return Pauses(
        histories.interval_ticket[still], histories.interval_start[still], histories.interval_end[still]
    )


def _sha256(
    question: Mapping[str, object],
    histories: TicketHistories,
    stop: Ints,
    stopped: NDArray[np.bool_],
    pauses: Pauses,
) -> str:
    """The hash of canonical bytes: the question as sorted JSON, then the columns as little-endian int64."""
    ids = [str(name) for name in histories.external_ids]
    head = json.dumps([question, ids], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(head.encode())
    for column in (histories.opened_at, stop, stopped, pauses.ticket, pauses.start, pauses.end):
        digest.update(len(column).to_bytes(8, "little") + column.astype("<i8").tobytes())
    return digest.hexdigest()
