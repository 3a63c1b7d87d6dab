"""Where the stopwatches of tickets start, stop and stand still, by what is asked of them."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evidence.histories import CODES, STATES, Ints, Texts, TicketHistories, once
from evidence.lines_of_intervals import line_that_counts
from evidence.questions import Question
from levels.demand import local_dates, weekday_of
from levels.stopwatches import Pauses
from levels.windows import WEEKDAYS
from models.evidence import TicketState
from models.version_words import Indicator, Reopening

DONE = (TicketState.RESOLVED.value, TicketState.CLOSED.value, TicketState.CANCELLED.value)


@dataclass(frozen=True, eq=False)
class Run:
    """From where to where stopwatches are looked at; every array has shape (tickets,).

    Attributes:
        start: epoch seconds.
        begin_at: the position, among all intervals, of the one in which it starts; 0 where that is the
            ticket's first.
        stop_at: the position of the interval whose beginning stops it; the number of intervals where it runs.
    """

    start: Ints
    begin_at: Ints
    stop_at: Ints


def counted(histories: TicketHistories, question: Question) -> NDArray[np.bool_]:
    """Mark the tickets that have a stopwatch, shape (tickets,).

    None have those that stand cancelled, those that never were open in the line that is asked about, and
    those that never were in a state that starts it.
    """
    counting = ~_cancelled(histories)
    if question.indicator == Indicator.STEP:
        in_line = line_that_counts(histories) == question.line
        counting &= _last_interval(histories, in_line & ~_in_states(histories, DONE)) >= 0
    if question.indicator == Indicator.BETWEEN_STATES:
        counting &= _last_interval(histories, _in_states(histories, question.from_states)) >= 0
    return counting


def opened_on(weekdays: Collection[str], opened_at: Ints, zone: str) -> NDArray[np.bool_]:
    """Mark the openings that lie on one of the weekdays in a zone; none named: all of them."""
    if not weekdays:
        return np.ones(len(opened_at), dtype=np.bool_)
    wanted = [WEEKDAYS.index(day) for day in weekdays]
    return np.isin(weekday_of(local_dates(opened_at, zone)), wanted)


def run_of(histories: TicketHistories, question: Question) -> Run:
    """Return where the stopwatches of tickets start and stop; one without (see `counted`) gets any instants.

    Raises:
        ValueError: no stopwatch measures what is asked for.
    """
    match question.indicator:
        case Indicator.RESPONSE:
            return _from_opening(histories, _answers(histories))
        case Indicator.BETWEEN_STATES:
            return _between(histories, question)
        case Indicator.NEXT_UPDATE | Indicator.RESOLUTION | Indicator.STEP:
            until = resolutions(histories)
            if question.reopening == Reopening.RESET:
                return _from_reopening(histories, until)
            return _from_opening(histories, until)
    raise ValueError(f"no ticket has a stopwatch for {question.indicator!r}")


def stops_of(histories: TicketHistories, stop_at: Ints) -> Ints:
    """Return the instants at which intervals begin, `as_of` where there is none; shape as `stop_at`."""
    instants = np.concatenate((histories.interval_start, (histories.as_of,)))
    return instants[stop_at]


@once
def resolutions(histories: TicketHistories) -> Ints:
    """The position at which each ticket's last run of done states begins; the number of intervals if none."""
    done = _in_states(histories, DONE)
    last_open = _last_interval(histories, ~done)
    return _first_interval(histories, done & (_positions(histories) > last_open[histories.interval_ticket]))


def standstills(
    histories: TicketHistories, question: Question, stop: Ints, chosen: NDArray[np.bool_]
) -> Pauses:
    """The intervals of the tickets that are `chosen` that begin before each stop and do not count."""
    still = standing(histories, question)
    still &= chosen[histories.interval_ticket]
    still &= histories.interval_start < stop[histories.interval_ticket]
    still &= histories.interval_start < histories.interval_end
    return Pauses(
        histories.interval_ticket[still], histories.interval_start[still], histories.interval_end[still]
    )


def standing(histories: TicketHistories, question: Question) -> NDArray[np.bool_]:
    """Mark the intervals in which the stopwatch stands still, shape (intervals,).

    They are those in states that pause, in other lines than the one asked about, and in done states, unless
    it is measured from a done state on, such as from resolved to closed.
    """
    done = () if _starts_done(question) else DONE
    still = _in_states(histories, (*question.pause_states, *done))
    if question.indicator == Indicator.STEP:
        still |= line_that_counts(histories) != question.line
    return still


def last_priorities(histories: TicketHistories, stop_at: Ints) -> Texts:
    """The priority of each ticket at its stop, shape (tickets,); the one at opening if no other is told."""
    priority = histories.details["priority"]
    told = (priority != "") & (_positions(histories) <= stop_at[histories.interval_ticket])
    last = _last_interval(histories, told)
    # the "" at the end is what a ticket without any (-1) finds
    found: Texts = np.append(priority, "")[last]
    return np.where(last >= 0, found, histories.attributes["priority"])


def _from_opening(histories: TicketHistories, stop_at: Ints) -> Run:
    return Run(histories.opened_at, np.zeros(len(histories), dtype=np.int64), stop_at)


def _from_reopening(histories: TicketHistories, stop_at: Ints) -> Run:
    """From the first open interval after the last run of done states that did not last, else the opening."""
    done = _in_states(histories, DONE)
    last_open = _last_interval(histories, ~done)
    before = done & (_positions(histories) < last_open[histories.interval_ticket])
    begin_at = _last_interval(histories, before) + 1
    reopened = stops_of(histories, begin_at)
    return Run(np.where(begin_at > 0, reopened, histories.opened_at), begin_at, stop_at)


def _between(histories: TicketHistories, question: Question) -> Run:
    """From the first interval in one of the states to the first later one in another, or the resolution."""
    begin_at = _first_interval(histories, _in_states(histories, question.from_states))
    later = _positions(histories) > begin_at[histories.interval_ticket]
    stop_at = _first_interval(histories, later & _in_states(histories, question.to_states))
    if not _starts_done(question):
        stop_at = np.minimum(stop_at, resolutions(histories))
    return Run(stops_of(histories, begin_at), begin_at, stop_at)


def _starts_done(question: Question) -> bool:
    return any(state in DONE for state in question.from_states)


@once
def _cancelled(histories: TicketHistories) -> NDArray[np.bool_]:
    ticket = histories.interval_ticket
    standing = histories.interval_code == CODES[TicketState.CANCELLED.value]
    standing[:-1] &= ticket[1:] != ticket[:-1]  # of each ticket only the last interval tells
    cancelled = np.zeros(len(histories), dtype=np.bool_)
    cancelled[ticket[standing]] = True
    return cancelled


@once
def _answers(histories: TicketHistories) -> Ints:
    """The position at which each ticket is no longer new; the number of intervals if it still is."""
    return _first_interval(histories, histories.interval_code != CODES[TicketState.NEW.value])


def _positions(histories: TicketHistories) -> Ints:
    return np.arange(len(histories.interval_code))


def _in_states(histories: TicketHistories, states: Collection[str]) -> NDArray[np.bool_]:
    return _marks(tuple(states))[histories.interval_code]


@lru_cache(maxsize=1024)
def _marks(states: tuple[str, ...]) -> NDArray[np.bool_]:
    """Whether each of `STATES` is among those given."""
    marks = np.isin(STATES, states)
    marks.flags.writeable = False
    return marks


def _first_interval(histories: TicketHistories, among: NDArray[np.bool_]) -> Ints:
    """The position of each ticket's first interval among those marked; the number of intervals if none."""
    first = np.full(len(histories), len(among), dtype=np.int64)
    marked = np.flatnonzero(among)
    first[histories.interval_ticket[marked[::-1]]] = marked[::-1]  # of several the one written last stays
    return first


def _last_interval(histories: TicketHistories, among: NDArray[np.bool_]) -> Ints:
    """The position of each ticket's last interval among those marked; -1 where there is none."""
    last = np.full(len(histories), -1, dtype=np.int64)
    marked = np.flatnonzero(among)
    last[histories.interval_ticket[marked]] = marked  # of several the one written last stays
    return last
