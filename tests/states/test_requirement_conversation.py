"""A requirement is stated, challenged with the evidence, settled with a reason, and printed in a document."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from config.errors import NotFoundError, SlmError
from models.agreements import Agreement
from models.version_words import Origin, Settlement
from states import requirements_document, survey_outcomes, survey_schedule, surveys
from states.demands import demand_of, demands
from states.lifecycle import blockers
from states.move import Trigger
from states.requirement_conversation import challenge, settle, state_requirement
from tests.states.builders import (
    BOARD,
    CUSTOMER_OWNER,
    DESK,
    MANAGER,
    MONDAY,
    PROVIDER,
    add_tickets,
    draft,
    in_trial,
    move,
    offered,
    readers,
    trial_of,
    written,
)

WEEK = timedelta(weeks=1)
STATED: dict[str, Any] = {
    "text": "Mail comes back at once",
    "target": "P2",
    "stated": {"threshold": "4 h", "objective": "95 %"},
}


def with_history(session: Session, hits: int = 60, misses: int = 40, **requirement: Any) -> Agreement:
    """An agreement whose tickets of the last weeks took 1 h or 6 h of working time."""
    agreement = written(session, MONDAY, requirements=[STATED | requirement])
    add_tickets(session, MONDAY - 10 * WEEK, hits, hours=1)
    add_tickets(session, MONDAY - 7 * WEEK, misses, hours=6)
    return agreement


def test_an_excessive_demand_is_shown_against_the_history_with_the_counter_offer(session: Session) -> None:
    agreement = with_history(session)
    demand = challenge(session, agreement, 1, MANAGER, MONDAY)
    assert demand.excessive
    assert (demand.hits, demand.known) == (60, 100)
    assert demand.sentence() == (
        "stated: 95\u00a0% in 4 h; last 12 weeks: 60\u00a0% (50.2\u00a0% to 69.1\u00a0%), 60 of 100; "
        "the evidence supports 95\u00a0% within 6 h"
    )
    said = draft(agreement).requirements[0].conversation
    assert [(remark["act"], remark["by"]) for remark in said] == [("challenged", MANAGER)]
    assert said[0]["text"] == demand.sentence()


def test_a_demand_that_the_history_bears_out_is_not_excessive(session: Session) -> None:
    demand = challenge(session, with_history(session, hits=100, misses=0), 1, MANAGER, MONDAY)
    assert not demand.excessive and demand.offer == ""


def test_where_nothing_was_measured_that_is_said(session: Session) -> None:
    demand = challenge(session, with_history(session, hits=0, misses=0), 1, MANAGER, MONDAY)
    assert demand.sentence().endswith("last 12 weeks: nothing was measured")


def test_what_was_opened_later_or_became_known_later_is_not_in_the_history(session: Session) -> None:
    agreement = with_history(session)
    add_tickets(session, MONDAY - 5 * WEEK, 20, hours=6, known_late=8 * WEEK)
    add_tickets(session, MONDAY + WEEK, 20, hours=6)
    figures = demands(session, agreement, draft(agreement), MONDAY)
    demand = demand_of(draft(agreement), draft(agreement).requirements[0], figures, MONDAY)
    assert demand is not None and demand.known == 100


def test_nobody_accepts_what_the_history_contradicts_without_having_seen_it(session: Session) -> None:
    agreement = with_history(session)
    settle(session, agreement, 1, Settlement.ACCEPTED, "we hire", MANAGER, MONDAY)
    requirement = draft(agreement).requirements[0]
    assert [remark["act"] for remark in requirement.conversation] == ["challenged", "accepted"]
    assert (requirement.settlement, requirement.reason) == (Settlement.ACCEPTED, "we hire")


def test_a_requirement_of_senior_management_joins_the_others(session: Session) -> None:
    agreement = with_history(session)
    before = agreement.row_version
    state_requirement(
        session,
        agreement,
        " Wards are served at night ",
        Origin.SENIOR,
        "Managing board",
        MONDAY,
        business_reason="Nights are when it burns",
    )
    requirement = draft(agreement).requirements[1]
    assert (requirement.text, requirement.origin, requirement.settlement) == (
        "Wards are served at night",
        Origin.SENIOR,
        Settlement.OPEN,
    )
    assert requirement.conversation[0]["text"] == "Nights are when it burns"
    assert agreement.row_version == before + 1
    blocked = blockers(session, agreement, Trigger.START_TRIAL, MANAGER, MONDAY)[1]
    assert 'requirement "Wards are served at night" is not settled: accept, reduce or drop it' in blocked


@pytest.mark.parametrize("settlement", ["reduced", "dropped"])
def test_what_is_reduced_or_dropped_without_a_reason_blocks_the_trial(
    session: Session, settlement: str
) -> None:
    agreement = with_history(session, settlement=settlement)
    assert blockers(session, agreement, Trigger.START_TRIAL, MANAGER, MONDAY)[1] == [
        f'requirement "Mail comes back at once" is {settlement} without a reason'
    ]


@pytest.mark.parametrize(
    ("number", "settlement", "reason", "said"),
    [
        (1, Settlement.DROPPED, " ", "requirement 1: say why it is dropped"),
        (1, Settlement.OPEN, "later", "a requirement is settled as accepted, reduced or dropped"),
        (2, Settlement.ACCEPTED, "yes", "SLA-1 has no requirement 2: `slm requirements list SLA-1`"),
        (0, Settlement.ACCEPTED, "yes", "SLA-1 has no requirement 0"),
    ],
)
def test_a_settlement_that_cannot_be_is_refused_and_nothing_is_written(
    session: Session, number: int, settlement: Settlement, reason: str, said: str
) -> None:
    agreement = with_history(session)
    with pytest.raises(SlmError, match=said):
        settle(session, agreement, number, settlement, reason, MANAGER, MONDAY)
    assert draft(agreement).requirements[0].settlement == Settlement.OPEN
    assert draft(agreement).requirements[0].conversation == []


def test_a_requirement_needs_words_a_draft_and_a_target_that_is_there(session: Session) -> None:
    agreement = with_history(session)
    with pytest.raises(SlmError, match="a requirement needs a text"):
        state_requirement(session, agreement, "  ", Origin.CUSTOMER, MANAGER, MONDAY)
    with pytest.raises(SlmError, match="this requirement is stated already"):
        state_requirement(session, agreement, STATED["text"], Origin.CUSTOMER, MANAGER, MONDAY)
    with pytest.raises(NotFoundError, match="there is no target 'P9'; there are: P2"):
        state_requirement(session, agreement, "x", Origin.CUSTOMER, MANAGER, MONDAY, target_key="P9")
    state_requirement(session, agreement, "Somebody answers at night", Origin.CUSTOMER, MANAGER, MONDAY)
    with pytest.raises(SlmError, match="is tied to no target: there is nothing to measure"):
        challenge(session, agreement, 2, MANAGER, MONDAY)


def test_a_sealed_requirement_is_not_talked_about_any_more(session: Session) -> None:
    agreement = offered(session)
    with pytest.raises(SlmError, match="SLA-1 has no draft in signing: its requirements are sealed"):
        settle(session, agreement, 1, Settlement.DROPPED, "no", MANAGER, MONDAY)


def test_the_trial_is_held_against_the_document_that_its_start_issues(session: Session) -> None:
    agreement = in_trial(session)
    document = requirements_document.latest(session, agreement)
    assert document is not None and document.number == 1
    assert trial_of(session, agreement).slr_sha256 == document.sha256
    told = requirements_document.as_data(document)["contents"]
    assert told["targets"][0]["promise"] == "90\u00a0% of priority 2 tickets resolved within 8 h"


def test_the_same_requirements_are_issued_once_and_changed_ones_anew(session: Session) -> None:
    agreement = with_history(session)
    first = requirements_document.issue(session, agreement, MANAGER, MONDAY)
    assert requirements_document.issue(session, agreement, MANAGER, MONDAY).id == first.id
    settle(session, agreement, 1, Settlement.REDUCED, "the evidence supports less", MANAGER, MONDAY)
    second = requirements_document.issue(session, agreement, MANAGER, MONDAY)
    assert (second.number, second.sha256 != first.sha256) == (2, True)
    assert requirements_document.find_document(session, agreement, 1).id == first.id
    with pytest.raises(NotFoundError, match="SLA-1 has no requirements document 3 yet"):
        requirements_document.find_document(session, agreement, 3)


def test_users_management_and_it_are_asked_how_good_the_service_is_now(session: Session) -> None:
    agreement = written(session)
    (due,) = session.exec(survey_schedule.agreements_to_ask(MONDAY))
    assert due is agreement
    survey = surveys.ask(session, agreement, agreement.stage, agreement.id, "the present service", MONDAY)
    assert survey is not None
    assert readers(session, "survey_invitation") == sorted([BOARD, CUSTOMER_OWNER, DESK, MANAGER, PROVIDER])
    ratings = {BOARD: 2, CUSTOMER_OWNER: 4, DESK: 5, MANAGER: 5, PROVIDER: 5}
    for invitation in survey.invitations:
        surveys.answer(session, invitation, {surveys.OVERALL: ratings[invitation.person.name]}, MONDAY)
    survey_outcomes.close(session, survey, MONDAY)
    assert survey_outcomes.views(session, survey) == {
        "users": (2, 2),
        "senior management": (0, 1),
        "IT": (2, 2),
    }
    assert (survey.hits, survey.known) == (2, 3), "what IT thinks of itself does not count as satisfaction"
    move(session, agreement, Trigger.START_TRIAL, MONDAY)
    document = requirements_document.latest(session, agreement)
    assert document is not None
    assert requirements_document.as_data(document)["contents"]["satisfaction"]["views"]["IT"] == [2, 2]


def test_all_tickets_may_be_asked_for_though_nobody_can_promise_them(session: Session) -> None:
    stated = {"threshold": "4 h", "objective": "100 %"}
    demand = challenge(session, with_history(session, hits=99, misses=1, stated=stated), 1, MANAGER, MONDAY)
    assert demand.sentence().startswith("stated: 100\u00a0% in 4 h; last 12 weeks: 99")
    assert demand.excessive and demand.offer == "90\u00a0% within 4 h"
