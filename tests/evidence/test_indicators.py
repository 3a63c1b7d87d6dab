"""What each kind of stopwatch counts, and what the policies of a target change: scenes of a week in March."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import pytest

from config.errors import BadInputError
from evidence.exclusions import ExcludedTime
from evidence.histories import TicketHistories
from evidence.measuring import Measurement, measure
from evidence.questions import Question
from levels.stopwatches import Outcome
from tests.evidence.logbook import day, seconds
from tests.evidence.ticket_lives import CALENDAR, HOUR, Step, told

UPDATES = Question("next update", {}, 4 * HOUR, ("awaiting_user",))
RESOLVED = Question("resolution", {}, 8 * HOUR, ("awaiting_user",))
FIRST_LINE = Question("step", {}, 4 * HOUR, ("awaiting_user",), line="first line")
HANDLING = Question(
    "between states",
    {},
    4 * HOUR,
    ("awaiting_user",),
    from_states=("in_progress",),
    to_states=("awaiting_supplier",),
)
EVERY_KIND = (
    Question("response", {}, 8 * HOUR, ()),
    UPDATES,
    RESOLVED,
    FIRST_LINE,
    replace(HANDLING, from_states=("new",)),
)


def life(*happened: tuple[datetime, str]) -> list[Step]:
    """What happened to a ticket opened on Monday at 9:00, all of it in the first line."""
    steps, before = [], day(2, "09:00")
    for at, state in happened:
        steps.append(Step(int((at - before).total_seconds()) // 60, state))
        before = at
    return steps


def hours(measurement: Measurement) -> dict[str, float]:
    return dict(zip(measurement.external_ids, (measurement.consumed / HOUR).tolist(), strict=True))


def outcome(measurement: Measurement, ticket: str) -> Outcome:
    return Outcome(int(measurement.outcomes[measurement.external_ids == ticket][0]))


def asked(histories: TicketHistories, question: Question, *exclusions: ExcludedTime) -> Measurement:
    return measure(histories, CALENDAR, question, exclusions)


def excluded(start: int, end: int, ticket: str = "", **population: str) -> ExcludedTime:
    return ExcludedTime(start, end, ticket, population, "the fibre was cut")


def test_the_longest_wait_for_an_update_is_what_counts():
    histories = told(
        [
            life(
                (day(2, "10:00"), "in_progress"),
                (day(2, "15:00"), "in_progress"),
                (day(3, "09:00"), "resolved"),
            ),
            life(
                (day(2, "10:00"), "awaiting_user"),
                (day(4, "10:00"), "in_progress"),
                (day(4, "12:00"), "closed"),
            ),
        ]
    )
    found = asked(histories, UPDATES)
    assert hours(found) == {"T0": 5, "T1": 2}, "1, 5 and 4 h; 1 and 2 h, and the user's own time is none"
    assert (found.start[0], found.stop[0]) == (seconds(2, "10:00"), seconds(2, "15:00"))
    assert (outcome(found, "T0"), outcome(found, "T1")) == (Outcome.MISS, Outcome.HIT)


def test_an_open_ticket_is_late_with_its_update_or_undecided():
    told_last = day(11, "14:00")  # the histories end at midnight, four hours of work later
    often = [
        (at, "in_progress") for number in range(2, 12) for at in (day(number, "11:00"), day(number, "14:00"))
    ]
    busy, quiet = life(*often), life((day(11, "13:00"), "in_progress"))
    found = asked(told([busy, quiet]), replace(UPDATES, threshold_s=7 * HOUR))
    assert often[-1][0] == told_last and hours(found)["T0"] == 7, "from 14:00 to 11:00 on the next day"
    assert (outcome(found, "T0"), outcome(found, "T1")) == (Outcome.UNDECIDED, Outcome.MISS)


def reopened() -> list[Step]:
    return life(
        (day(2, "12:00"), "resolved"),
        (day(3, "08:00"), "in_progress"),
        (day(3, "10:00"), "resolved"),
        (day(5, "12:00"), "closed"),
        (day(6, "09:00"), "in_progress"),
        (day(6, "10:00"), "resolved"),
    )


def test_a_reopened_ticket_runs_on_or_starts_anew():
    histories = told([reopened()])
    assert hours(asked(histories, RESOLVED)) == {"T0": 3 + 2 + 1}
    anew = asked(histories, replace(RESOLVED, reopening="reset"))
    assert hours(anew) == {"T0": 1} and anew.start.tolist() == [seconds(6, "09:00")]
    assert hours(asked(histories, replace(UPDATES, reopening="reset"))) == {"T0": 1}
    assert hours(asked(histories, replace(FIRST_LINE, reopening="reset"))) == {"T0": 1}


def test_a_step_counts_the_time_in_its_line_and_no_other():
    steps = [
        *life((day(2, "10:00"), "in_progress")),
        Step(120, "in_progress", line="back office"),  # 12:00
        Step(60, "in_progress", line="first line"),  # 13:00
        Step(60, "awaiting_user", line="first line"),  # 14:00
        Step(60, "in_progress", line="first line"),  # 15:00
        Step(30, "resolved", line="back office"),
    ]
    never = [replace(step, line="back office") for step in life((day(2, "09:00"), "in_progress"))]
    passed_on = [*life((day(2, "10:00"), "in_progress")), Step(60, "in_progress", line="back office")]
    histories = told([steps, never, passed_on])
    found = asked(histories, FIRST_LINE)
    assert hours(found) == {"T0": 3 + 1 + 0.5, "T1": 0, "T2": 2}, "each is opened in the first line"
    assert outcome(found, "T0") == Outcome.MISS
    assert outcome(found, "T2") == Outcome.UNDECIDED, "it stands still, and may come back"
    behind = asked(histories, replace(FIRST_LINE, line="back office"))
    assert behind.external_ids.tolist() == ["T0", "T1", "T2"]
    assert asked(histories, replace(FIRST_LINE, line="supplier")).tally == (0, 0, 0)


def test_between_states_runs_from_the_first_of_these_to_the_first_of_those_after_it():
    handed_over = life(
        (day(2, "10:00"), "awaiting_supplier"),
        (day(2, "11:00"), "in_progress"),
        (day(2, "12:00"), "awaiting_user"),
        (day(2, "14:00"), "in_progress"),
        (day(2, "15:00"), "awaiting_supplier"),
        (day(2, "16:00"), "in_progress"),
    )
    never_taken = life((day(2, "10:00"), "awaiting_supplier"))
    solved_instead = life((day(2, "10:00"), "in_progress"), (day(2, "12:00"), "resolved"))
    still_at_it = life((day(11, "16:00"), "in_progress"))
    found = asked(told([handed_over, never_taken, solved_instead, still_at_it]), HANDLING)
    assert hours(found) == {"T0": 2, "T2": 2, "T3": 2}
    assert found.start[0] == seconds(2, "11:00") and found.stop[0] == seconds(2, "15:00")
    assert found.stopped.tolist() == [True, True, False]


def test_from_resolved_to_closed_the_done_time_is_what_runs():
    confirming = replace(HANDLING, from_states=("resolved",), to_states=("closed",))
    histories = told([life((day(2, "10:00"), "resolved"), (day(3, "10:00"), "closed"))])
    assert hours(asked(histories, confirming)) == {"T0": 10}


def test_a_changed_priority_is_judged_as_it_was_opened_or_as_it_ended():
    raised = [
        *life((day(2, "10:00"), "in_progress")),
        Step(60, "in_progress", priority="1"),  # 11:00
        Step(60, "awaiting_user", priority="1"),
        Step(60, "resolved", priority="1"),  # 13:00
        Step(60, "closed", priority="3"),  # no longer its business
    ]
    histories = told([raised, life((day(2, "12:00"), "resolved"))])
    second, first = (replace(RESOLVED, population={"priority": level}) for level in "21")
    assert hours(asked(histories, second)) == {"T0": 3, "T1": 3}
    assert hours(asked(histories, first)) == {}
    assert hours(asked(histories, replace(second, priority_change="remaining"))) == {"T1": 3}
    judged = asked(histories, replace(first, priority_change="remaining", threshold_s=2 * HOUR))
    assert hours(judged) == {"T0": 3}, "the time since opening counts against the new budget, pauses do not"
    assert outcome(judged, "T0") == Outcome.MISS


def test_excluded_time_stops_every_kind_of_stopwatch():
    happened = (
        (day(3, "18:00"), "in_progress"),
        (day(4, "10:00"), "awaiting_supplier"),
        (day(4, "18:00"), "resolved"),
    )
    histories, tuesday = told([life(*happened)]), excluded(seconds(3), seconds(4))
    for question in EVERY_KIND:
        whole, less = (asked(histories, question, *out) for out in ((), (tuesday,)))
        assert hours(whole)["T0"] - hours(less)["T0"] == 10, question.indicator


def test_what_is_both_paused_and_excluded_counts_once():
    histories = told(
        [
            life(
                (day(2, "10:00"), "awaiting_user"),
                (day(2, "14:00"), "in_progress"),
                (day(2, "18:00"), "closed"),
            )
        ]
    )
    late, later = (
        excluded(seconds(2, "12:00"), seconds(2, "15:00")),
        excluded(seconds(2, "14:30"), seconds(2, "16:00")),
    )
    assert hours(asked(histories, RESOLVED, late, later)) == {"T0": 1 + 2}


def test_an_exclusion_is_for_a_ticket_or_for_a_population():
    histories = told([life((day(2, "11:00"), "resolved"))] * 3)
    hour = seconds(2, "10:00"), seconds(2, "11:00")
    assert hours(asked(histories, RESOLVED, excluded(*hour, "T1"))) == {"T0": 2, "T1": 1, "T2": 2}
    assert hours(asked(histories, RESOLVED, excluded(*hour, priority="2"))) == {"T0": 1, "T1": 1, "T2": 1}
    assert hours(asked(histories, RESOLVED, excluded(*hour, priority="1"))) == {"T0": 2, "T1": 2, "T2": 2}
    with pytest.raises(BadInputError, match="'colour', which tickets do not have"):
        asked(histories, RESOLVED, excluded(*hour, colour="red"))


def test_a_ticket_opened_inside_excluded_time_starts_when_that_ends():
    histories = told([life((day(2, "12:00"), "resolved"))])
    found = asked(histories, RESOLVED, excluded(seconds(1), seconds(2, "10:30")))
    assert hours(found) == {"T0": 1.5}


def test_the_hash_covers_the_terms_and_the_exclusions_that_apply():
    histories = told([reopened()])
    terms: Sequence[Question] = (
        *EVERY_KIND,
        replace(RESOLVED, reopening="reset"),
        replace(RESOLVED, priority_change="remaining"),
        replace(FIRST_LINE, line="back office"),
        replace(HANDLING, to_states=("resolved",)),
        HANDLING,
    )
    hashes = [asked(histories, question).inputs_sha256 for question in terms]
    monday = seconds(2), seconds(3)
    hashes += [
        asked(histories, RESOLVED, excluded(*monday)).inputs_sha256,
        asked(histories, RESOLVED, excluded(monday[0], monday[1] - HOUR)).inputs_sha256,
    ]
    assert len(set(hashes)) == len(hashes)
    plain = asked(histories, RESOLVED).inputs_sha256
    for elsewhere in (
        excluded(*monday, "T9"),
        excluded(*monday, priority="1"),
        excluded(seconds(9), seconds(10)),
    ):
        assert asked(histories, RESOLVED, elsewhere).inputs_sha256 == plain


def test_hashes_are_those_of_the_figures_that_were_frozen_before_there_were_other_terms():
    histories = told([reopened(), life((day(2, "10:00"), "awaiting_user"))])
    assert [asked(histories, question).inputs_sha256[:16] for question in (EVERY_KIND[0], RESOLVED)] == [
        "3d281f0dd5ecfda5",
        "779ee54501aacf7c",
    ]


def test_every_kind_of_hash_stays_what_it_is():
    """Released figures are derived again and compared by these: a change breaks every frozen assessment."""
    histories = told(
        [reopened(), life((day(2, "10:00"), "awaiting_user")), life((day(2, "10:00"), "cancelled"))]
    )
    terms = (
        *EVERY_KIND,
        replace(RESOLVED, population={"priority": "2"}, reopening="reset"),
        replace(RESOLVED, population={"priority": "2"}, priority_change="remaining"),
        replace(RESOLVED, weekdays=("mon",), zone="Europe/Zurich"),
    )
    shut = excluded(seconds(2), seconds(3)), excluded(seconds(3), seconds(4), "T1", priority="2")
    hashes = [asked(histories, question, *some).inputs_sha256 for question in terms for some in ((), shut)]
    assert sha256("".join(hashes).encode()).hexdigest() == (
        "c16e68362e1ebb7fe85f224f2c5723e8377786df37c9b03af85c5c0612832de5"
    )


def test_what_no_stopwatch_measures_is_refused():
    with pytest.raises(ValueError, match="no ticket has a stopwatch for 'cost'"):
        asked(told([[]]), replace(RESOLVED, indicator="cost"))
