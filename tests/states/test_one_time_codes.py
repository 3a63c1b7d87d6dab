"""One-time codes: mailed on request, good for minutes, a few attempts and one decision."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from mail.blotting import blot_out
from models.approvals import Answer, MailedCode
from states import audit
from states.codes import WrongCodeError
from states.decisions import BY_MAIL, Answered, ask_for_code, decide
from states.handing_over import Delegation, hand_over
from states.open_requests import DecisionRefusedError
from tests.states.builders import (
    BOARD,
    CUSTOMER_OWNER,
    MONDAY,
    contents,
    letters,
    offered,
    request_to,
)

MINUTE = timedelta(minutes=1)
SURELY = [contents()["signatories"][0], {**contents()["signatories"][1], "assurance": "L3"}]


def code_in_letter(session: Session) -> str:
    found = re.search(r"One-time code: ([0-9]{6})\n", letters(session, "approval_code")[-1].text)
    assert found
    return found[1]


def mailed(session: Session, at: timedelta = MINUTE) -> str:
    ask_for_code(session, request_to(session, CUSTOMER_OWNER), CUSTOMER_OWNER, MONDAY + at)
    return code_in_letter(session)


def sign(session: Session, code: str, at: timedelta = 2 * MINUTE) -> str:
    answered = Answered(Answer.APPROVE, CUSTOMER_OWNER, code=code)
    return decide(session, request_to(session, CUSTOMER_OWNER), answered, MONDAY + at).assurance


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_code_is_mailed_to_whoever_types_the_name_and_signs_once(session: Session) -> None:
    agreement = offered(session, signatories=SURELY)
    code = mailed(session)
    assert letters(session, "approval_code")[0].to_name == CUSTOMER_OWNER
    kept = session.exec(select(MailedCode)).one()
    assert code not in kept.digest and len(kept.digest) == 64
    assert code not in blot_out(letters(session, "approval_code")[0].text)
    assert code not in blot_out(letters(session, "approval_code")[0].html)
    assert sign(session, f" {code[:3]} {code[3:]} ") == "typed full name and a mailed one-time code"
    assert not any(code in event.data for event in audit.events_of(session, agreement))


@pytest.mark.parametrize("typed", ["", "x", "Business"])
def test_without_the_name_no_code_is_mailed(session: Session, typed: str) -> None:
    offered(session, signatories=SURELY)
    with pytest.raises(DecisionRefusedError, match="type the full name"):
        ask_for_code(session, request_to(session, CUSTOMER_OWNER), typed, MONDAY)
    assert letters(session, "approval_code") == []


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345x", "\uff11\uff12\uff13\uff14\uff15\uff16"])
def test_without_six_digits_there_is_nothing_to_try(session: Session, typed: str) -> None:
    offered(session, signatories=SURELY)
    mailed(session)
    with pytest.raises(DecisionRefusedError, match="type the code of 6 digits"):
        sign(session, typed)
    assert session.exec(select(MailedCode.attempts)).one() == 0


def test_five_wrong_codes_and_the_right_one_is_dead(session: Session) -> None:
    offered(session, signatories=SURELY)
    code = mailed(session)
    for left in ("4 more attempts", "3 more attempts", "2 more attempts", "1 more attempt", "have a new one"):
        with pytest.raises(WrongCodeError, match=left):
            sign(session, other(code))
    with pytest.raises(DecisionRefusedError, match="5 wrong codes were typed"):
        sign(session, code)
    assert sign(session, mailed(session)) == "typed full name and a mailed one-time code"


def test_a_code_holds_for_ten_minutes_and_only_the_newest(session: Session) -> None:
    offered(session, signatories=SURELY)
    first = mailed(session, MINUTE)
    with pytest.raises(DecisionRefusedError, match="no code holds now"):
        sign(session, first, 11 * MINUTE)
    second = mailed(session, 12 * MINUTE)
    if first != second:
        with pytest.raises(WrongCodeError):
            sign(session, first, 13 * MINUTE)
    sign(session, second, 13 * MINUTE)


def test_five_codes_a_day(session: Session) -> None:
    offered(session, signatories=SURELY)
    for number in range(5):
        mailed(session, number * MINUTE)
    with pytest.raises(DecisionRefusedError, match="5 codes were mailed within a day"):
        mailed(session, 6 * MINUTE)
    mailed(session, timedelta(days=1, minutes=1))


def test_a_link_alone_hands_nothing_over(session: Session) -> None:
    offered(session, signatories=SURELY)
    request = request_to(session, CUSTOMER_OWNER)
    to = (BOARD, "managing@harbour.example", "leave")
    with pytest.raises(DecisionRefusedError, match="type the code of 6 digits"):
        hand_over(session, request, Delegation(*to), MONDAY + 2 * MINUTE)
    code = mailed(session)
    new = hand_over(session, request, Delegation(*to, code), MONDAY + 2 * MINUTE)
    assert new.assurance == "L3" and new.person.name == BOARD


def test_a_mailed_answer_never_replaces_the_code(session: Session) -> None:
    offered(session, signatories=SURELY)
    answered = Answered(Answer.APPROVE, "business@harbour.example", via=BY_MAIL)
    with pytest.raises(DecisionRefusedError, match="decided on the page alone"):
        decide(session, request_to(session, CUSTOMER_OWNER), answered, MONDAY)


def test_where_no_code_is_needed_none_is_mailed(session: Session) -> None:
    offered(session)
    with pytest.raises(DecisionRefusedError, match="no one-time code is needed here"):
        ask_for_code(session, request_to(session, CUSTOMER_OWNER), CUSTOMER_OWNER, MONDAY)
