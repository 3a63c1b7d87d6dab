"""Approve and decline pressed at the same moment, on both databases: one of them is the decision."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import select

from config.clock import now
from models.agreements import Agreement, Stage
from models.approvals import Answer, Decision
from models.audit import AuditEvent
from models.database import reading, transaction
from states import audit
from tests.states.builders import CUSTOMER_OWNER, at_once, offered, token_to
from tests.web.visitors import visitor


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def test_one_page_answered_four_times_at_once_is_decided_once(engine: Engine, app: FastAPI) -> None:
    with transaction(engine) as session:
        offered(session, now())
        token = token_to(session, CUSTOMER_OWNER)

    def press(answer: str) -> int:
        sent = {"answer": answer, "name": CUSTOMER_OWNER, "reason": "so it is"}
        status: int = visitor(app).post(f"/d/{token}", data=sent).status_code
        return status

    statuses = at_once(*(lambda answer=answer: press(answer) for answer in 2 * list(Answer)))

    assert sorted(map(str, statuses)) == ["303", "409", "409", "409"]
    with reading(engine) as session:
        (decision,) = session.exec(select(Decision)).all()
        agreement = session.exec(select(Agreement)).one()
        events = [row for row in session.exec(select(AuditEvent)) if row.kind == "decision"]
        assert len(events) == 1 and audit.faults(session, agreement) == []
        declined = decision.answer == Answer.DECLINE
        assert agreement.stage == (Stage.REQUIREMENTS if declined else Stage.SIGNING)
