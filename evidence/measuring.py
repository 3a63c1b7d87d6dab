"""Measuring a target: what each ticket's stopwatch consumed, what that means, and a hash of the inputs."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evidence.excluded_times import Excluded, excluded_from
from evidence.exclusions import ExcludedTime
from evidence.histories import Ints, Texts, TicketHistories
from evidence.questions import Question
from evidence.stopwatch_edges import counted, last_priorities, run_of, standstills, stops_of
from evidence.update_gaps import Updates, longest_gaps
from levels.calendars import Calendar
from levels.stopwatches import Pauses, Tally, outcomes, tally, working_seconds
from models.versions import Indicator


@dataclass(frozen=True, eq=False)
class Measurement:
    """The figures of one target; every array has shape (tickets,).

    Attributes:
        question: what was asked.
        external_ids: of the tickets that count, str.
        consumed: working seconds consumed.
        stopped: whether the stopwatch has stopped.
        start, stop: of each stopwatch, epoch seconds; `stop` is `as_of` where it still runs.
        pauses: what does not count, by the ticket's index, as they were before they are united.
        excluded: what does not count because the customer agreed to it; it may overlap with pauses.
        outcomes: `levels.stopwatches.Outcome` codes.
        tally: the outcomes counted.
        inputs_sha256: of question, tickets, times, updates, pauses and exclusions; the same in every run
            and on every database.
    """

    question: Question
    external_ids: Texts
    consumed: Ints
    stopped: NDArray[np.bool_]
    start: Ints
    stop: Ints
    pauses: Pauses
    excluded: Excluded
    outcomes: NDArray[np.int8]
    tally: Tally
    inputs_sha256: str


_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def measure(
    histories: TicketHistories,
    calendar: Calendar,
    question: Question,
    exclusions: Sequence[ExcludedTime] = (),
) -> Measurement:
    """Measure a population against a threshold, as far as the histories know.

    A stopwatch starts when its ticket is opened and stops, by indicator:

    - *response*: at the first state that is not `new`;
    - *resolution*: at the beginning of the last unbroken run of done states (resolved, closed, cancelled);
    - *next update*: the longest gap between two updates, those that began no interval included, until the
      resolution is the ticket's stopwatch; it has stopped for good when the ticket is resolved;
    - *step*: as resolution, and it stands still outside the line asked about;
    - *between states*: it starts at the first interval in one of `from_states` and stops at the first later
      one in `to_states`, or at the resolution.

    A ticket that was reopened runs on, and the time it had been done counts as paused; or, where a
    reopening resets, the resolution, next update and step are measured from its last reopening. One that
    has not stopped is measured until the histories' `as_of`. What was excluded does not count, whatever
    state the ticket was in.

    A ticket that stands cancelled does not count at all: nobody had to serve it. Nor does one that never was
    in the line or in the states asked about.

    Args:
        histories: the tickets, with the `details` that the question depends on.
        calendar: working time; it must cover every opening and `as_of`.
        question: the terms.
        exclusions: what the customer agreed not to count, as far as it was known.

    Raises:
        BadInputError: a population names an attribute that tickets do not have.
        CalendarSpanError: the calendar does not cover an instant.
        ValueError: no stopwatch measures the indicator.
    """
    run = run_of(histories, question)
    if question.by_last_priority:
        ended_with = last_priorities(histories, run.stop_at)
        histories = replace(histories, attributes=histories.attributes | {"priority": ended_with})
    chosen = histories.matching(question.population) & counted(histories, question)
    start, stop, stopped = (
        run.start,
        stops_of(histories, run.stop_at),
        run.stop_at < len(histories.interval_code),
    )
    excluded = excluded_from(histories, chosen, start, stop, exclusions)
    repeats = Updates.none()
    if question.indicator == Indicator.NEXT_UPDATE:
        start, stop, repeats = longest_gaps(histories, question, chosen, run, calendar, excluded.times)
    pauses = standstills(histories, question, stop, chosen)
    if not chosen.all():
        start, stop, stopped = start[chosen], stop[chosen], stopped[chosen]
        place = np.cumsum(chosen) - 1
        pauses, repeats = _renumbered(pauses, place), repeats._replace(ticket=place[repeats.ticket])
        excluded = replace(excluded, times=_renumbered(excluded.times, place))
    external_ids = histories.external_ids[chosen]
    consumed = working_seconds(calendar, start, stop, pauses.with_those_of(excluded.times))
    judged = outcomes(consumed, stopped, question.threshold_s)
    return Measurement(
        question,
        external_ids,
        consumed,
        stopped,
        start,
        stop,
        pauses,
        excluded,
        judged,
        tally(judged),
        _sha256(question, external_ids, (start, stop, stopped, *repeats.told()), (pauses, excluded.times)),
    )


def _renumbered(times: Pauses, place: Ints) -> Pauses:
    return Pauses(place[times.ticket], times.start, times.end)


def _sha256(
    question: Question,
    external_ids: Texts,
    edges: Sequence[Ints | NDArray[np.bool_]],
    still: Sequence[Pauses],
) -> str:
    """The hash of canonical bytes: the question as sorted JSON, then the columns as little-endian int64.

    Exclusions are left out where there are none, and so are updates that began no interval.
    """
    told = [question.canonical(), external_ids.tolist()]
    digest = hashlib.sha256(_CANONICAL.encode(told).encode())
    pauses, *further = still
    tables = [pauses, *(table for table in further if len(table.ticket))]
    for column in (
        *edges,
        *(column for table in tables for column in (table.ticket, table.start, table.end)),
    ):
        digest.update(len(column).to_bytes(8, "little") + column.astype("<i8").tobytes())
    return digest.hexdigest()
