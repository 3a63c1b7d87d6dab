"""Two who move the same agreement at once, and a move that breaks half way: one wins, or nothing happened."""

from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models.agreements import Agreement, Stage
from models.database import reading, transaction
from states import audit
from states.approvals import requests_for
from states.drafting import find_agreement
from states.lifecycle import advance
from states.move import ConflictError, Trigger
from templates.render import environment
from tests.states.builders import (
    CUSTOMER_OWNER,
    MANAGER,
    MONDAY,
    PROVIDER,
    answer,
    at_once,
    figure,
    in_trial,
    offer,
    offered,
    request_to,
    written,
)

LINE = "SLA-1 was changed by somebody else in the meantime: look at it again"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database, on both databases in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def test_of_two_who_saw_the_same_one_wins_and_the_other_is_told(engine: Engine) -> None:
    with transaction(engine) as session:
        seen = in_trial(session).row_version
    together = Barrier(2)

    def rework(name: str) -> Stage:
        together.wait()
        with transaction(engine) as session:
            agreement = find_agreement(session, "SLA-1")
            advance(
                session, agreement, Trigger.REWORK, name, MONDAY, reason=f"{name} asks", expected_version=seen
            )
            return agreement.stage

    results = at_once(lambda: rework("one"), lambda: rework("other"))

    (refusal,) = (result for result in results if isinstance(result, Exception))
    assert isinstance(refusal, ConflictError) and str(refusal) == LINE
    assert Stage.REQUIREMENTS in results
    with reading(engine) as session:
        agreement = find_agreement(session, "SLA-1")
        assert [event.kind for event in audit.events_of(session, agreement)].count("move") == 2
        assert audit.faults(session, agreement) == []


def test_what_the_caller_holds_is_the_version_it_decided_on(engine: Engine) -> None:
    """On PostgreSQL both hold the row; on SQLite the second transaction begins after the first."""
    if engine.dialect.name == "sqlite":
        pytest.skip("on SQLite nobody holds a row that another one changes")
    with transaction(engine) as session:
        in_trial(session)
    both_hold_it = Barrier(2)

    def rework(name: str) -> None:
        with transaction(engine) as session:
            agreement = find_agreement(session, "SLA-1")
            both_hold_it.wait()
            advance(session, agreement, Trigger.REWORK, name, MONDAY, reason="both ask")

    results = at_once(lambda: rework("one"), lambda: rework("other"))
    assert sorted(type(result).__name__ for result in results) == ["ConflictError", "NoneType"]


def test_a_version_number_from_yesterday_is_refused(session: Session) -> None:
    agreement = written(session)
    seen = agreement.row_version
    advance(session, agreement, Trigger.START_TRIAL, MANAGER, MONDAY, expected_version=seen)
    before = figure(session, agreement)
    with pytest.raises(ConflictError, match=LINE):
        advance(session, agreement, Trigger.REWORK, MANAGER, MONDAY, reason="late", expected_version=seen)
    assert figure(session, agreement) == before


def test_an_unsaved_change_of_an_outdated_row_is_a_conflict_too(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("on SQLite nobody holds a row that another one changes")
    with transaction(engine) as session:
        written(session)
    with Session(engine) as slow:
        mine = find_agreement(slow, "SLA-1")
        with transaction(engine) as quick:
            advance(quick, find_agreement(quick, "SLA-1"), Trigger.START_TRIAL, MANAGER, MONDAY)
        mine.title = "Service desk, renamed"
        with pytest.raises(ConflictError, match=LINE):
            advance(slow, mine, Trigger.START_TRIAL, MANAGER, MONDAY)


def test_a_letter_that_cannot_be_written_undoes_the_whole_move(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate was open, the machine moved, the event was written: then a template fails."""
    agreement = written(session)
    before = figure(session, agreement)
    with monkeypatch.context() as broken:
        broken.setitem(environment().globals, "unused", None)
        broken.setattr(environment(), "loader", None)
        environment().cache.clear()  # type: ignore[union-attr]
        with pytest.raises(TypeError):
            advance(session, agreement, Trigger.START_TRIAL, MANAGER, MONDAY)
    assert figure(session, agreement) == before

    advance(session, agreement, Trigger.START_TRIAL, MANAGER, MONDAY)
    assert agreement.stage == Stage.TRIAL_RUN
    assert audit.faults(session, agreement) == []


def test_two_last_approvals_at_once_sign_once(engine: Engine) -> None:
    with transaction(engine) as session:
        offered(session)
    both_looked = Barrier(2)

    def sign(name: str) -> None:
        with Session(engine) as session:
            agreement = find_agreement(session, "SLA-1")
            if engine.dialect.name == "postgresql":  # both have seen that nobody has answered
                seen = requests_for(session, offer(agreement))
                assert [row.decision for row in seen] == [None, None]
                both_looked.wait()
            answer(session, name, MONDAY)
            session.commit()

    assert at_once(lambda: sign(PROVIDER), lambda: sign(CUSTOMER_OWNER)) == [None, None]
    with reading(engine) as session:
        agreement = find_agreement(session, "SLA-1")
        assert agreement.stage == Stage.MONITORING
        assert audit.faults(session, agreement) == []


def test_a_signature_and_a_rework_at_once_leave_no_half_of_each(engine: Engine) -> None:
    with transaction(engine) as session:
        agreement = offered(session)
        answer(session, PROVIDER, MONDAY)
        seen = agreement.row_version
    together = Barrier(2)

    def sign() -> Any:
        together.wait()
        with transaction(engine) as session:
            return answer(session, CUSTOMER_OWNER, MONDAY)

    def rework() -> Any:
        together.wait()
        with transaction(engine) as session:
            agreement = find_agreement(session, "SLA-1")
            return advance(
                session, agreement, Trigger.REWORK, MANAGER, MONDAY, reason="wait", expected_version=seen
            )

    signed, reworked = at_once(sign, rework)

    with reading(engine) as session:
        agreement = find_agreement(session, "SLA-1")
        if agreement.stage == Stage.MONITORING:
            assert isinstance(reworked, ConflictError)
        else:
            assert agreement.stage == Stage.REQUIREMENTS
            assert str(signed) == "this request is void: wait"
        assert request_to(session, CUSTOMER_OWNER).state in ("decided", "void")
        assert audit.faults(session, agreement) == []


def test_an_agreement_comes_back_from_the_door(session: Session) -> None:
    agreement = written(session)
    moved: Agreement = advance(session, agreement, Trigger.START_TRIAL, MANAGER, MONDAY)
    assert moved is agreement and session.is_active
