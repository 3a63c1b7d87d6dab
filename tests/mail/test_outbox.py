"""Writing letters: once each, in the transaction of what they tell."""

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from config.errors import BadInputError
from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import ApprovalRequest
from models.database import reading, transaction
from models.letters import LetterState, OutboxLetter
from models.parties import Person
from tests.mail.post_office import MONDAY, Cast


def write(session: Session, cast: Cast, key: str, **options: Any) -> OutboxLetter | None:
    agreement = session.get_one(Agreement, cast.agreement.id)
    return post(
        session,
        "ended",
        cast.customer,
        key=key,
        at=MONDAY,
        agreement=agreement,
        reason="It is over",
        **options,
    )


def outbox(engine: Engine) -> list[OutboxLetter]:
    with reading(engine) as session:
        return list(session.exec(select(OutboxLetter)))


def test_a_letter_is_written_once(engine: Engine, cast: Cast) -> None:
    with transaction(engine) as session:
        letter = write(session, cast, "ended:1:2")
        assert letter is not None and letter.id is not None
        assert write(session, cast, "ended:1:2") is None
    with transaction(engine) as session:
        assert write(session, cast, "ended:1:2") is None
        assert write(session, cast, "ended:1:3") is not None

    first, second = outbox(engine)
    assert (first.kind, first.to_address, first.to_name) == (
        "ended",
        "owner@customer.example",
        "Business owner",
    )
    assert (first.state, first.next_attempt_at, first.agreement_id) == (
        LetterState.QUEUED,
        MONDAY,
        cast.agreement.id,
    )
    assert re.fullmatch(r"<[0-9a-f]{32}@slmcycle\.example>", first.message_id)
    assert first.message_id != second.message_id


def test_a_letter_is_never_written_without_what_it_tells(engine: Engine, cast: Cast) -> None:
    with Session(engine) as session:
        assert write(session, cast, "ended:1:2") is not None
        session.rollback()
    assert outbox(engine) == []


def test_a_letter_of_a_replay_is_kept_and_not_sent(engine: Engine, cast: Cast) -> None:
    with transaction(engine) as session:
        session.get_one(Agreement, cast.agreement.id).simulated = True
        by_agreement = write(session, cast, "a")
        by_wish = write(session, cast, "b", simulated=False)
    assert by_agreement is not None and by_agreement.state == LetterState.SIMULATED
    assert by_wish is not None and by_wish.state == LetterState.QUEUED


def test_names_cannot_write_headers(engine: Engine, cast: Cast) -> None:
    with transaction(engine) as session:
        agreement = session.get_one(Agreement, cast.agreement.id)
        agreement.title = "Desk\r\nBcc: everybody@victim.example\x07\u2028\x85"
        person = session.merge(cast.customer)
        person.name = "Owner\nX-Evil: 1"
        letter = post(
            session, "ended", person, key="k", at=MONDAY, agreement=agreement, reason="\x07over\x00"
        )
        assert letter is not None
        assert letter.subject == "Ended: Desk Bcc: everybody@victim.example"
        assert letter.to_name == "Owner X-Evil: 1"
        assert not re.search(r"[\x00-\x08\x0b-\x1f]", letter.text + letter.html)
        session.rollback()


def test_a_naive_instant_and_a_stranger_are_refused(engine: Engine, cast: Cast) -> None:
    with transaction(engine) as session:
        with pytest.raises(BadInputError, match="no time zone"):
            post(session, "ended", cast.customer, key="k", at=datetime(2026, 3, 2), reason="")
        stranger = Person(party_id=1, name="Stranger", email="s@nowhere.example")
        with pytest.raises(ValueError, match="Stranger is not in the session"):
            post(session, "ended", stranger, key="k", at=MONDAY, reason="")


def test_keys_are_made_of_ids_and_days(cast: Cast) -> None:
    request = ApprovalRequest(
        agreement_id=1, version_id=1, person_id=1, sha256="", asked_at=MONDAY, due_at=MONDAY
    )
    with pytest.raises(ValueError, match="flushed"):
        keys.approval_request(request)
    request.id = 9
    assert keys.approval_request(request) == "approval-request:9"
    assert keys.approval_reminder(request, 2) == "approval-reminder:9:2"
    made = {
        keys.approval_request(request),
        keys.approval_reminder(request, 1),
        keys.approval_escalation(request),
        keys.approval_expired(request),
        keys.approval_void(request),
    }
    assert len(made) == 5
    assert keys.ended(cast.agreement, cast.customer) == f"ended:{cast.agreement.id}:{cast.customer.id}"
