"""When a page was sent, kept beside the answer: told by the form, never by what looking changes."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.testclient import TestClient

from config.clock import simulated
from config.settings import settings
from models.approvals import Decision
from models.audit import AuditEvent
from models.database import reading, transaction
from models.versions import AgreementVersion
from states.signed_documents import printed
from states.signing_record import signing_record
from tests.states.builders import BOARD, CUSTOMER_OWNER, PROVIDER, contents, offered, request_to, token_to
from tests.web.visitors import Page, everything, visitor
from web.sent_pages import page_sent_at, sent_page

SENT = datetime(2026, 5, 4, 12, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANSWERED = SENT + 2 * MINUTE
APPROVE = {"answer": "approve", "name": CUSTOMER_OWNER}
HAND_OVER = {"answer": "hand_over", "delegate": BOARD, "email": "managing@harbour.example", "why": "on leave"}


@pytest.fixture
def token(engine: Engine) -> str:
    """The token of the customer, who was asked an hour before noon."""
    with transaction(engine) as session:
        offered(session, SENT - 60 * MINUTE, signatories=contents()["signatories"])
        return token_to(session, CUSTOMER_OWNER)


def field(stranger: TestClient, token: str) -> str:
    return Page(stranger.get(f"/d/{token}")).forms[0].fields["sent"]


def told(engine: Engine, kind: str) -> dict[str, str]:
    with reading(engine) as session:
        events = session.exec(select(AuditEvent).where(col(AuditEvent.kind) == kind)).all()
        found: dict[str, str] = json.loads(events[-1].data)
        return found


def test_the_evidence_says_when_the_page_was_sent_and_the_look_itself_changes_nothing(
    engine: Engine, stranger: TestClient, token: str
) -> None:
    with simulated(SENT):
        before = everything(engine)
        sent = field(stranger, token)
        assert everything(engine) == before
    with simulated(ANSWERED):
        assert stranger.post(f"/d/{token}", data=APPROVE | {"sent": sent}).status_code == 303
    assert told(engine, "decision")["page_sent_at"] == SENT.isoformat()
    with reading(engine) as session:
        decision = session.exec(select(Decision)).one()
        assert (decision.opened_at, decision.decided_at) == (SENT, ANSWERED)


def test_a_form_that_is_shown_again_still_says_when_it_was_first_sent(
    engine: Engine, stranger: TestClient, token: str
) -> None:
    with simulated(SENT):
        sent = field(stranger, token)
    with simulated(SENT + MINUTE):
        again = stranger.post(f"/d/{token}", data={"answer": "approve", "name": "x", "sent": sent})
    assert again.status_code == 422 and Page(again).forms[0].fields["sent"] == sent
    with simulated(ANSWERED):
        stranger.post(f"/d/{token}", data={"answer": "ask", "question": "Sundays?", "sent": sent})
        stranger.post(f"/d/{token}", data=HAND_OVER | {"sent": sent})
    assert told(engine, "approval question")["page_sent_at"] == SENT.isoformat()
    assert told(engine, "approval handed over")["page_sent_at"] == SENT.isoformat()


def test_a_field_that_is_missing_forged_foreign_or_stale_blocks_nothing_and_says_nothing(
    engine: Engine, app: FastAPI, token: str
) -> None:
    with reading(engine) as session:
        mine, other = request_to(session, CUSTOMER_OWNER), request_to(session, PROVIDER)
        good = sent_page(mine, SENT)
        assert page_sent_at(good, mine, ANSWERED) == SENT
        useless = {
            "missing": "",
            "forged": good[:-2] + ("AA" if good[-2:] != "AA" else "BB"),
            "of another request": sent_page(other, SENT),
            "from before it was asked": sent_page(mine, mine.asked_at - MINUTE),
            "from the future": sent_page(mine, ANSWERED + MINUTE),
            "too long, and no text": "\x00\u202e" * 5000,
            "another shape": ".",
        }
        assert [why for why, sent in useless.items() if page_sent_at(sent, mine, ANSWERED)] == []
        (settings().var / "secret.key").write_text("another installation's key")
        assert page_sent_at(good, mine, ANSWERED) is None
    with simulated(ANSWERED):
        answer = visitor(app).post(f"/d/{token}", data=APPROVE | {"sent": "\u202e" * 5000})
    assert answer.status_code == 303 and "page_sent_at" not in told(engine, "decision")
    with reading(engine) as session:
        assert session.exec(select(Decision)).one().opened_at is None


def test_the_signing_record_tells_it_and_what_it_does_not_prove(
    engine: Engine, stranger: TestClient, token: str
) -> None:
    with reading(engine) as session:
        first = token_to(session, PROVIDER)
    with simulated(SENT):
        stranger.post(f"/d/{first}", data={"answer": "approve", "name": PROVIDER})
        sent = field(stranger, token)
    with simulated(ANSWERED):
        stranger.post(f"/d/{token}", data=APPROVE | {"sent": sent})
    with reading(engine) as session:
        version = session.exec(select(AgreementVersion)).one()
        record = signing_record(session, version)
        page = printed(str(version.canonical), record)
    rows = {row["name"]: row["decision"] for row in record["asked"]}
    assert rows[CUSTOMER_OWNER]["page_sent_at"] == SENT.isoformat()
    assert rows[PROVIDER]["page_sent_at"] is None
    line = "2026-05-04 12:03:00 UTC; that a page was sent proves no reader: it may have been a scanner"
    assert page.count("Page sent</dt>") == 1 and line in page
