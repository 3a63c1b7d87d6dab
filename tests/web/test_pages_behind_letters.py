"""Decisions, surveys and reports behind the secret links of letters."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from config.clock import now
from models.agreements import Agreement, Stage
from models.approvals import Decision, LinkPurpose
from models.database import reading, transaction
from models.surveys import SurveyInvitation
from states import surveys
from states.move import Trigger
from tests.states.builders import (
    CUSTOMER_OWNER,
    PROVIDER,
    in_renegotiation,
    in_review,
    loosened,
    move,
    offered,
    token_to,
    written,
)
from tests.web.visitors import Page, everything


@pytest.fixture
def tokens(engine: Engine) -> dict[str, str]:
    """The tokens of the two signatories of a version that was offered an hour ago."""
    with transaction(engine) as session:
        offered(session, now() - timedelta(hours=1))
        return {name: token_to(session, name) for name in (CUSTOMER_OWNER, PROVIDER)}


def test_the_question_names_its_reader_its_deadline_and_what_silence_means(
    stranger: TestClient, tokens: dict[str, str]
) -> None:
    answer = stranger.get(f"/d/{tokens[CUSTOMER_OWNER]}")
    assert answer.status_code == 200
    assert "You are taken for <strong>Business owner</strong>" in answer.text
    assert " CE" in answer.text, "the deadline stands in Berlin's time"
    assert "The request lapses and nothing is signed" in answer.text
    assert "90\u00a0% of priority 2 tickets" in answer.text
    page = Page(answer)
    assert page.title == "Decision: Service desk for the harbour, version 1"
    assert not page.checked and not page.scripts


def test_both_approve_and_the_version_is_in_force(
    engine: Engine, stranger: TestClient, tokens: dict[str, str]
) -> None:
    for name, token in tokens.items():
        sent = {"answer": "approve", "name": f"  {name.upper()} "}
        answer = stranger.post(f"/d/{token}", data=sent, headers={"user-agent": "a browser"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/d/{token}")
        shown = stranger.get(f"/d/{token}").text
        assert "Your decision is recorded" in shown and "approved" in shown
    with reading(engine) as session:
        assert session.exec(select(Agreement.stage)).one() == Stage.MONITORING
        decision = session.exec(select(Decision).order_by(col(Decision.id))).first()
        assert decision is not None
        assert (decision.address, decision.user_agent) == ("testclient", "a browser")


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ({"name": CUSTOMER_OWNER}, "choose whether you approve or decline"),
        ({"answer": "maybe", "name": CUSTOMER_OWNER}, "choose whether you approve or decline"),
        ({"answer": "approve", "name": "C. Customer"}, "type the full name"),
        ({"answer": "approve"}, "type the full name"),
        ({"answer": "decline", "name": CUSTOMER_OWNER}, "give a reason"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    engine: Engine, stranger: TestClient, tokens: dict[str, str], sent: dict[str, str], line: str
) -> None:
    before = everything(engine)
    answer = stranger.post(f"/d/{tokens[CUSTOMER_OWNER]}", data=sent)
    assert answer.status_code == 422 and line in answer.text
    assert f'value="{sent.get("name", "")}"' in answer.text
    assert everything(engine) == before


def test_a_decline_stops_the_round_and_the_other_link_says_so(
    stranger: TestClient, tokens: dict[str, str]
) -> None:
    sent = {"answer": "decline", "name": CUSTOMER_OWNER, "reason": "<b>too dear</b>"}
    assert stranger.post(f"/d/{tokens[CUSTOMER_OWNER]}", data=sent).status_code == 303
    assert "&lt;b&gt;too dear&lt;/b&gt;" in stranger.get(f"/d/{tokens[CUSTOMER_OWNER]}").text
    other = stranger.get(f"/d/{tokens[PROVIDER]}")
    assert other.status_code == 200 and "Your decision is no longer needed" in other.text
    assert (
        stranger.post(f"/d/{tokens[PROVIDER]}", data={"answer": "approve", "name": PROVIDER}).status_code
        == 409
    )


def test_a_second_answer_changes_nothing(
    engine: Engine, stranger: TestClient, tokens: dict[str, str]
) -> None:
    stranger.post(f"/d/{tokens[CUSTOMER_OWNER]}", data={"answer": "approve", "name": CUSTOMER_OWNER})
    before = everything(engine)
    again = {"answer": "decline", "name": CUSTOMER_OWNER, "reason": "second thoughts"}
    answer = stranger.post(f"/d/{tokens[CUSTOMER_OWNER]}", data=again)
    assert answer.status_code == 409 and "the recorded decision stands" in answer.text
    assert everything(engine) == before


def test_a_request_that_ran_out_says_so(engine: Engine, stranger: TestClient) -> None:
    with transaction(engine) as session:
        offered(session)
        token = token_to(session, CUSTOMER_OWNER)
    assert "The time to decide is over" in stranger.get(f"/d/{token}").text
    late = stranger.post(f"/d/{token}", data={"answer": "approve", "name": CUSTOMER_OWNER})
    assert late.status_code == 409 and "ran out" in late.text


def test_a_later_version_shows_what_changes(engine: Engine, stranger: TestClient) -> None:
    with transaction(engine) as session:
        agreement = loosened(session, in_renegotiation(session))
        move(session, agreement, Trigger.SKIP_TRIAL, now(), reason="agreed on the telephone")
        token = token_to(session, CUSTOMER_OWNER)
    text = stranger.get(f"/d/{token}").text
    assert "What changes from version 1" in text
    assert "within 12 h, instead of 90\u00a0% of priority 2 tickets resolved within 8 h" in text


@pytest.mark.parametrize("path", ["/d/", "/s/", "/r/"])
def test_unknown_tokens_lead_nowhere_and_not_for_ever(stranger: TestClient, path: str) -> None:
    first = stranger.get(path + "x" * 43)
    assert first.status_code == 404 and "This address leads nowhere" in first.text
    statuses = {stranger.get(f"{path}{number}").status_code for number in range(29)}
    assert statuses == {404}
    refused = stranger.get(path + "y")
    assert refused.status_code == 429 and refused.headers["retry-after"] == "60"
    assert "the whole link of a letter works all the same" in refused.text


def test_guessing_keeps_nobody_from_the_right_link(stranger: TestClient, tokens: dict[str, str]) -> None:
    for number in range(40):
        stranger.get(f"/d/{number}")
    assert stranger.get(f"/d/{tokens[CUSTOMER_OWNER]}").status_code == 200


def test_a_link_opens_only_what_it_is_for(stranger: TestClient, tokens: dict[str, str]) -> None:
    assert stranger.get(f"/s/{tokens[CUSTOMER_OWNER]}").status_code == 404
    assert stranger.get(f"/r/{tokens[CUSTOMER_OWNER]}").status_code == 404


def _asked(session: Session) -> str:
    agreement = written(session)
    surveys.ask(session, agreement, Stage.REQUIREMENTS, agreement.id, "the present service", now())
    return token_to(session, CUSTOMER_OWNER, LinkPurpose.SURVEY)


def test_a_survey_is_answered_once(engine: Engine, stranger: TestClient) -> None:
    with transaction(engine) as session:
        token = _asked(session)
    page = Page(stranger.get(f"/s/{token}"))
    assert not page.checked and page.title == "How satisfied are you? Service desk for the harbour"
    sent = {"overall": "4", "speed": "2", "comment": "friendly", "initials": "b.o."}
    assert stranger.post(f"/s/{token}", data=sent).status_code == 303
    assert "Thank you" in stranger.get(f"/s/{token}").text
    assert stranger.post(f"/s/{token}", data={"overall": "1"}).status_code == 422
    with reading(engine) as session:
        answered = session.exec(
            select(SurveyInvitation).where(col(SurveyInvitation.answered_at).is_not(None))
        )
        invitation = answered.one()
        assert {row.indicator: row.score for row in invitation.answers} == {"overall": 4, "speed": 2}
        assert invitation.comment == "friendly"


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ({"initials": "BO"}, "say how satisfied you are overall"),
        ({"speed": "5", "initials": "BO"}, "say how satisfied you are overall"),
        ({"overall": "6"}, "a rating is from 1 to 5"),
        ({"overall": "many"}, "a rating is from 1 to 5"),
        ({"overall": "4", "weather": "1", "initials": "BO"}, "does not ask about"),
        ({"overall": "4"}, "type your initials, BO"),
        ({"overall": "4", "initials": "4"}, "type your initials, BO"),
    ],
)
def test_an_incomplete_answer_is_not_counted(
    engine: Engine, stranger: TestClient, sent: dict[str, str], line: str
) -> None:
    with transaction(engine) as session:
        token = _asked(session)
    before = everything(engine)
    answer = stranger.post(f"/s/{token}", data=sent)
    assert answer.status_code == 422 and line in answer.text
    assert everything(engine) == before


def test_a_survey_that_is_over_says_so(engine: Engine, stranger: TestClient) -> None:
    with transaction(engine) as session:
        agreement = written(session)
        long_ago = now() - timedelta(days=60)
        surveys.ask(session, agreement, Stage.REQUIREMENTS, agreement.id, "the past", long_ago)
        token = token_to(session, CUSTOMER_OWNER, LinkPurpose.SURVEY)
    assert "This survey is closed" in stranger.get(f"/s/{token}").text


def test_the_customer_reads_the_report_without_signing_in(engine: Engine, stranger: TestClient) -> None:
    with transaction(engine) as session:
        in_review(session)
        token = token_to(session, CUSTOMER_OWNER, LinkPurpose.REPORT)
    answer = stranger.get(f"/r/{token}")
    assert answer.status_code == 200 and "10 of 40" in answer.text
    assert "What happens next" in answer.text and "Cycle board" not in answer.text


def test_a_stranger_cannot_fill_the_memory(
    engine: Engine, stranger: TestClient, tokens: dict[str, str]
) -> None:
    before = everything(engine)
    answer = stranger.post(f"/d/{tokens[CUSTOMER_OWNER]}", data={"name": "x" * 1_000_001})
    assert answer.status_code == 413 and "Too large" in answer.text
    assert stranger.post("/s/unknown", data={"comment": "x" * 1_000_001}).status_code == 413
    assert everything(engine) == before
