"""A target divided among steps from the evidence, adopted into the draft, and misses laid at the steps."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlmodel import Session, select

from config.errors import NotFoundError, SlmError
from models.assessments import Assessment
from models.reviews import ExperienceReport
from states import audit
from states.assessment_check import check
from states.carriers import TO_BE_NAMED, carrier_in, carrier_of, steps_of
from states.drafting import find_agreement
from states.process_targets import adopt, objective_of_each, propose
from states.restatements import restate
from states.step_misses import misses_by_step
from states.support_check import support_gaps
from tests.states.builders import (
    MANAGER,
    MONDAY,
    P2,
    add_tickets,
    close_period,
    draft,
    letters,
    monitored,
    offered,
    open_period,
    written,
)
from tests.states.steps import BACK, DESK, SUPPLIER, TEAMS, a_quiet_spring, worked, working_days

HOUR = 3600


def test_a_threshold_is_divided_as_the_time_of_past_tickets_allows(session: Session) -> None:
    agreement = written(session)
    a_quiet_spring(session)
    found = propose(session, agreement, "P2", None, MONDAY)
    assert found.steps == (DESK, BACK) and found.assumption == "the feed names the line"
    assert found.allocation.met and (found.allocation.tickets, found.allocation.joint_hits) == (20, 19)
    assert found.allocation.sum_s <= 8 * HOUR and found.objective == 0.949
    assert [each.tickets for each in found.allocation.steps] == [20, 10]
    assert found.until - found.since == timedelta(weeks=12) and found.until <= MONDAY


def test_where_the_feed_names_groups_alone_the_first_one_is_the_first_line(session: Session) -> None:
    agreement = written(session)
    a_quiet_spring(session, groups=True)
    found = propose(session, agreement, "P2", None, MONDAY)
    assert found.steps == (DESK, BACK) and "the first group" in found.assumption


def test_the_order_of_the_work_may_be_given_and_case_does_not_matter(session: Session) -> None:
    agreement = written(session)
    a_quiet_spring(session)
    found = propose(session, agreement, "P2", ["Back office", "First line"], MONDAY)
    assert found.steps == ("Back office", "First line")
    assert [each.tickets for each in found.allocation.steps] == [10, 20]


def test_time_in_lines_that_are_no_step_is_not_forgotten(session: Session) -> None:
    agreement = written(session)
    a_quiet_spring(session)
    with pytest.raises(SlmError, match="of the time is spent in back office: name every line"):
        propose(session, agreement, "P2", [DESK], MONDAY)


def test_a_line_that_the_evidence_does_not_have(session: Session) -> None:
    agreement = written(session)
    a_quiet_spring(session)
    with pytest.raises(NotFoundError, match="no line 'vendor'; it has: first line, back office"):
        propose(session, agreement, "P2", [DESK, "vendor"], MONDAY)
    with pytest.raises(NotFoundError, match="no target 'P9'"):
        propose(session, agreement, "P9", None, MONDAY)


def test_without_tickets_or_without_lines_nothing_is_proposed(session: Session) -> None:
    agreement = written(session)
    with pytest.raises(SlmError, match="SLA-1: P2: no ticket of .* is judged yet"):
        propose(session, agreement, "P2", None, MONDAY)
    add_tickets(session, MONDAY - timedelta(weeks=6), 5)
    with pytest.raises(SlmError, match="the feed names neither lines nor groups"):
        propose(session, agreement, "P2", None, MONDAY)


def test_a_target_without_a_time_is_not_divided(session: Session) -> None:
    up = {"id": "UP", "indicator": "availability", "objective": "99.5 %", "calendar": "office"}
    with pytest.raises(SlmError, match="UP promises no time"):
        propose(session, written(session, targets=[P2, up]), "UP", None, MONDAY)


def test_what_is_adopted_stands_in_the_draft_and_wants_a_name(session: Session) -> None:
    agreement = written(session)
    a_quiet_spring(session)
    proposal = propose(session, agreement, "P2", None, MONDAY)
    before = agreement.row_version
    rows = adopt(session, agreement, proposal, {BACK: "OLA-1/P2"}, MANAGER, MONDAY)
    assert agreement.row_version > before, "nobody moves a text they did not see"
    assert [(row.position, row.line, carrier_of(row)) for row in rows] == [
        (1, DESK, TO_BE_NAMED),
        (2, BACK, "OLA-1/P2"),
    ]
    assert steps_of(draft(agreement), "P2") == rows
    event = audit.events_of(session, agreement)[-1]
    assert event.kind == "target divided" and "OLA-1/P2" in event.data
    gaps = [gap.sentence for gap in support_gaps(session, agreement, draft(agreement), MONDAY)]
    assert "target P2: Nothing carries the first line and its budget of" in gaps[0]
    assert gaps[1] == "target P2: Nothing carries the back office: there is no agreement 'OLA-1'."


def test_who_carries_a_step_stays_when_it_is_divided_again(session: Session) -> None:
    agreement = written(session)
    a_quiet_spring(session)
    proposal = propose(session, agreement, "P2", None, MONDAY)
    adopt(session, agreement, proposal, {DESK: "Service desk"}, MANAGER, MONDAY)
    rows = adopt(session, agreement, proposal, {BACK: "Operations"}, MANAGER, MONDAY)
    assert [carrier_of(row) for row in rows] == ["Service desk", "Operations"]
    assert len(draft(agreement).process_targets) == 2
    with pytest.raises(NotFoundError, match="P2 has no step 'vendor'; it has: first line, back office"):
        adopt(session, agreement, proposal, {"vendor": "x"}, MANAGER, MONDAY)


def test_a_sealed_text_is_not_divided(session: Session) -> None:
    agreement = offered(session)
    a_quiet_spring(session)
    proposal = propose(session, agreement, "P2", None, MONDAY)
    with pytest.raises(SlmError, match="SLA-1 has no draft in signing"):
        adopt(session, agreement, proposal, {}, MANAGER, MONDAY)


@given(some.floats(0.01, 0.99999), some.integers(1, 6))
def test_steps_that_keep_their_objectives_keep_the_targets(objective: float, steps: int) -> None:
    each = objective_of_each(objective, steps)
    assert objective <= each < 1
    assert each**steps >= objective - 1e-12


def test_a_carrier_is_an_agreements_target_or_a_team() -> None:
    assert carrier_in("OLA-1/P2") == ("OLA-1", "P2")
    assert carrier_in("Service desk") == ("Service desk", "")
    assert carrier_in("Desk / nights") == ("Desk / nights", "")


def assessed(session: Session) -> Assessment:
    """One hit, and five misses: three in the back office, one at the desk, one in a line that is no step."""
    agreement = monitored(session, process_targets=TEAMS)
    start = open_period(session, agreement).starts_at
    lives = [
        [(DESK, 1.0), (BACK, 2.0)],
        [(DESK, 1.0), (BACK, 10.0)],
        [(DESK, 1.0), (BACK, 12.0)],
        [(DESK, 3.0), (BACK, 9.5)],
        [(DESK, 9.0)],
        [(DESK, 1.0), (SUPPLIER, 20.0)],
    ]
    for opened, life in zip(working_days(start, len(lives)), lives, strict=True):
        worked(session, opened, *life)
    close_period(session, agreement)
    return session.exec(select(Assessment).where(Assessment.agreement_id == agreement.id)).one()


def test_an_assessment_says_which_step_spent_the_budget_of_its_misses(session: Session) -> None:
    row = assessed(session)
    assert (row.known, row.hits) == (6, 1)
    assert [(each["step"], each["misses"], each["overrun_s"]) for each in row.target["steps"]] == [
        (DESK, 1, 8 * HOUR),
        (BACK, 3, round(13.5 * HOUR)),
        ("lines that are no step", 1, 20 * HOUR),
    ]
    assert misses_by_step(row) == (
        "of 5 misses: back office 3 (13 h 30 min over), lines that are no step 1 (20 h over), "
        "first line 1 (8 h over)"
    )


def test_the_report_and_its_letter_tell_it_and_it_is_derived_again(session: Session) -> None:
    row = assessed(session)
    report = session.exec(select(ExperienceReport)).one()
    (told,) = report.figures["delivered"]
    assert told["missed_in"] == misses_by_step(row)
    letter = letters(session, "experience_report")[0]
    assert "of 5 misses: back office 3 (13 h 30 min over)" in letter.text
    assert "of 5 misses: back office 3 (13 h 30 min over)" in letter.html
    agreement = find_agreement(session, "SLA-1")
    assert check(session, agreement, row).differences == {}
    session.expunge(row)  # the database refuses to keep it changed
    row.target = row.target | {"steps": []}
    assert set(check(session, agreement, row).differences) == {"steps"}


def test_a_restatement_lays_its_own_misses(session: Session) -> None:
    row = assessed(session)
    agreement, at = find_agreement(session, "SLA-1"), row.as_of + timedelta(days=1)
    worked(session, row.starts_at + timedelta(days=7), (DESK, 1.0), (BACK, 10.0), known=at)
    (restated,) = restate(session, agreement, at)
    assert misses_by_step(restated.row).startswith("of 6 misses: back office 4 (17 h 30 min over)")
    assert misses_by_step(row).startswith("of 5 misses: back office 3"), "the original stays"
    assert check(session, agreement, restated.row).differences == {}


def test_a_target_that_is_whole_has_no_steps(session: Session) -> None:
    agreement = monitored(session)
    add_tickets(session, open_period(session, agreement).starts_at, 3, hours=11)
    close_period(session, agreement)
    row = session.exec(select(Assessment)).one()
    assert "steps" not in row.target and misses_by_step(row) == ""
