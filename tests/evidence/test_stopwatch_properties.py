"""Every kind of stopwatch against plain loops over minutes, for random lives, terms and exclusions."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings

from evidence.accounts import Counting
from evidence.exclusions import ExcludedTime
from evidence.ledgers import ledger_of
from evidence.measuring import measure
from evidence.questions import Question
from tests.evidence.ticket_lives import (
    AS_OF,
    CALENDAR,
    EXCLUSIONS,
    LIVES,
    OPENED,
    QUESTIONS,
    Step,
    plainly,
    told,
)


@settings(max_examples=150)
@given(LIVES, QUESTIONS, EXCLUSIONS)
def test_all_tickets_at_once_are_measured_as_each_by_itself(
    lives: list[list[Step]], question: Question, exclusions: Sequence[ExcludedTime]
):
    alone = {f"T{n}": plainly(steps, question, exclusions, f"T{n}") for n, steps in enumerate(lives)}
    found = measure(told(lives), CALENDAR, question, exclusions)
    got = zip(found.consumed.tolist(), found.stopped.tolist(), strict=True)
    assert dict(zip(found.external_ids, got, strict=True)) == {
        name: figures for name, figures in alone.items() if figures is not None
    }


@settings(max_examples=150)
@given(LIVES, QUESTIONS, EXCLUSIONS)
def test_the_ledger_accounts_for_every_second_and_its_running_ones_are_what_was_consumed(
    lives: list[list[Step]], question: Question, exclusions: Sequence[ExcludedTime]
):
    histories = told(lives)
    found = measure(histories, CALENDAR, question, exclusions)
    counted = histories.where(np.isin(histories.external_ids, found.external_ids))
    for ticket in range(len(counted)):
        lines = ledger_of(counted, found, CALENDAR, ticket)
        assert (
            sum(line.seconds for line in lines if line.counting is Counting.RUNNING) == found.consumed[ticket]
        )
        assert all(line.seconds > 0 and line.why for line in lines)
        edges = [OPENED, *(line.end for line in lines)]
        assert [line.start for line in lines] == edges[:-1], "no gap, and it begins with the opening"
        assert found.stop[ticket] <= edges[-1] <= AS_OF
        if not found.stopped[ticket]:
            assert edges[-1] == AS_OF
