"""Rounds of signatures: groups in their order, quorum, observers, levels of assurance, own proposals."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import Session

from config.policy import policy
from config.settings import settings
from models.agreements import Agreement, Stage
from models.approvals import Answer, RequestState
from models.version_words import Assurance
from states import approvals
from states.agreement_document import AgreementDocument
from states.agreement_export import export_document
from states.decisions import Answered, decide
from states.drafts import draft_of
from states.exclusions import ExclusionRefusedError, ask_exclusion
from states.move import BlockedMoveError, Trigger
from states.open_requests import DecisionRefusedError
from states.signing import sign_blockers_of
from tests.states.builders import (
    BOARD,
    CUSTOMER_OWNER,
    MANAGER,
    MONDAY,
    PROVIDER,
    answer,
    contents,
    letters,
    monitored,
    move,
    offer,
    offered,
    person,
    readers,
    request_to,
    token_to,
    written,
)

DAY = timedelta(days=1)
PROVIDER_SIGNS = {"email": "operations@northwind.example", "side": "provider"}
OWNER_SIGNS = {"email": "business@harbour.example", "side": "customer"}
BOARD_SIGNS = {"email": "managing@harbour.example", "side": "customer"}
IN_ORDER = [PROVIDER_SIGNS, {**OWNER_SIGNS, "group": 2}, {**BOARD_SIGNS, "group": 3, "assurance": "L3"}]


def asked(session: Session, agreement: Agreement) -> dict[str, str]:
    """Who is asked so far, and how that stands."""
    requests = approvals.standing(approvals.requests_for(session, offer(agreement)))
    return {row.person.name: row.state.value for row in requests}


def test_a_group_is_asked_once_the_one_before_is_done(session: Session) -> None:
    agreement = offered(session, signatories=IN_ORDER)
    assert readers(session, "approval_request") == [PROVIDER]
    assert sign_blockers_of(session, agreement) == [
        f"{name} has not approved" for name in (PROVIDER, CUSTOMER_OWNER, BOARD)
    ]
    answer(session, PROVIDER, MONDAY + DAY)
    assert asked(session, agreement) == {PROVIDER: "decided", CUSTOMER_OWNER: "open"}
    request = request_to(session, CUSTOMER_OWNER)
    assert (request.asked_at, request.due_at) == (MONDAY + DAY, MONDAY + 15 * DAY), "their time starts now"
    answer(session, CUSTOMER_OWNER, MONDAY + 2 * DAY)
    assert request_to(session, BOARD).assurance == Assurance.L3
    assert agreement.stage == Stage.SIGNING


def test_a_decline_in_the_second_group_tells_the_first_and_never_asks_the_third(session: Session) -> None:
    agreement = offered(session, signatories=IN_ORDER)
    answer(session, PROVIDER, MONDAY)
    answer(session, CUSTOMER_OWNER, MONDAY, Answer.DECLINE, "too dear")
    assert agreement.stage == Stage.REQUIREMENTS
    assert readers(session, "declined") == sorted([PROVIDER, CUSTOMER_OWNER, BOARD, MANAGER])
    assert readers(session, "approval_request") == [CUSTOMER_OWNER, PROVIDER]


def test_a_quorum_waits_for_so_many_of_a_group_and_for_no_more(session: Session) -> None:
    either = [
        PROVIDER_SIGNS,
        {**OWNER_SIGNS, "group": 2},
        {**BOARD_SIGNS, "group": 2, "required": False},
        {"email": "terminal@harbour.example", "side": "customer", "group": 2, "required": False},
    ]
    agreement = offered(session, signatories=either, quorum={2: 2})
    answer(session, PROVIDER, MONDAY)
    answer(session, CUSTOMER_OWNER, MONDAY)
    assert sign_blockers_of(session, agreement) == ["1 of the 2 approvals that group 2 needs are given"]
    answer(session, BOARD, MONDAY)
    assert agreement.stage == Stage.MONITORING
    assert request_to(session, "Terminal desk").state == RequestState.VOID


@pytest.mark.parametrize("quorum", [{1: 3}, {2: 1}, {1: 0}])
def test_a_quorum_that_cannot_be_reached_is_refused(quorum: dict[int, int]) -> None:
    with pytest.raises(ValidationError):
        AgreementDocument.model_validate(contents(quorum=quorum))


def test_an_observer_is_told_and_not_asked(session: Session) -> None:
    agreement = offered(session, signatories=[PROVIDER_SIGNS, OWNER_SIGNS, {**BOARD_SIGNS, "observer": True}])
    assert readers(session, "approval_request") == [CUSTOMER_OWNER, PROVIDER]
    assert readers(session, "approval_observed") == [BOARD]
    answer(session, PROVIDER, MONDAY)
    answer(session, CUSTOMER_OWNER, MONDAY)
    assert agreement.stage == Stage.MONITORING
    assert readers(session, "signed") == sorted([PROVIDER, CUSTOMER_OWNER, BOARD, MANAGER])


def test_an_observer_signs_for_no_side(session: Session) -> None:
    agreement = written(session, signatories=[PROVIDER_SIGNS, {**OWNER_SIGNS, "observer": True}])
    with pytest.raises(BlockedMoveError, match="no required signatory of the customer is named"):
        move(session, agreement, Trigger.SKIP_TRIAL, MONDAY, reason="known")


def test_order_level_and_quorum_are_part_of_the_text_and_of_the_file(session: Session) -> None:
    agreement = offered(session, signatories=IN_ORDER, quorum={1: 1})
    text = offer(agreement).canonical or ""
    assert '"quorum":{"1":1}' in text and '"assurance":"L3"' in text and '"group":3' in text
    exported = export_document(agreement, offer(agreement))
    read = AgreementDocument.model_validate(exported)
    assert [(row.group, row.assurance) for row in read.signatories] == [(1, "L2"), (2, "L2"), (3, "L3")]
    assert read.quorum == {1: 1}
    answer(session, PROVIDER, MONDAY, Answer.DECLINE, "no")
    draft = draft_of(agreement)
    assert draft is not None and draft.quorum == {"1": 1}
    assert [row.group for row in draft.signatories] == [1, 2, 3]


@pytest.mark.parametrize("typed", ["BO", "b.o.", " b o ", CUSTOMER_OWNER])
def test_initials_suffice_where_the_signatory_is_asked_for_no_more(session: Session, typed: str) -> None:
    offered(session, signatories=[PROVIDER_SIGNS, {**OWNER_SIGNS, "assurance": "L1"}])
    decision = decide(session, request_to(session, CUSTOMER_OWNER), Answered(Answer.APPROVE, typed), MONDAY)
    assert decision.assurance == ("typed full name" if typed == CUSTOMER_OWNER else "typed initials")


@pytest.mark.parametrize("typed", ["", "x", "B", "BOX"])
def test_other_letters_do_not(session: Session, typed: str) -> None:
    offered(session, signatories=[PROVIDER_SIGNS, {**OWNER_SIGNS, "assurance": "L1"}])
    with pytest.raises(DecisionRefusedError, match="type your initials, BO, or your full name"):
        decide(session, request_to(session, CUSTOMER_OWNER), Answered(Answer.APPROVE, typed), MONDAY)


def test_nobody_offers_what_they_would_approve(session: Session) -> None:
    manager_signs = {"email": "manager@northwind.example", "side": "provider"}
    agreement = written(session, signatories=[manager_signs, OWNER_SIGNS])
    with pytest.raises(BlockedMoveError, match="Service manager would approve their own proposal"):
        move(session, agreement, Trigger.SKIP_TRIAL, MONDAY, reason="known")


def test_unless_policy_allows_it(session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[approvals]\nown_proposals = "allowed"\n')
    monkeypatch.setenv("SLM_POLICY_FILE", str(file))
    settings.cache_clear()
    policy.cache_clear()
    manager_signs = {"email": "manager@northwind.example", "side": "provider"}
    offered(session, signatories=[manager_signs, OWNER_SIGNS])
    assert readers(session, "approval_request") == [CUSTOMER_OWNER, MANAGER]


def test_nobody_approves_an_exclusion_that_they_asked_for(session: Session) -> None:
    agreement = monitored(session)
    wanted: dict[str, Any] = {
        "reason": "strike",
        "starts_at": MONDAY + DAY,
        "ends_at": MONDAY + 2 * DAY,
        "at": MONDAY + 3 * DAY,
    }
    with pytest.raises(ExclusionRefusedError, match="nobody of the customer is there to approve"):
        ask_exclusion(session, agreement, person(session, CUSTOMER_OWNER), **wanted)
    ask_exclusion(session, agreement, person(session, PROVIDER), **wanted)
    assert readers(session, "exclusion_request") == [CUSTOMER_OWNER]


def test_a_decision_is_confirmed_by_a_receipt(session: Session) -> None:
    agreement = offered(session)
    answer(session, CUSTOMER_OWNER, MONDAY + DAY)
    (receipt,) = letters(session, "approval_receipt")
    assert receipt.to_name == CUSTOMER_OWNER
    for words in ("approved version 1", "3 March 2026, 10:00 CET", "typed full name"):
        assert words in receipt.text
    assert (offer(agreement).sha256 or "") in receipt.text
    assert token_to(session, CUSTOMER_OWNER) not in receipt.text
