"""Why a ticket does not count under a target: what of the target's terms leaves it out, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from evidence.histories import TicketHistories
from evidence.outages import OUTAGE
from evidence.questions import STOPWATCHES, Question
from evidence.stopwatch_edges import counted, last_priorities, opened_on, run_of
from levels.demand import local_dates, weekday_of
from levels.windows import WEEKDAYS
from models.version_words import Indicator
from models.versions import ServiceLevelTarget
from states.hours_in_words import WEEKDAYS as NAMES
from states.hours_in_words import weekdays_in_words
from states.ticket_evidence import question_of

_NO_TIME = Question(Indicator.RESOLUTION.value, {}, 1, ())


def why_uncounted(target: ServiceLevelTarget, alone: TicketHistories, own: bool) -> list[str]:
    """Return each of a target's terms that leaves a ticket out, such as "its priority is 3, not 2".

    Args:
        target: under which the ticket does not count.
        alone: the one ticket's history, with all `evidence.histories.DETAILS`.
        own: whether it names the agreement's customer.
    """
    if target.indicator == Indicator.AVAILABILITY:
        return list(_of_outage(target, alone)) or ["it stood for no time"]
    if target.indicator not in STOPWATCHES:
        return [f"{target.indicator.value} is not measured by tickets"]
    if not own:
        return ["it names no customer, and only an availability is everybody's"]
    return list(_of_stopwatch(question_of(target), alone))


def _of_outage(target: ServiceLevelTarget, alone: TicketHistories) -> Iterator[str]:
    if alone.attributes["request_type"][0] != OUTAGE:
        yield "it is no outage"
    else:
        yield from _other_attributes(target.population, alone)
    if not counted(alone, _NO_TIME)[0]:
        yield "it stands cancelled"


def _of_stopwatch(question: Question, alone: TicketHistories) -> Iterator[str]:
    if question.by_last_priority:
        ended_with = last_priorities(alone, run_of(alone, question).stop_at)
        alone = replace(alone, attributes=alone.attributes | {"priority": ended_with})
    yield from _other_attributes(question.population, alone)
    if not counted(alone, _NO_TIME)[0]:
        yield "it stands cancelled: nobody had to serve it"
        return
    if not opened_on(question.weekdays, alone.opened_at, question.zone)[0]:
        opened = int(weekday_of(local_dates(alone.opened_at, question.zone))[0])
        wanted = weekdays_in_words(WEEKDAYS.index(day) for day in question.weekdays)
        yield f"it was opened on a {NAMES[opened]}, not on {wanted}"
    if not counted(alone, question)[0]:
        if question.indicator == Indicator.STEP:
            yield f"it never was open in the line {question.line!r}"
        else:
            yield f"it never was {' or '.join(state.replace('_', ' ') for state in question.from_states)}"


def _other_attributes(population: Mapping[str, str], alone: TicketHistories) -> Iterator[str]:
    for name, wanted in population.items():
        told = alone.attributes[name][0]
        if told != wanted:
            what = name.replace("_", " ")
            yield f"its {what} is {told}, not {wanted}" if told else f"it names no {what}, so not {wanted}"
