"""The ledger of a ticket says in words why each of its seconds counts or does not."""

from collections.abc import Sequence
from dataclasses import replace

from evidence.exclusions import ExcludedTime
from evidence.ledgers import ledger_of
from evidence.measuring import measure
from evidence.questions import Question
from tests.evidence.logbook import day, seconds
from tests.evidence.ticket_lives import CALENDAR, HOUR, Step, told

RESOLVED = Question("resolution", {}, 8 * HOUR, ("awaiting_user",))
APPROVED = int(day(1, "12:00").timestamp())
LIFE = (  # a ticket of Monday, 9:00
    Step(60, "in_progress"),  # 10:00
    Step(120, "awaiting_user"),  # 12:00
    Step(120, "in_progress", line="back office"),  # 14:00
    Step(120, "resolved"),  # 16:00
    Step(60, "in_progress"),  # 17:00
    Step(16 * 60, "closed"),  # Tuesday 9:00
)


def lines(
    question: Question, *exclusions: ExcludedTime, life: Sequence[Step] = LIFE
) -> list[tuple[str, str, str]]:
    histories = told([life])
    measured = measure(histories, CALENDAR, question, exclusions)
    return [
        (f"{(line.end - line.start) / HOUR:g} h", line.counting.value, line.why)
        for line in ledger_of(histories, measured, CALENDAR, 0)
    ]


def test_running_paused_reopened_and_outside_hours():
    assert lines(RESOLVED) == [
        ("1 h", "running", "new counts"),
        ("2 h", "running", "in progress counts"),
        ("2 h", "paused", "awaiting user pauses"),
        ("2 h", "running", "in progress counts"),
        ("1 h", "paused", "reopened later"),
        ("1 h", "running", "in progress counts"),
        ("14 h", "outside hours", "no service hours"),
        ("1 h", "running", "in progress counts"),
    ]


def test_an_exclusion_is_named_with_its_approval_and_beats_a_pause():
    fibre = ExcludedTime(seconds(2, "11:00"), seconds(2, "13:00"), "", {}, "the fibre was cut", APPROVED)
    assert lines(RESOLVED, fibre)[1:5] == [  # a line for each state
        ("1 h", "running", "in progress counts"),
        ("1 h", "excluded", "the fibre was cut (approved 2026-03-01 12:00 UTC)"),
        ("1 h", "excluded", "the fibre was cut (approved 2026-03-01 12:00 UTC)"),
        ("1 h", "paused", "awaiting user pauses"),
    ]


def test_a_response_stops_while_the_ledger_goes_on_to_the_resolution():
    first, *later = lines(replace(RESOLVED, indicator="response"))
    assert first == ("1 h", "running", "new counts")
    assert {line[1:] for line in later} == {("not measured", "it stopped at in progress")}
    assert [line[0] for line in later] == ["2 h", "2 h", "2 h", "1 h", "16 h"], "one for each state"


def test_a_step_names_the_line():
    assert lines(replace(RESOLVED, indicator="step", line="back office"))[2:5] == [
        ("2 h", "paused", "in first line"),
        ("2 h", "running", "in back office"),
        ("1 h", "paused", "reopened later"),
    ]
    nobody = [replace(step, line="") for step in LIFE]
    assert lines(replace(RESOLVED, indicator="step", line="first line"), life=nobody)[:2] == [
        ("1 h", "running", "in first line"),
        ("2 h", "paused", "in no line"),
    ]


def test_what_a_stopwatch_has_not_begun_with_is_not_measured():
    between = replace(
        RESOLVED,
        indicator="between states",
        from_states=("awaiting_user",),
        to_states=("resolved",),
        pause_states=(),
    )
    told_between = lines(between)
    assert {line[1] for line in told_between[:2]} == {"not measured"}
    assert told_between[0][2] == "not yet awaiting user"
    assert told_between[-1][2] == "it stopped at resolved"
    anew = lines(replace(RESOLVED, reopening="reset"))
    assert anew[0][1:] == ("not measured", "before the last reopening, which resets it")
    assert anew[-1] == ("1 h", "running", "in progress counts")


def test_the_longest_wait_for_an_update_stands_among_the_others():
    told_updates = lines(replace(RESOLVED, indicator="next update"))
    running = [line for line in told_updates if line[1] == "running"]
    assert running == [("2 h", "running", "in progress counts")]
    assert {line[2] for line in told_updates if line[1] == "not measured"} == {
        "not the longest wait for an update"
    }


def test_the_ledger_goes_on_from_the_resolution_to_the_close():
    after = (Step(16 * 60, "resolved"), Step(60, "resolved", line="back office"), Step(30, "closed"))
    closed = (*after, Step(60, "closed", priority="3"))
    for question in (RESOLVED, replace(RESOLVED, indicator="next update")):
        told_lines = lines(question, life=(*LIFE[:5], *closed))
        *_, before, last = told_lines
        assert last == ("1.5 h", "not measured", "it stopped at resolved"), "to the close, and no further"
        assert before[2] != last[2]
        assert told_lines[:-1] == lines(question, life=(*LIFE[:5], after[0])), "the same as before it"
