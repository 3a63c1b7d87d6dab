"""Measuring a target: what each ticket's stopwatch consumed, and what that means."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evidence.excluded_times import Excluded, excluded_from
from evidence.exclusions import ExcludedTime
from evidence.histories import Ints, Texts, TicketHistories
from evidence.input_hashes import inputs_sha256
from evidence.questions import Question
from evidence.stopwatch_edges import counted, last_priorities, run_of, standstills, stops_of
from evidence.together import Place
from evidence.update_gaps import Updates, longest_gaps
from levels.calendars import Calendar
from levels.stopwatches import Pauses, Tally, outcomes, tally, working_seconds
from models.version_words import Indicator


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
    (measured,) = _measured(histories, [(0, len(histories))], calendar, question, exclusions)
    return measured


def measure_each(
    histories: TicketHistories, places: Sequence[Place], calendar: Calendar, question: Question
) -> list[Measurement]:
    """Measure stretches of tickets, such as those of several customers, each as `measure` would alone.

    All of them go through the same steps at once, which for a few hundred tickets cost as much as for one.

    Args:
        histories: the tickets of all of them.
        places: which tickets are whose: see `evidence.together.HistoriesTogether`.
        calendar: as in `measure`; the same for all.
        question: the terms, the same for all.

    Raises:
        BadInputError, CalendarSpanError, ValueError: as `measure`, if it would of any of them.
    """
    return list(_measured(histories, places, calendar, question, ()))


def _measured(
    histories: TicketHistories,
    places: Sequence[Place],
    calendar: Calendar,
    question: Question,
    exclusions: Sequence[ExcludedTime],
) -> Iterator[Measurement]:
    """One measurement a place; exclusions are for a single one."""
    run = run_of(histories, question)
    if question.by_last_priority:
        ended_with = last_priorities(histories, run.stop_at)
        histories = replace(histories, attributes=histories.attributes | {"priority": ended_with})
    chosen = histories.matching(question.population) & counted(histories, question)
    start, stop = run.start, stops_of(histories, run.stop_at)
    stopped = run.stop_at < len(histories.interval_code)
    excluded = excluded_from(histories, chosen, start, stop, exclusions)
    repeats = Updates.none()
    if question.indicator == Indicator.NEXT_UPDATE:
        start, stop, repeats = longest_gaps(histories, question, chosen, run, calendar, excluded.times)
    pauses = standstills(histories, question, stop, chosen)
    place = np.flatnonzero(chosen)
    if len(place) < len(chosen):
        start, stop, stopped = start[place], stop[place], stopped[place]
        number = np.cumsum(chosen) - 1
        pauses, repeats = _renumbered(pauses, number), repeats._replace(ticket=number[repeats.ticket])
        excluded = replace(excluded, times=_renumbered(excluded.times, number))
    external_ids = histories.external_ids[place]
    consumed = working_seconds(calendar, start, stop, pauses.with_those_of(excluded.times))
    judged = outcomes(consumed, stopped, question.threshold_s)
    # tickets, pauses and updates stand in the tickets' order, so what is of one place is one slice of each
    edges = np.searchsorted(place, places)
    of_pauses, of_repeats = (np.searchsorted(rows.ticket, edges).tolist() for rows in (pauses, repeats))
    for (first, after), paused, repeated in zip(edges.tolist(), of_pauses, of_repeats, strict=True):
        mine = slice(first, after)
        outcome, still, updates = judged[mine], _part(pauses, paused, first), slice(*repeated)
        yield Measurement(
            question,
            external_ids[mine],
            consumed[mine],
            stopped[mine],
            start[mine],
            stop[mine],
            still,
            excluded,
            outcome,
            tally(outcome),
            inputs_sha256(
                question,
                external_ids[mine],
                (start[mine], stop[mine], stopped[mine]),
                Updates(repeats.ticket[updates] - first, repeats.at[updates]),
                (still, excluded.times),
            ),
        )


def _renumbered(times: Pauses, number: Ints) -> Pauses:
    return Pauses(number[times.ticket], times.start, times.end)


def _part(pauses: Pauses, edges: Place, first: int) -> Pauses:
    """The pauses from one to another, by the index of tickets counted from `first`."""
    rows = slice(*edges)
    return Pauses(pauses.ticket[rows] - first, pauses.start[rows], pauses.end[rows])
