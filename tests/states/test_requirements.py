"""The requirements stage: what must be written down, settled and signed for before a trial starts."""

from typing import Any

import pytest
from sqlmodel import Session

from models.agreements import Stage
from models.version_words import Settlement
from states.lifecycle import blockers
from states.move import BlockedMoveError, Trigger
from tests.states.builders import (
    CUSTOMER_OWNER,
    MANAGER,
    MONDAY,
    P2,
    PROVIDER,
    contents,
    draft,
    move,
    readers,
    rewrite,
    trial_of,
    written,
)

SIGNATORIES = contents()["signatories"]


def blocking(session: Session, **changes: Any) -> list[str]:
    return blockers(session, written(session, **changes), Trigger.START_TRIAL, MANAGER, MONDAY)[1]


def test_a_complete_agreement_starts_its_trial_and_both_sides_are_told(session: Session) -> None:
    agreement = written(session)
    move(session, agreement, Trigger.START_TRIAL, MONDAY)
    assert agreement.stage == Stage.TRIAL_RUN
    assert readers(session, "trial_opened") == [CUSTOMER_OWNER, PROVIDER]
    assert trial_of(session, agreement).version_id == draft(agreement).id


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"services": []}, ["no service is named"]),
        ({"targets": [], "requirements": [{"text": "fast", "settlement": "accepted"}]}, ["there is no serv"]),
        ({"evidence_source": ""}, ["no evidence source is named: the targets cannot be measured"]),
        (
            {"responsibilities": [{"side": "customer", "text": "Answer"}]},
            ["no responsibility of the provider is written down"],
        ),
        (
            {"signatories": [SIGNATORIES[0], SIGNATORIES[1] | {"required": False}]},
            ["no required signatory of the customer is named"],
        ),
        ({"requirements": []}, ["no requirement is written down"]),
        (
            {
                "requirements": [
                    {"text": "Mail comes back"},
                    {"text": "Phones ring", "settlement": "reduced", "reason": "no staff"},
                    {"text": "Doors open"},
                ]
            },
            [
                'requirement "Mail comes back" is not settled: accept, reduce or drop it',
                'requirement "Doors open" is not settled',
            ],
        ),
    ],
)
def test_what_is_missing_is_said_in_words(session: Session, changes: dict[str, Any], said: list[str]) -> None:
    found = blocking(session, **changes)
    assert len(found) == len(said) and all(map(str.startswith, found, said)), found


def test_a_target_without_its_calendar_is_named(session: Session) -> None:
    agreement = written(session)
    draft(agreement).calendars[0].name = "night shift"
    session.flush()
    with pytest.raises(BlockedMoveError, match="target P2: there is no calendar 'office'"):
        move(session, agreement, Trigger.START_TRIAL, MONDAY)


def test_requirements_that_are_settled_no_longer_block(session: Session) -> None:
    agreement = written(session, requirements=[{"text": "Mail comes back"}])
    requirement = draft(agreement).requirements[0]
    requirement.settlement, requirement.reason = Settlement.DROPPED, "nobody needs it"
    session.flush()
    assert blockers(session, agreement, Trigger.START_TRIAL, MANAGER, MONDAY)[1] == []


def test_a_skipped_trial_asks_for_the_same_completeness_whatever_the_reason(session: Session) -> None:
    agreement = written(session, services=[], targets=[P2])
    with pytest.raises(BlockedMoveError) as refusal:
        move(session, agreement, Trigger.SKIP_TRIAL, MONDAY, reason="we are in a hurry")
    assert refusal.value.reasons == ["no service is named"]


def test_a_draft_can_be_rewritten_until_it_is_complete(session: Session) -> None:
    agreement = written(session, services=[])
    rewrite(session)
    assert move(session, agreement, Trigger.START_TRIAL, MONDAY).stage == Stage.TRIAL_RUN
