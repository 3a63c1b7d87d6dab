"""A stopwatch taken apart by line gives, put together, the stopwatch."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from evidence.exclusions import ExcludedTime
from evidence.histories import TicketHistories
from evidence.line_seconds import LineSeconds, seconds_by_line
from evidence.measuring import measure
from evidence.questions import Question
from tests.evidence.ticket_lives import CALENDAR, EXCLUSIONS, HOUR, LIVES, QUESTIONS, Step, told

RESOLUTION = Question("resolution", {}, 8 * HOUR, ("awaiting_user",))
BACK, SUPPLIED = "back office", "supplier"


def histories_of(lives: Sequence[Sequence[Step]]) -> TicketHistories:
    histories = told(lives)
    groups = np.full(len(histories.interval_ticket), "", dtype=object)
    return replace(histories, details=histories.details | {"group_name": groups})


def apart(*steps: Step, exclusions: Sequence[ExcludedTime] = ()) -> LineSeconds:
    histories = histories_of([steps])
    measured = measure(histories, CALENDAR, RESOLUTION, exclusions)
    return seconds_by_line(histories, measured, CALENDAR)


@settings(max_examples=150)
@given(LIVES, QUESTIONS, EXCLUSIONS)
def test_the_lines_of_a_ticket_sum_to_what_it_consumed(
    lives: list[list[Step]], question: Question, exclusions: Sequence[ExcludedTime]
):
    histories = histories_of(lives)
    measured = measure(histories, CALENDAR, question, exclusions)
    found = seconds_by_line(histories, measured, CALENDAR)
    assert found.seconds.shape == (len(measured.external_ids), len(found.lines))
    assert found.seconds.sum(axis=1).tolist() == measured.consumed.tolist()
    assert found.seconds.min(initial=0) >= 0
    assert all(found.seconds.sum(axis=0) > 0), "a line without time is no line of these tickets"


def test_each_line_has_its_own_time_and_a_pause_is_nobodys():
    """An hour new, an hour at the desk, an hour of questions to the user, two hours behind the desk."""
    found = apart(
        Step(60, "in_progress"),
        Step(60, "awaiting_user"),
        Step(60, "in_progress", BACK),
        Step(120, "resolved", BACK),
    )
    assert (found.lines, found.seconds.tolist()) == (["first line", BACK], [[2 * HOUR, 2 * HOUR]])


def test_excluded_time_is_taken_from_the_line_that_had_the_ticket():
    steps = (Step(60, "in_progress", BACK), Step(180, "resolved", BACK))
    whole = apart(*steps)
    opened = int(told([steps]).opened_at[0])
    strike = ExcludedTime(opened + 30 * 60, opened + 2 * HOUR, "", {}, "strike")
    less = apart(*steps, exclusions=[strike])
    assert whole.seconds.tolist() == [[HOUR, 3 * HOUR]]
    assert less.seconds.tolist() == [[HOUR // 2, 2 * HOUR]]


def test_waiting_for_a_supplier_counts_for_the_supplier_where_no_line_is_told():
    found = apart(Step(60, "awaiting_supplier", ""), Step(120, "resolved", ""))
    assert (found.lines, found.seconds.tolist()) == (["first line", SUPPLIED], [[HOUR, 2 * HOUR]])
