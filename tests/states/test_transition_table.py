"""The transition table, row by row and gap by gap: what is allowed happens, all else changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from models.agreements import Agreement, Stage
from models.approvals import Answer
from states.lifecycle import Lifecycle, advance, blockers, ways_on
from states.move import POLICY, BlockedMoveError, IllegalMoveError, Trigger
from states.transition_table import TRANSITIONS, Holds, Transition, transitions_from
from tests.states.builders import (
    CUSTOMER_OWNER,
    MANAGER,
    MONDAY,
    PROVIDER,
    add_tickets,
    answer,
    close_period,
    conclude,
    figure,
    in_renegotiation,
    in_review,
    in_trial,
    loosened,
    monitored,
    move,
    offered,
    trial_of,
    written,
)

FIRST, LATER = Holds.FIRST_VERSION, Holds.LATER_VERSION


def renegotiated(session: Session, to: Trigger) -> Agreement:
    """The second version, on trial or offered."""
    agreement = loosened(session, in_renegotiation(session))
    return move(session, agreement, to, agreement.stage_since, reason="the evidence supports it")


def ended(session: Session, build: Callable[[Session], Agreement]) -> Agreement:
    agreement = build(session)
    return move(session, agreement, Trigger.END, agreement.stage_since, reason="the harbour closed")


STAGES: dict[tuple[Stage, Holds], Callable[[Session], Agreement]] = {
    (Stage.REQUIREMENTS, FIRST): written,
    (Stage.TRIAL_RUN, FIRST): in_trial,
    (Stage.SIGNING, FIRST): offered,
    (Stage.ENDED, FIRST): lambda session: ended(session, offered),
    (Stage.TRIAL_RUN, LATER): lambda session: renegotiated(session, Trigger.PROPOSE_REVISION),
    (Stage.SIGNING, LATER): lambda session: renegotiated(session, Trigger.SKIP_TRIAL),
    (Stage.MONITORING, LATER): monitored,
    (Stage.REVIEW, LATER): in_review,
    (Stage.RENEGOTIATION, LATER): in_renegotiation,
    (Stage.ENDED, LATER): lambda session: ended(session, monitored),
}


def holds(row: Transition, version: Holds) -> bool:
    return row.holds in (Holds.ALWAYS, version)


def allowed(stage: Stage, version: Holds) -> set[Trigger]:
    return {row.trigger for row in TRANSITIONS if row.source == stage and holds(row, version)}


def test_every_stage_can_be_reached_and_every_row_has_its_scenes() -> None:
    assert {stage for stage, _ in STAGES} == set(Stage)
    rows = {(row.trigger, row.source, version) for row, version in ROWS}
    assert rows == set(SCENES)


def test_from_a_stage_a_trigger_leads_to_one_place() -> None:
    for version in (FIRST, LATER):
        pairs = [(row.trigger, row.source) for row in TRANSITIONS if holds(row, version)]
        assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize(("stage", "version"), STAGES, ids=lambda value: value.name)
def test_what_is_not_in_the_table_changes_nothing(session: Session, stage: Stage, version: Holds) -> None:
    agreement = STAGES[stage, version](session)
    assert agreement.stage == stage
    before = figure(session, agreement)
    for trigger in set(Trigger) - allowed(stage, version):
        with pytest.raises(IllegalMoveError) as refusal:
            move(session, agreement, trigger, agreement.stage_since, reason="why not")
        said = str(refusal.value)
        assert said.startswith(f"SLA-1 is in {stage.title.lower()}: {trigger} is not possible there")
        possible = said.partition("possible: ")[2].split(", ")
        assert set(possible) == {*map(str, allowed(stage, version))} or possible == ["nothing any more"]
    assert figure(session, agreement) == before


@dataclass(frozen=True)
class Scene:
    """A row of the table at work.

    Attributes:
        shut: brings an agreement to where the gate is closed, and gives what the move says.
        reasons: what then blocks, each the beginning of a sentence.
        ready: brings it to where the gate is open, and gives what the move says.
        last: what moves it, where that is an answered letter.
    """

    shut: Callable[[Session], tuple[Agreement, dict[str, Any]]]
    reasons: list[str]
    ready: Callable[[Session], tuple[Agreement, dict[str, Any]]]
    last: Callable[[Session, datetime], object] | None = None


def silent(build: Callable[[Session], Agreement]) -> Callable[[Session], tuple[Agreement, dict[str, Any]]]:
    return lambda session: (build(session), {})


def saying(
    build: Callable[[Session], Agreement], **options: Any
) -> Callable[[Session], tuple[Agreement, dict[str, Any]]]:
    return lambda session: (build(session), options)


def bare(session: Session) -> Agreement:
    return written(
        session,
        services=[],
        targets=[],
        requirements=[],
        responsibilities=[],
        signatories=[],
        evidence_source="",
    )


def concluded(session: Session, hours: float = 1) -> Agreement:
    agreement = in_trial(session)
    add_tickets(session, MONDAY, 40, hours)
    conclude(session, agreement)
    return agreement


def later_concluded(session: Session) -> Agreement:
    agreement = renegotiated(session, Trigger.PROPOSE_REVISION)
    add_tickets(session, trial_of(session, agreement).starts_at, 40)
    conclude(session, agreement)
    return agreement


def half_signed(session: Session) -> Agreement:
    agreement = offered(session)
    answer(session, PROVIDER, MONDAY)
    return agreement


def later_half_signed(session: Session) -> Agreement:
    agreement = renegotiated(session, Trigger.SKIP_TRIAL)
    answer(session, PROVIDER, agreement.stage_since)
    return agreement


def period_closed(session: Session) -> Agreement:
    agreement = monitored(session)
    close_period(session, agreement)
    return agreement


def carla_approves(session: Session, at: datetime) -> object:
    return answer(session, CUSTOMER_OWNER, at)


def carla_declines(session: Session, at: datetime) -> object:
    return answer(session, CUSTOMER_OWNER, at, Answer.DECLINE, "too slow for us")


def well_served(session: Session) -> Agreement:
    agreement = written(session)
    add_tickets(session, MONDAY - timedelta(weeks=8), 40)
    return agreement


def longer(session: Session, build: Callable[[Session], Agreement]) -> tuple[Agreement, dict[str, Any]]:
    agreement = build(session)
    return agreement, {"until": trial_of(session, agreement).ends_at + timedelta(days=7)}


def shorter(session: Session, build: Callable[[Session], Agreement]) -> tuple[Agreement, dict[str, Any]]:
    agreement = build(session)
    return agreement, {"until": trial_of(session, agreement).ends_at}


NO_REASON = ["a reason is needed"]
INCOMPLETE = [
    "no service is named",
    "there is no service level target",
    "no evidence source is named",
    "no responsibility of the provider",
    "no required signatory of the provider",
    "no responsibility of the customer",
    "no required signatory of the customer",
    "no requirement is written down",
]
_LATER_TRIAL, _LATER_SIGNING = STAGES[Stage.TRIAL_RUN, LATER], STAGES[Stage.SIGNING, LATER]


def way_back(build: Callable[[Session], Agreement]) -> Scene:
    return Scene(silent(build), NO_REASON, saying(build, reason="the customer wants more"))


def declining(build: Callable[[Session], Agreement]) -> Scene:
    return Scene(
        saying(build, reason="they are slow"), ["nobody has declined"], silent(build), carla_declines
    )


def signing(build: Callable[[Session], Agreement]) -> Scene:
    return Scene(
        silent(build),
        [f"{CUSTOMER_OWNER} has not approved"],
        silent(build),
        lambda s, at: answer(s, CUSTOMER_OWNER, at),
    )


SCENES: dict[tuple[Trigger, Stage, Holds], Scene] = {
    (Trigger.START_TRIAL, Stage.REQUIREMENTS, FIRST): Scene(silent(bare), INCOMPLETE, silent(written)),
    (Trigger.SKIP_TRIAL, Stage.REQUIREMENTS, FIRST): Scene(
        silent(written), ["target P2: not enough evidence on the last 12 weeks"], silent(well_served)
    ),
    (Trigger.SKIP_TRIAL, Stage.RENEGOTIATION, LATER): Scene(
        saying(in_renegotiation, reason="we are in a hurry"),
        ["the draft does not differ from the version in force"],
        silent(lambda session: loosened(session, in_renegotiation(session))),
    ),
    (Trigger.EXTEND_TRIAL, Stage.TRIAL_RUN, FIRST): Scene(
        lambda session: shorter(session, in_trial),
        ["the new end must be later than the present one"],
        lambda session: longer(session, in_trial),
    ),
    (Trigger.EXTEND_TRIAL, Stage.TRIAL_RUN, LATER): Scene(
        lambda session: shorter(session, _LATER_TRIAL),
        ["the new end must be later than the present one"],
        lambda session: longer(session, _LATER_TRIAL),
    ),
    (Trigger.OFFER, Stage.TRIAL_RUN, FIRST): Scene(
        silent(lambda session: concluded(session, hours=11)),
        ["target P2: not met; adopt the counter-offer"],
        silent(concluded),
    ),
    (Trigger.OFFER, Stage.TRIAL_RUN, LATER): Scene(
        silent(_LATER_TRIAL), ["the trial is not concluded: that is due on"], silent(later_concluded)
    ),
    (Trigger.REWORK, Stage.TRIAL_RUN, FIRST): way_back(in_trial),
    (Trigger.REWORK, Stage.TRIAL_RUN, LATER): way_back(_LATER_TRIAL),
    (Trigger.REWORK, Stage.SIGNING, FIRST): way_back(offered),
    (Trigger.REWORK, Stage.SIGNING, LATER): way_back(_LATER_SIGNING),
    (Trigger.SIGN, Stage.SIGNING, FIRST): signing(half_signed),
    (Trigger.SIGN, Stage.SIGNING, LATER): signing(later_half_signed),
    (Trigger.DECLINE, Stage.SIGNING, FIRST): declining(offered),
    (Trigger.DECLINE, Stage.SIGNING, LATER): declining(_LATER_SIGNING),
    (Trigger.BEGIN_REVIEW, Stage.MONITORING, LATER): Scene(
        silent(monitored), ["no closed period of the version in force waits"], silent(period_closed)
    ),
    (Trigger.RENEW, Stage.REVIEW, LATER): Scene(
        saying(in_review, actor=POLICY), ["a manager must decide on 1 finding(s): P2: 25"], silent(in_review)
    ),
    (Trigger.RENEGOTIATE, Stage.REVIEW, LATER): Scene(
        silent(lambda session: in_review(session, hits=40, misses=0)),
        ["the review has no finding"],
        silent(in_review),
    ),
    (Trigger.PROPOSE_REVISION, Stage.RENEGOTIATION, LATER): Scene(
        silent(in_renegotiation),
        ["the draft does not differ from the version in force"],
        silent(lambda session: loosened(session, in_renegotiation(session))),
    ),
    (Trigger.WITHDRAW, Stage.RENEGOTIATION, LATER): way_back(in_renegotiation),
    **{
        (Trigger.END, stage, version): way_back(build)
        for (stage, version), build in STAGES.items()
        if stage != Stage.ENDED
    },
}
_REACHED = {(stage, version) for stage, version in STAGES}
ROWS = [
    (row, version)
    for row in TRANSITIONS
    for version in (FIRST, LATER)
    if holds(row, version) and (row.source, version) in _REACHED
]
each_row = pytest.mark.parametrize(
    ("row", "version"),
    ROWS,
    ids=[f"{row.trigger}-{row.source}-{version.name}" for row, version in ROWS],
)


@each_row
def test_where_the_gate_is_closed_every_reason_is_told_and_nothing_changes(
    session: Session, row: Transition, version: Holds
) -> None:
    scene = SCENES[row.trigger, row.source, version]
    agreement, options = scene.shut(session)
    assert agreement.stage == row.source
    before = figure(session, agreement)
    options = {"actor": MANAGER} | options

    with pytest.raises(BlockedMoveError) as refusal:
        advance(session, agreement, row.trigger, at=agreement.stage_since, **options)

    reasons = refusal.value.reasons
    assert len(reasons) == len(scene.reasons)
    assert all(map(str.startswith, reasons, scene.reasons)), reasons
    assert str(refusal.value) == f"SLA-1: {row.trigger} is blocked: {'; '.join(reasons)}"
    assert figure(session, agreement) == before
    told, why = blockers(session, agreement, row.trigger, at=agreement.stage_since, **options)
    assert told.target == row.target and why == reasons


@each_row
def test_where_the_gate_is_open_the_agreement_moves(
    session: Session, row: Transition, version: Holds
) -> None:
    scene = SCENES[row.trigger, row.source, version]
    agreement, options = scene.ready(session)
    assert agreement.stage == row.source
    number, at = agreement.row_version, agreement.stage_since + timedelta(minutes=5)

    if scene.last:
        scene.last(session, at)
    else:
        move(session, agreement, row.trigger, at, **options)

    stayed = row.source == row.target
    assert agreement.stage == row.target
    assert (agreement.stage_since == at) is not stayed
    assert agreement.row_version > number


def test_no_stage_is_entered_without_a_move_of_the_table(session: Session) -> None:
    """`transitions` would add a `to_monitoring` that skips signing, unless told not to."""
    machine = Lifecycle(written(session))
    assert not [name for name in dir(machine) if name.startswith("to_")]
    assert {name for name in dir(machine) if name in list(Trigger)} == {row.trigger for row in TRANSITIONS}


def test_a_trigger_that_does_not_exist_is_refused(session: Session) -> None:
    with pytest.raises(IllegalMoveError, match="there is no trigger 'to_monitoring': the triggers are start"):
        advance(session, written(session), "to_monitoring", MANAGER, MONDAY)


def test_the_ways_on_are_the_rows_that_apply_with_what_blocks_each(session: Session) -> None:
    agreement = written(session)
    ways = {way.transition.trigger: way for way in ways_on(session, agreement, MANAGER, MONDAY)}
    assert list(ways) == [row.trigger for row in transitions_from(agreement)]
    assert ways[Trigger.START_TRIAL].open and ways[Trigger.END].open
    assert not ways[Trigger.SKIP_TRIAL].open
