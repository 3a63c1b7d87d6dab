"""What carries a promise must add up before it is offered, and is looked at again whenever it changes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from levels.support_terms import GapKind
from models.actions import Action, ActionState
from models.agreements import Agreement, Stage
from states import audit
from states.actions import actions_of
from states.agreement_document import AgreementDocument
from states.drafting import apply_document
from states.drafts import copy_as_draft, version_in_force
from states.lifecycle import blockers
from states.move import BlockedMoveError, Trigger
from states.support_check import SupportGap, support_blockers, support_gaps
from states.support_recheck import SUPPORT
from tests.states.builders import (
    MANAGER,
    MONDAY,
    OFFICE,
    P2,
    add_tickets,
    conclude,
    document,
    draft,
    in_trial,
    letters,
    monitored,
    move,
    sign_all,
    written,
)
from tests.states.steps import (
    BACK,
    DESK,
    ON_OLA,
    TEAMS,
    a_quiet_spring,
    ola,
    ola_document,
    ola_in_force,
    step,
)

DAY = timedelta(days=1)
UP = {"id": "UP", "indicator": "availability", "objective": "99.5 %", "calendar": "office"}


def found(session: Session, agreement: Agreement) -> list[SupportGap]:
    return support_gaps(session, agreement, draft(agreement), MONDAY)


def blocked_by(session: Session, agreement: Agreement) -> list[str]:
    return support_blockers(session, agreement, draft(agreement), MONDAY)


def only(session: Session, agreement: Agreement, kind: GapKind) -> str:
    (gap,) = [gap for gap in found(session, agreement) if gap.gap.kind is kind]
    return gap.sentence


def test_teams_on_the_agreements_own_hours_add_up(session: Session) -> None:
    agreement = written(session, process_targets=TEAMS)
    assert found(session, agreement) == []


def test_what_is_only_worth_knowing_does_not_block(session: Session) -> None:
    nearly = [part | {"objective": "94.9 %"} for part in TEAMS]
    agreement = written(session, process_targets=nearly)
    (note,) = found(session, agreement)
    assert note.gap.kind is GapKind.DEPENDENT_OBJECTIVE and not note.blocks
    assert blocked_by(session, agreement) == []


def test_what_is_not_broken_down_is_not_judged(session: Session) -> None:
    assert found(session, written(session)) == []


def test_a_trial_is_not_skipped_over_a_gap_even_with_a_reason(session: Session) -> None:
    too_much = [step(DESK, "2 h", "Service desk"), step(BACK, "7 h", "Operations")]
    agreement = written(session, process_targets=too_much)
    with pytest.raises(BlockedMoveError) as refused:
        move(session, agreement, Trigger.SKIP_TRIAL, MONDAY, reason="well known")
    assert refused.value.reasons[0] == (
        "target P2: The step budgets 2 h (first line) + 7 h (back office) add up to 9 h, "
        "1 h more than the 8 h promised."
    )
    assert agreement.stage == Stage.REQUIREMENTS


def test_a_trial_that_shows_the_target_does_not_offer_it_over_a_gap(session: Session) -> None:
    agreement = in_trial(session, process_targets=ON_OLA)
    add_tickets(session, agreement.stage_since, 60)
    at = conclude(session, agreement).closes_at
    _, reasons = blockers(session, agreement, Trigger.OFFER, MANAGER, at)
    assert reasons == ["target P2: Nothing carries the back office: there is no agreement 'OLA-1'."]
    ola_in_force(session, at=MONDAY)
    assert blockers(session, agreement, Trigger.OFFER, MANAGER, at)[1] == []


def test_an_ola_that_nobody_has_signed_is_not_in_force(session: Session) -> None:
    supporting = ola(session)
    agreement = written(session, process_targets=ON_OLA)
    said = "target P2: OLA-1 is not in force, and from when it will be is not agreed."
    assert blocked_by(session, agreement) == [said]
    move(session, supporting, Trigger.SKIP_TRIAL, MONDAY, reason="well known")
    assert blocked_by(session, agreement) == [said], "offered is not signed"
    sign_all(session, supporting, MONDAY)
    assert blocked_by(session, agreement) == []


def test_an_ola_that_ends_first(session: Session) -> None:
    ola_in_force(session, valid_until="2026-09-01T00:00:00Z")
    said = only(session, written(session, process_targets=ON_OLA), GapKind.ENDS_BEFORE)
    assert "OLA-1 ends on Tue 1 Sep 2026 00:00" in said and "SLA-1, which has no end and is judged" in said


def test_an_ola_that_may_leave_sooner_or_states_no_notice(session: Session) -> None:
    ola_in_force(session, notice_days=30)
    agreement = written(session, process_targets=ON_OLA, notice_days=90)
    assert "OLA-1 may be ended at 30 days' notice, SLA-1 only at 90" in only(
        session, agreement, GapKind.LEAVES_SOONER
    )


def test_no_notice_stated_is_no_notice_to_compare(session: Session) -> None:
    ola_in_force(session)
    assert blocked_by(session, written(session, process_targets=ON_OLA, notice_days=90)) == []


def test_an_ola_on_shorter_hours_is_late_on_its_own_calendar(session: Session) -> None:
    mornings = OFFICE | {"weekly": {day: ["08:00-12:00"] for day in ("mon", "tue", "wed", "thu", "fri")}}
    ola_in_force(session, calendars={"office": mornings})
    agreement = written(session, process_targets=ON_OLA)
    said = only(session, agreement, GapKind.CHAIN)
    assert "back office (6 h, Mon-Fri 08:00-12:00 UTC) until" in said
    assert "promised (8 h, Mon-Fri 08:00-18:00 UTC) by" in said and "too late" in said
    closed = only(session, agreement, GapKind.STEP_CLOSED)
    assert "The back office is closed in" in closed and "Mon-Fri 12:00-18:00" in closed


def test_objectives_that_multiply_to_less(session: Session) -> None:
    ola_in_force(session, targets=[P2 | {"threshold": "6 h", "objective": "92 %"}])
    agreement = written(session, process_targets=ON_OLA)
    said = only(session, agreement, GapKind.OBJECTIVE)
    assert "95 % (first line) × 92 % (back office) make 87.4 %" in said
    a_quiet_spring(session)  # half of the tickets never reach the back office
    assert blocked_by(session, agreement) == []


@pytest.mark.parametrize(
    ("carrier", "said"),
    [
        ({"supporting_target": "P7"}, "OLA-1 has no target P7; there are: P2."),
        ({"supporting_target": "UP"}, "OLA-1 has no target UP; there are: P2."),
        ({"carried_by": "OLA-9", "supporting_target": "P2"}, "there is no agreement 'OLA-9'."),
        ({"carried_by": "SLA-1"}, "SLA-1 is an SLA; only an OLA or an underpinning contract (UC) can."),
    ],
)
def test_what_cannot_carry_a_step(session: Session, carrier: dict[str, str], said: str) -> None:
    ola_in_force(session)
    agreement = written(session, process_targets=[TEAMS[0], ON_OLA[1] | carrier])
    assert blocked_by(session, agreement) == [f"target P2: Nothing carries the back office: {said}"]


def test_a_promise_of_another_kind_carries_no_time(session: Session) -> None:
    ola_in_force(session, targets=[P2, UP])
    agreement = written(session, process_targets=[TEAMS[0], ON_OLA[1] | {"supporting_target": "UP"}])
    assert blocked_by(session, agreement) == [
        "target P2: Nothing carries the back office: target UP of OLA-1 promises availability, P2 resolution."
    ]


def test_availabilities_in_series_multiply(session: Session) -> None:
    ola_in_force(session, targets=[P2, UP | {"objective": "99.7 %"}])
    parts: list[dict[str, Any]] = [
        {"target": "UP", "step": "network", "objective": "99.7 %", "carried_by": "OLA-1"},
        {"target": "UP", "step": "servers", "objective": "99.7 %", "carried_by": "Data centre"},
    ]
    agreement = written(session, targets=[P2, UP], process_targets=parts)
    assert blocked_by(session, agreement) == [
        "target UP: The availabilities 99.7 % (network) × 99.7 % (servers) in series make 99.4009 %; "
        "99.5 % is promised."
    ]
    better = [parts[0], parts[1] | {"objective": "99.9 %"}]
    assert blocked_by(session, written(session, targets=[P2, UP], process_targets=better)) == []


def test_a_year_long_chain_is_looked_at_as_far_as_it_goes(session: Session) -> None:
    slow = P2 | {"threshold": "8000 h"}
    steps = [step(DESK, "4000 h", "Service desk"), step(BACK, "4000 h", "Operations")]
    assert blocked_by(session, written(session, targets=[slow], process_targets=steps)) == []


# an SLA in force rests on the OLA


def resting(session: Session) -> tuple[Agreement, Agreement]:
    supporting = ola_in_force(session)
    return supporting, monitored(session, process_targets=ON_OLA)


def revised(session: Session, agreement: Agreement, at: datetime, text: AgreementDocument) -> None:
    """Sign another version of an agreement, as if its review had led to one."""
    in_force = version_in_force(agreement)
    assert in_force is not None
    copy_as_draft(session, in_force, at)
    agreement.stage = Stage.RENEGOTIATION
    session.flush()
    apply_document(session, text, MANAGER, at)
    move(session, agreement, Trigger.SKIP_TRIAL, at, reason="agreed")
    sign_all(session, agreement, at)


def about_support(session: Session, agreement: Agreement) -> list[Action]:
    return [row for row in actions_of(session, agreement) if row.target_key == SUPPORT]


def slower(**changes: Any) -> AgreementDocument:
    return ola_document(targets=[P2 | {"threshold": "12 h", "objective": "96 %"}], **changes)


def test_an_ola_that_promises_less_is_told_to_whom_it_carries(session: Session) -> None:
    supporting, agreement = resting(session)
    at = MONDAY + 3 * DAY
    revised(session, supporting, at, slower())
    (action,) = about_support(session, agreement)
    assert action.owner_id == agreement.owner_id and action.due_at > at
    assert action.title == "OLA-1 changed: what carries P2 in version 1 no longer adds up"
    (letter,) = letters(session, "support_gap")
    assert letter.to_name == agreement.owner.name and letter.agreement_id == agreement.id
    assert "back office (12 h, Mon-Fri 08:00-18:00 UTC) until" in " ".join(letter.text.split())
    (event,) = [row for row in audit.events_of(session, agreement) if row.kind == "support gap"]
    assert "OLA-1" in event.data and audit.faults(session, agreement) == []
    assert agreement.stage == Stage.MONITORING, "the promise stands"


def test_what_was_known_is_not_told_again(session: Session) -> None:
    supporting, agreement = resting(session)
    revised(session, supporting, MONDAY + 3 * DAY, slower())
    revised(session, supporting, MONDAY + 4 * DAY, slower(notice_days=30))
    assert len(about_support(session, agreement)) == 1 == len(letters(session, "support_gap"))


def test_an_ola_that_adds_up_again_settles_the_action(session: Session) -> None:
    supporting, agreement = resting(session)
    revised(session, supporting, MONDAY + 3 * DAY, slower())
    revised(session, supporting, MONDAY + 5 * DAY, ola_document())
    (action,) = about_support(session, agreement)
    assert action.state == ActionState.DONE and action.settlement == "what carries version 1 adds up"


def test_an_ola_that_ends_leaves_a_gap(session: Session) -> None:
    supporting, agreement = resting(session)
    move(session, supporting, Trigger.END, MONDAY + 3 * DAY, reason="outsourced")
    (action,) = about_support(session, agreement)
    (gap,) = action.before["gaps"]
    assert gap.startswith("target P2: OLA-1 ends on Thu 5 Mar 2026 09:00, 365 days sooner than SLA-1")
    assert len(letters(session, "support_gap")) == 1


def test_a_draft_that_names_it_is_looked_at_too(session: Session) -> None:
    supporting = ola_in_force(session)
    agreement = written(session, process_targets=ON_OLA)
    revised(session, supporting, MONDAY + 3 * DAY, slower())
    assert len(about_support(session, agreement)) == 1


def test_a_draft_like_the_version_in_force_is_not_told_of_twice(session: Session) -> None:
    supporting, agreement = resting(session)
    in_force = version_in_force(agreement)
    assert in_force is not None
    copy_as_draft(session, in_force, MONDAY + DAY)
    revised(session, supporting, MONDAY + 3 * DAY, slower())
    assert len(about_support(session, agreement)) == 1 == len(letters(session, "support_gap"))


def test_who_does_not_rest_on_it_hears_nothing(session: Session) -> None:
    supporting = ola_in_force(session)
    monitored(session, process_targets=TEAMS)
    move(session, supporting, Trigger.END, MONDAY + 3 * DAY, reason="outsourced")
    assert letters(session, "support_gap") == []


def test_a_revision_that_passes_the_gate_does_not_leave_the_action_open(session: Session) -> None:
    """The figures of a target never settle what its support lacks; a version that adds up does."""
    supporting, agreement = resting(session)
    revised(session, supporting, MONDAY + 3 * DAY, slower())
    (action,) = about_support(session, agreement)

    assert action.settlement == ""
    revised(session, agreement, MONDAY + 6 * DAY, document(process_targets=TEAMS))
    assert action.state == ActionState.DONE
    assert action.settlement == "what carries version 2 adds up"
