"""Handing over, standing delegates, asking anew: who is asked in whose place, and how the old link ends."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from config.errors import NotFoundError
from models.agreements import Stage
from models.approvals import Answer, ApprovalRequest, RequestState
from models.letters import LetterState
from models.parties import Person
from states import approvals, audit
from states.absences import AbsenceRefusedError, add_absence, who_stands_in
from states.approval_acts import ApprovalActError, ask_anew, find_numbered, remind_now, void_now
from states.decisions import Answered, decide
from states.handing_over import Delegation, hand_over
from states.lifecycle import advance
from states.move import Trigger
from states.open_requests import DecisionRefusedError, find_request
from states.questions import answer_question, put_question
from states.settling import expire
from states.signing import sign_blockers_of
from tests.states.builders import (
    BOARD,
    CUSTOMER_OWNER,
    DESK,
    MANAGER,
    MONDAY,
    PROVIDER,
    answer,
    letters,
    monitored,
    move,
    offered,
    person,
    readers,
    request_to,
    sign_all,
    token_to,
    written,
)
from tests.states.test_exclusions import ask

DAY = timedelta(days=1)
TO_BOARD = Delegation(BOARD, "managing@harbour.example", "the board decides this year")


def hand(session: Session, name: str, to: Delegation, at: timedelta = DAY) -> ApprovalRequest:
    return hand_over(session, request_to(session, name), to, MONDAY + at)


def test_the_delegate_gets_a_link_and_the_old_one_ends(session: Session) -> None:
    agreement = offered(session)
    old = token_to(session, CUSTOMER_OWNER)
    new = hand(session, CUSTOMER_OWNER, TO_BOARD)
    assert find_request(session, token_to(session, BOARD)) is new
    assert new.due_at == find_request(session, old).due_at, "handing over wins no time"
    assert find_request(session, old).void_reason == f"handed over to {BOARD}"
    with pytest.raises(DecisionRefusedError, match="void: handed over to Managing board"):
        decide(session, find_request(session, old), Answered(Answer.APPROVE, CUSTOMER_OWNER), MONDAY + DAY)
    (told,) = letters(session, "approval_handed_over")
    assert told.to_name == CUSTOMER_OWNER and "the board decides this year" in told.text
    asked = letters(session, "approval_request")[-1]
    assert f"You are asked in the place of {CUSTOMER_OWNER}. The reason: the board decides" in asked.text
    assert sign_blockers_of(session, agreement) == [
        f"{PROVIDER} has not approved",
        f"{BOARD}, for {CUSTOMER_OWNER}, has not approved",
    ]
    answer(session, BOARD, MONDAY + 2 * DAY)
    answer(session, PROVIDER, MONDAY + 2 * DAY)
    assert agreement.stage == Stage.MONITORING
    assert readers(session, "signed") == sorted([CUSTOMER_OWNER, PROVIDER, BOARD, MANAGER])
    decisions = [row for row in audit.events_of(session, agreement) if row.kind == "decision"]
    assert f'"in_place_of":"{CUSTOMER_OWNER}"' in decisions[0].data
    assert audit.faults(session, agreement) == []


@pytest.mark.parametrize(
    "to",
    [
        Delegation(MANAGER, "manager@elsewhere.example", "sign for me"),
        Delegation(f"  {MANAGER.upper()} ", "manager@elsewhere.example", "sign for me"),
    ],
)
def test_nobody_hands_it_to_whoever_offered_it_under_a_new_address(session: Session, to: Delegation) -> None:
    offered(session)
    before = len(session.exec(select(Person)).all())
    with pytest.raises(DecisionRefusedError, match="policy lets nobody approve their own proposal"):
        hand(session, CUSTOMER_OWNER, to)
    assert len(session.exec(select(Person)).all()) == before


def test_nor_to_a_name_of_whoever_offered_it_by_an_address(session: Session) -> None:
    agreement = written(session)
    advance(session, agreement, Trigger.SKIP_TRIAL, "manager@northwind.example", MONDAY, reason="known")
    with pytest.raises(DecisionRefusedError, match="policy lets nobody approve their own proposal"):
        hand(session, CUSTOMER_OWNER, Delegation(MANAGER, "manager@elsewhere.example", "sign for me"))


def test_whoever_comes_to_be_called_like_the_proposer_may_decline_but_not_approve(session: Session) -> None:
    offered(session)
    request = request_to(session, CUSTOMER_OWNER)
    request.person.name = MANAGER
    session.flush()
    with pytest.raises(DecisionRefusedError, match=f"{MANAGER} proposed it, and policy"):
        decide(session, request, Answered(Answer.APPROVE, MANAGER), MONDAY + DAY)
    assert decide(session, request, Answered(Answer.DECLINE, MANAGER, "no"), MONDAY + DAY)


def test_somebody_new_is_added_to_the_party(session: Session) -> None:
    offered(session)
    hand(session, CUSTOMER_OWNER, Delegation("Deputy owner", " Deputy@Harbour.example ", "on leave"))
    deputy = person(session, "Deputy owner")
    assert (deputy.email, deputy.zone) == ("deputy@harbour.example", "Europe/Berlin")
    assert deputy.party_id == person(session, CUSTOMER_OWNER).party_id


@pytest.mark.parametrize(
    ("to", "words"),
    [
        (Delegation("", "managing@harbour.example", "why"), "give the name and the e-mail address"),
        (Delegation(BOARD, "", "why"), "give the name and the e-mail address"),
        (Delegation(BOARD, "managing@harbour.example", " "), "give a reason"),
        (Delegation(BOARD, "no address", "why"), "'no address' is no e-mail address"),
        (Delegation(BOARD, "a@b.example\r\nBcc: x@y.example", "why"), "is no e-mail address"),
        (Delegation("M", "manager@northwind.example", "why"), "is not of Harbour Logistics"),
        (Delegation("Me", "business@harbour.example", "why"), "was asked before: it cannot be handed back"),
    ],
)
def test_a_wrong_delegate_is_refused(session: Session, to: Delegation, words: str) -> None:
    offered(session)
    with pytest.raises(DecisionRefusedError, match=words):
        hand(session, CUSTOMER_OWNER, to)
    assert request_to(session, CUSTOMER_OWNER).state == RequestState.OPEN


def test_it_is_not_handed_back_nor_on_for_ever(session: Session) -> None:
    offered(session)
    hand(session, CUSTOMER_OWNER, TO_BOARD)
    with pytest.raises(DecisionRefusedError, match="Business owner was asked before"):
        hand(session, BOARD, Delegation(CUSTOMER_OWNER, "business@harbour.example", "back to you"))
    hand(session, BOARD, Delegation(DESK, "terminal@harbour.example", "you know it"))
    hand(session, DESK, Delegation("Deputy", "deputy@harbour.example", "you know it"))
    with pytest.raises(DecisionRefusedError, match="handed over 3 times"):
        hand(session, "Deputy", Delegation("Fifth", "fifth@harbour.example", "you know it"))


def test_whoever_offered_it_is_no_delegate(session: Session) -> None:
    offered(session)
    with pytest.raises(DecisionRefusedError, match="nobody approve their own proposal"):
        hand(session, PROVIDER, Delegation(MANAGER, "manager@northwind.example", "please"))


def test_an_exclusion_handed_over_waits_for_the_delegate_alone(session: Session) -> None:
    agreement = monitored(session)
    exclusion = ask(session, agreement)
    hand(session, CUSTOMER_OWNER, TO_BOARD, 4 * DAY)
    assert readers(session, "exclusion_request") == [CUSTOMER_OWNER, BOARD]
    answer(session, BOARD, MONDAY + 5 * DAY)
    assert exclusion.state == "approved"


def test_a_delegate_is_asked_while_somebody_is_away(session: Session) -> None:
    agreement = written(session)
    owner, board = person(session, CUSTOMER_OWNER), person(session, BOARD)
    add_absence(session, owner, board, MONDAY - DAY, MONDAY + DAY, "on leave")
    move(session, agreement, Trigger.SKIP_TRIAL, MONDAY, reason="known")
    assert readers(session, "approval_request") == [PROVIDER, BOARD]
    request = request_to(session, BOARD)
    assert request.in_place_of is owner
    (told,) = letters(session, "approval_handed_over")
    assert told.to_name == CUSTOMER_OWNER and "on leave" in told.text
    answer(session, PROVIDER, MONDAY)
    answer(session, BOARD, MONDAY)
    assert agreement.stage == Stage.MONITORING


def test_a_delegate_who_is_away_has_a_delegate_again_and_a_circle_leads_back(session: Session) -> None:
    offered(session)
    owner, board, desk = (person(session, name) for name in (CUSTOMER_OWNER, BOARD, DESK))
    add_absence(session, owner, board, MONDAY, MONDAY + 5 * DAY)
    add_absence(session, board, desk, MONDAY + DAY, MONDAY + 5 * DAY)
    assert who_stands_in(session, owner, MONDAY) is board
    assert who_stands_in(session, owner, MONDAY + DAY) is desk
    assert who_stands_in(session, owner, MONDAY + 5 * DAY) is owner
    add_absence(session, desk, owner, MONDAY + 2 * DAY, MONDAY + 5 * DAY)
    assert who_stands_in(session, owner, MONDAY + 2 * DAY) is owner


def test_an_absence_that_makes_no_sense_is_refused(session: Session) -> None:
    offered(session)
    owner, board = person(session, CUSTOMER_OWNER), person(session, BOARD)
    manager = person(session, MANAGER)
    for who, delegate, end, words in (
        (owner, owner, DAY, "cannot stand in for themselves"),
        (owner, manager, DAY, "a delegate is of the same party"),
        (owner, board, timedelta(0), "must end after it starts"),
    ):
        with pytest.raises(AbsenceRefusedError, match=words):
            add_absence(session, who, delegate, MONDAY, MONDAY + end)
    add_absence(session, owner, board, MONDAY, MONDAY + DAY)
    with pytest.raises(AbsenceRefusedError, match="is away from 2026-03-02 until 2026-03-03 already"):
        add_absence(session, owner, board, MONDAY, MONDAY + 2 * DAY)


def test_after_a_bounce_somebody_is_asked_anew_at_the_right_address(session: Session) -> None:
    agreement = offered(session)
    old = request_to(session, CUSTOMER_OWNER)
    new = ask_anew(session, old, MANAGER, MONDAY + DAY, " Owner@Harbour.example")
    assert (old.state, old.void_reason) == (RequestState.VOID, "asked anew")
    assert new.due_at == MONDAY + 15 * DAY and new.in_place_of is None
    assert letters(session, "approval_request")[-1].to_address == "owner@harbour.example"
    told = [row for row in audit.events_of(session, agreement) if row.kind == "approval address"]
    assert "business@harbour.example" in told[0].data and told[0].actor == MANAGER
    sign_all(session, agreement, MONDAY + 2 * DAY)


def test_who_never_got_the_letter_is_not_reminded_and_the_owner_is_told(session: Session) -> None:
    offered(session)
    request = request_to(session, CUSTOMER_OWNER)
    letter = next(row for row in letters(session, "approval_request") if row.to_name == CUSTOMER_OWNER)
    letter.state, letter.last_error = LetterState.BOUNCED, "5.1.1 no such person"
    approvals.remind(session, request, MONDAY + 3 * DAY)
    assert letters(session, "approval_reminder") == [] and request.next_reminder_at is None
    (told,) = letters(session, "letter_failed")
    assert told.to_name == MANAGER and "no such person" in told.text


def test_who_let_the_time_run_out_can_be_asked_anew(session: Session) -> None:
    agreement = offered(session)
    request = request_to(session, CUSTOMER_OWNER)
    approvals.expire(session, request, request.due_at)
    assert ask_anew(session, request, MANAGER, MONDAY + 12 * DAY).state == RequestState.OPEN
    with pytest.raises(ApprovalActError, match="took its place"):
        ask_anew(session, request, MANAGER, MONDAY + 12 * DAY)
    answer(session, CUSTOMER_OWNER, MONDAY + 13 * DAY)
    with pytest.raises(ApprovalActError, match="is decided: nobody is asked twice"):
        ask_anew(session, request_to(session, CUSTOMER_OWNER), MANAGER, MONDAY + 13 * DAY)
    assert agreement.stage == Stage.SIGNING


@pytest.mark.parametrize(
    ("email", "words"),
    [("nowhere", "is no e-mail address"), ("managing@harbour.example", "is the address of Managing board")],
)
def test_a_wrong_address_is_refused(session: Session, email: str, words: str) -> None:
    offered(session)
    with pytest.raises(ApprovalActError, match=words):
        ask_anew(session, request_to(session, CUSTOMER_OWNER), MANAGER, MONDAY, email)


def test_an_exclusion_that_ran_out_is_not_asked_anew(session: Session) -> None:
    agreement = monitored(session)
    ask(session, agreement)
    request = request_to(session, CUSTOMER_OWNER)
    expire(session, request, request.due_at)
    with pytest.raises(ApprovalActError, match="is not asked any more"):
        ask_anew(session, request, MANAGER, request.due_at)


def test_reminding_by_hand_counts_and_ends(session: Session) -> None:
    offered(session)
    request = request_to(session, CUSTOMER_OWNER)
    for _ in range(3):
        remind_now(session, request, MANAGER, MONDAY + DAY)
    assert readers(session, "approval_reminder") == [CUSTOMER_OWNER] * 3
    with pytest.raises(ApprovalActError, match="3 reminders were sent"):
        remind_now(session, request, MANAGER, MONDAY + DAY)
    with pytest.raises(ApprovalActError, match="is run out"):
        remind_now(session, request, MANAGER, request.due_at)


def test_a_request_is_withdrawn_with_a_reason_and_the_round_waits(session: Session) -> None:
    agreement = offered(session)
    request = request_to(session, CUSTOMER_OWNER)
    with pytest.raises(ApprovalActError, match="give a reason"):
        void_now(session, request, " ", MANAGER, MONDAY)
    void_now(session, request, "the wrong person", MANAGER, MONDAY)
    assert readers(session, "approval_void") == [CUSTOMER_OWNER]
    answer(session, PROVIDER, MONDAY)
    assert sign_blockers_of(session, agreement) == [f"{CUSTOMER_OWNER} has not approved"]
    with pytest.raises(NotFoundError, match="there is no approval request 999999"):
        find_numbered(session, 999_999)


def test_a_question_goes_to_the_owner_and_the_answer_comes_back(session: Session) -> None:
    agreement = offered(session)
    request = request_to(session, CUSTOMER_OWNER)
    with pytest.raises(DecisionRefusedError, match="write what you would like to know"):
        put_question(session, request, " \u202e ", MONDAY)
    put_question(session, request, "What of Sundays?\x00", MONDAY)
    (asked,) = letters(session, "approval_question")
    assert asked.to_name == MANAGER and "What of Sundays?" in asked.text
    assert request.state == RequestState.OPEN
    answer_question(session, request, None, "They do not count.", MANAGER, MONDAY + DAY)
    (answered,) = letters(session, "approval_answer")
    assert answered.to_name == CUSTOMER_OWNER and "They do not count." in answered.text
    assert find_request(session, token_to(session, CUSTOMER_OWNER)) is request
    with pytest.raises(NotFoundError, match="no question waits"):
        answer_question(session, request, None, "Again", MANAGER, MONDAY + DAY)
    kinds = [row.kind for row in audit.events_of(session, agreement)]
    assert kinds[-2:] == ["approval question", "approval answer"]


def test_not_more_than_five_questions_wait(session: Session) -> None:
    offered(session)
    request = request_to(session, CUSTOMER_OWNER)
    for number in range(5):
        put_question(session, request, f"question {number}", MONDAY)
    with pytest.raises(DecisionRefusedError, match="5 questions wait for an answer already"):
        put_question(session, request, "one more", MONDAY)


def test_names_with_signs_that_deceive_lose_them(session: Session) -> None:
    offered(session)
    name = "{{ 7*7 }} <b>\u202eevil\r\nBcc: x@y.example"
    hand(session, CUSTOMER_OWNER, Delegation(name, "deputy@harbour.example", "{% raise %}\u2066 <i>"))
    added = session.exec(select(Person).where(Person.email == "deputy@harbour.example")).one()
    assert added.name == "{{ 7*7 }} <b>evil Bcc: x@y.example"
    asked = letters(session, "approval_request")[-1]
    assert asked.to_name == added.name and "\n" not in asked.to_name
    assert "{{ 7*7 }} &lt;b&gt;evil" in asked.html and "{% raise %} &lt;i&gt;" in asked.html
    told = letters(session, "approval_handed_over")[-1]
    assert "\n" not in told.subject and "\u202e" not in told.subject and "49" not in told.subject
