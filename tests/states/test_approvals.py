"""Signing by letter: asked, reminded, escalated, run out, voided, answered; one answer each, for one text."""

import re
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from config.errors import NotFoundError
from models.agreements import Stage
from models.approvals import Answer, RequestState
from models.version_words import Side, VersionStatus
from models.versions import Signatory
from states import approvals, audit
from states.decisions import Answered, decide
from states.drafts import draft_of, offered_version, version_in_force
from states.move import BlockedMoveError, Trigger
from states.open_requests import DecisionRefusedError, find_request
from tests.states.builders import (
    BOARD,
    CUSTOMER_OWNER,
    MANAGER,
    MONDAY,
    PROVIDER,
    answer,
    contents,
    draft,
    in_renegotiation,
    letters,
    loosened,
    move,
    offer,
    offered,
    person,
    readers,
    request_to,
    sign_all,
    token_to,
)

DAY = timedelta(days=1)
SIGNATORIES = contents()["signatories"]
OPTIONAL_BOARD = [*SIGNATORIES, {"email": "managing@harbour.example", "side": "customer", "required": False}]


def refused(session: Session, name: str, words: str, at: datetime = MONDAY, **answered: str) -> None:
    request = request_to(session, name)
    before = (request.state, request.decision)
    said = Answered(**{"answer": Answer.APPROVE, "typed": name} | answered)  # type: ignore[arg-type]
    with pytest.raises(DecisionRefusedError, match=words):
        decide(session, request, said, at)
    assert (request.state, request.decision) == before


def test_every_signatory_is_asked_by_a_letter_with_a_link_of_its_own(session: Session) -> None:
    agreement = offered(session)
    version = offer(agreement)
    assert readers(session, "approval_request") == [CUSTOMER_OWNER, PROVIDER]
    assert token_to(session, PROVIDER) != token_to(session, CUSTOMER_OWNER)
    for request in approvals.requests_for(session, version):
        assert request.state == RequestState.OPEN and request.sha256 == version.sha256
        assert request.due_at == MONDAY + 14 * DAY
        assert find_request(session, token_to(session, request.person.name)) is request


def test_a_later_version_s_letter_says_what_changes(session: Session) -> None:
    agreement = loosened(session, in_renegotiation(session))
    move(session, agreement, Trigger.SKIP_TRIAL, agreement.stage_since, reason="agreed")
    letter = letters(session, "approval_request")[-1]
    said = re.sub(r"[ \n]+", " ", letter.text)
    assert "within 12 h, instead of 90\u00a0% of priority 2 tickets resolved within 8 h" in said


def test_a_token_that_is_none_of_ours_leads_nowhere(session: Session) -> None:
    offered(session)
    with pytest.raises(NotFoundError, match="this address leads nowhere"):
        find_request(session, "x" * 43)


def test_three_reminders_and_then_the_owner_before_the_time_is_over(session: Session) -> None:
    agreement = offered(session)
    request = request_to(session, PROVIDER)
    seen: list[tuple[str, str]] = []
    at, tokens = MONDAY, {token_to(session, PROVIDER)}
    while request.next_reminder_at is not None:
        assert request not in session.exec(approvals.reminders_due(at)).all()
        at = request.next_reminder_at
        assert request in session.exec(approvals.reminders_due(at)).all()
        approvals.remind(session, request, at)
        session.flush()
        tokens.add(token_to(session, PROVIDER))
        seen.append((f"{at:%a %d}", letters(session)[-1].kind))
    assert seen == [
        ("Wed 04", "approval_reminder"),
        ("Fri 06", "approval_reminder"),
        ("Tue 10", "approval_reminder"),
        ("Thu 12", "approval_escalation"),
    ]
    assert letters(session)[-1].to_name == MANAGER
    assert PROVIDER in letters(session)[-1].text
    assert request.reminders == 3 and len(tokens) == 4
    assert audit.faults(session, agreement) == []


def test_the_link_of_an_earlier_letter_still_opens_the_question(session: Session) -> None:
    offered(session)
    first = token_to(session, PROVIDER)
    approvals.remind(session, request_to(session, PROVIDER), MONDAY + 3 * DAY)
    assert find_request(session, first) is request_to(session, PROVIDER)


def test_whoever_answered_is_not_reminded(session: Session) -> None:
    offered(session)
    answer(session, PROVIDER, MONDAY)
    due = session.exec(approvals.reminders_due(MONDAY + 5 * DAY)).all()
    assert [request.person.name for request in due] == [CUSTOMER_OWNER]


def test_a_request_that_ran_out_goes_to_the_owner_and_takes_no_answer(session: Session) -> None:
    offered(session)
    request = request_to(session, CUSTOMER_OWNER)
    assert session.exec(approvals.requests_run_out(request.due_at - timedelta(seconds=1))).all() == []
    refused(session, CUSTOMER_OWNER, "this request ran out on 2026-03-16 09:00 UTC", at=request.due_at)
    approvals.expire(session, request, request.due_at)
    assert request.state == RequestState.EXPIRED
    assert readers(session, "approval_escalation") == [MANAGER]
    refused(session, CUSTOMER_OWNER, "this request ran out on 2026-03-16 09:00 UTC")


def test_the_last_required_approval_signs(session: Session) -> None:
    agreement = offered(session)
    version = offer(agreement)
    answer(session, PROVIDER, MONDAY + DAY)
    assert version_in_force(agreement) is None
    decision = answer(session, CUSTOMER_OWNER, MONDAY + 2 * DAY)
    assert agreement.stage == Stage.MONITORING
    assert (decision.typed, decision.sha256, decision.via) == (CUSTOMER_OWNER, version.sha256, "page")
    assert version_in_force(agreement) is version
    assert version.in_force_from == MONDAY + 2 * DAY
    assert readers(session, "signed") == [CUSTOMER_OWNER, PROVIDER, MANAGER]


def test_an_optional_signatory_is_asked_but_not_waited_for(session: Session) -> None:
    agreement = offered(session, signatories=OPTIONAL_BOARD)
    assert readers(session, "approval_request") == [CUSTOMER_OWNER, PROVIDER, BOARD]
    answer(session, PROVIDER, MONDAY)
    answer(session, CUSTOMER_OWNER, MONDAY)
    assert agreement.stage == Stage.MONITORING
    assert request_to(session, BOARD).state == RequestState.VOID
    refused(session, BOARD, "this request is void: the version is signed")


def test_an_optional_signatory_s_approval_does_not_sign(session: Session) -> None:
    agreement = offered(session, signatories=OPTIONAL_BOARD)
    answer(session, BOARD, MONDAY)
    answer(session, PROVIDER, MONDAY)
    assert agreement.stage == Stage.SIGNING


def test_an_optional_signatory_s_decline_stops_the_round(session: Session) -> None:
    agreement = offered(session, signatories=OPTIONAL_BOARD)
    answer(session, BOARD, MONDAY, Answer.DECLINE, "too dear")
    assert agreement.stage == Stage.REQUIREMENTS


@pytest.mark.parametrize("typed", ["", "Business", "Head of delivery", "Business owner!"])
def test_another_name_is_refused(session: Session, typed: str) -> None:
    offered(session)
    refused(
        session,
        CUSTOMER_OWNER,
        "type the full name as it stands in the agreement: Business owner",
        typed=typed,
    )


def test_a_name_may_be_typed_carelessly(session: Session) -> None:
    offered(session)
    decision = decide(
        session, request_to(session, CUSTOMER_OWNER), Answered(Answer.APPROVE, " business  OWNER "), MONDAY
    )
    assert decision.typed == "business  OWNER"


def test_an_answer_is_given_once(session: Session) -> None:
    offered(session)
    first = answer(session, CUSTOMER_OWNER, MONDAY)
    refused(session, CUSTOMER_OWNER, "this request is answered already; the recorded decision stands")
    assert request_to(session, CUSTOMER_OWNER).decision is first


def test_a_decline_needs_a_reason(session: Session) -> None:
    offered(session)
    refused(session, CUSTOMER_OWNER, "to decline, give a reason", answer=Answer.DECLINE, reason="  ")


def test_a_decline_stops_the_round_and_tells_everyone_earlier_signers_too(session: Session) -> None:
    agreement = offered(session)
    version = offer(agreement)
    answer(session, PROVIDER, MONDAY)
    answer(session, CUSTOMER_OWNER, MONDAY + DAY, Answer.DECLINE, "we need six hours")
    assert agreement.stage == Stage.REQUIREMENTS
    assert readers(session, "declined") == [CUSTOMER_OWNER, PROVIDER, MANAGER]
    assert all("we need six hours" in letter.text for letter in letters(session, "declined"))
    assert version.status == VersionStatus.ABANDONED
    assert draft(agreement).number == 2 and draft(agreement).waiver == ""
    moves = [event for event in audit.events_of(session, agreement) if event.kind == "move"]
    assert moves[-1].actor == CUSTOMER_OWNER and "we need six hours" in moves[-1].data


def test_a_decline_voids_what_is_open(session: Session) -> None:
    offered(session)
    answer(session, CUSTOMER_OWNER, MONDAY, Answer.DECLINE, "no")
    refused(session, PROVIDER, "this request is void: Business owner declined")


def test_a_rework_voids_open_requests_and_tells_everyone_who_was_asked(session: Session) -> None:
    agreement = offered(session)
    answer(session, PROVIDER, MONDAY)
    move(session, agreement, Trigger.REWORK, MONDAY + DAY, reason="a typing error")
    assert readers(session, "approval_void") == [CUSTOMER_OWNER, PROVIDER], "who had signed already too"
    assert all("a typing error" in letter.text for letter in letters(session, "approval_void"))
    refused(session, CUSTOMER_OWNER, "this request is void: a typing error")
    assert offered_version(agreement) is None and draft_of(agreement) is not None


def test_an_approval_is_for_one_text_only(session: Session) -> None:
    """The provider approved version 1; what the customer is asked about later is another text."""
    agreement = offered(session)
    answer(session, PROVIDER, MONDAY)
    first = offer(agreement)
    move(session, agreement, Trigger.REWORK, MONDAY, reason="a typing error")
    loosened(session, agreement)
    move(session, agreement, Trigger.SKIP_TRIAL, MONDAY, reason="known")
    assert offer(agreement).sha256 != first.sha256
    answer(session, CUSTOMER_OWNER, MONDAY)
    assert agreement.stage == Stage.SIGNING
    with pytest.raises(BlockedMoveError, match="Head of delivery has not approved"):
        move(session, agreement, Trigger.SIGN, MONDAY)


def test_a_request_whose_hash_is_not_the_version_s_takes_no_answer(session: Session) -> None:
    offered(session)
    request_to(session, CUSTOMER_OWNER).sha256 = "0" * 64
    session.flush()
    refused(session, CUSTOMER_OWNER, "this request is about another text than the one that is offered")


def test_a_later_version_supersedes_the_former(session: Session) -> None:
    agreement = loosened(session, in_renegotiation(session))
    former = version_in_force(agreement)
    assert former is not None
    at = agreement.stage_since + DAY
    move(session, agreement, Trigger.SKIP_TRIAL, at, reason="agreed")
    assert version_in_force(agreement) is former, "until it is signed the former stays in force"
    sign_all(session, agreement, at + DAY)
    assert (former.status, former.in_force_until) == (VersionStatus.SUPERSEDED, at + DAY)
    assert [row.number for row in agreement.versions if row.status == VersionStatus.IN_FORCE] == [2]


def test_the_end_voids_what_is_open_and_tells_everyone_concerned(session: Session) -> None:
    agreement = loosened(session, in_renegotiation(session))
    draft(agreement).signatories.append(Signatory(person=person(session, BOARD), side=Side.CUSTOMER))
    session.flush()
    move(session, agreement, Trigger.SKIP_TRIAL, agreement.stage_since, reason="agreed")
    answer(session, PROVIDER, agreement.stage_since)
    move(session, agreement, Trigger.END, agreement.stage_since, reason="the harbour closed")
    assert readers(session, "ended") == [CUSTOMER_OWNER, PROVIDER, BOARD]
    refused(session, CUSTOMER_OWNER, "this request is void: the agreement ended: the harbour closed")
    assert {row.status for row in agreement.versions} == {VersionStatus.SUPERSEDED, VersionStatus.ABANDONED}
