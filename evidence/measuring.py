"""Measuring a target: what each ticket's stopwatch consumed, and what that means."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.excluded_times import Excluded
from evidence.exclusions import ExcludedTime
from evidence.histories import Ints, Texts, TicketHistories
from evidence.input_hashes import inputs_sha256
from evidence.questions import Question
from evidence.ticket_stopwatches import TicketStopwatches
from evidence.together import Place
from levels.calendars import Calendar
from levels.stopwatches import Pauses, Tally, outcomes, tally


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
    stopwatches = TicketStopwatches.run(histories, calendar, question, exclusions)
    return measured(stopwatches, question, (0, len(histories)))


def measured(stopwatches: TicketStopwatches, question: Question, place: Place) -> Measurement:
    """Measure the population of one stretch of tickets, as `measure` would of these tickets alone.

    Args:
        stopwatches: of these and perhaps other tickets, run by the clock of the question.
        question: the terms.
        place: which of the tickets it is about: see `evidence.together.HistoriesTogether`.

    Raises:
        BadInputError: a population names an attribute that tickets do not have.
    """
    watches = stopwatches.asked_about(question, place)
    judged = outcomes(watches.consumed, watches.stopped, question.threshold_s)
    external_ids = watches.external_ids
    return Measurement(
        question,
        external_ids,
        watches.consumed,
        watches.stopped,
        watches.start,
        watches.stop,
        watches.pauses,
        watches.excluded,
        judged,
        tally(judged),
        inputs_sha256(
            question,
            external_ids,
            (watches.start, watches.stop, watches.stopped),
            watches.repeats,
            (watches.pauses, watches.excluded.times),
        ),
    )
