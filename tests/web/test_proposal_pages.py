"""Proposals by page: made where the manager works, decided behind a letter's link, on both databases."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from config.clock import now
from models.agreements import Agreement, Stage
from models.database import reading, transaction
from models.proposals import Proposal, ProposalState
from models.reviews import ReviewDecision
from states.drafting import find_agreement
from states.proposals import propose_outcome
from tests.states.builders import (
    CUSTOMER_OWNER,
    MANAGER,
    draft,
    in_review,
    letters,
    person,
    token_to,
    written,
)
from tests.states.test_proposals import WHY, offer_to, tried
from tests.web.visitors import Page, everything

DAY = timedelta(days=1)
APPROVE = {"answer": "approve", "name": CUSTOMER_OWNER}
DECLINE = {"answer": "decline", "name": CUSTOMER_OWNER, "reason": "we pay for eight hours"}


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database, on both databases in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def last_month() -> datetime:
    """When a trial began that is concluded by now."""
    return now() - 26 * DAY


@pytest.fixture
def token(engine: Engine) -> str:
    """The token of the customer, to whom the counter-offer of SLA-1 was put an hour ago."""
    with transaction(engine) as session:
        agreement = tried(session, last_month())
        offer_to(session, agreement)
        return token_to(session, CUSTOMER_OWNER)


def stands(engine: Engine) -> tuple[ProposalState, Stage, float]:
    """The proposal's state, the agreement's stage, and the hours that the draft promises, 0 without one."""
    with reading(engine) as session:
        agreement = session.exec(select(Agreement)).one()
        drafts = [row for row in agreement.versions if row.status == "draft"]
        hours = drafts[0].targets[0].threshold_s / 3600 if drafts else 0
        return session.exec(select(Proposal)).one().state, agreement.stage, hours


def test_the_question_shows_now_what_would_be_and_the_evidence(
    engine: Engine, stranger: TestClient, token: str
) -> None:
    before = everything(engine)
    shown = stranger.get(f"/d/{token}")
    assert shown.status_code == stranger.head(f"/d/{token}").status_code == 200
    assert stranger.get(f"/d/{token}/pdf").content.startswith(b"%PDF")
    assert stranger.get(f"/d/{token}/signed.pdf").status_code == 404
    assert everything(engine) == before
    page = Page(shown)
    assert page.title == "Decision: proposal 1 under Service desk for the harbour"
    assert not page.checked and not page.scripts
    text = " ".join(shown.text.replace("\u00a0", " ").split())
    for words in (
        "You are taken for <strong>Business owner</strong>",
        "Shall P2 promise what the evidence supports?",
        "90 % of priority 2 tickets resolved within 8 h",
        "90 % of priority 2 tickets resolved within 11 h",
        "40 of 60",
        "55.4 % to 76.7 %",
        WHY,
        "the proposal lapses: the draft stays as it is",
        "The text that it belongs to: version 1 (draft)",
    ):
        assert words in text, words


def test_an_approval_by_page_adopts_the_counter_offer(
    engine: Engine, stranger: TestClient, token: str
) -> None:
    assert stranger.post(f"/d/{token}", data=APPROVE).status_code == 303
    assert stands(engine) == (ProposalState.APPROVED, Stage.TRIAL_RUN, 11)
    shown = stranger.get(f"/d/{token}").text
    assert "Your decision is recorded" in shown and "The draft was given these terms." in shown
    again = stranger.post(f"/d/{token}", data=DECLINE)
    assert again.status_code == 409 and "the recorded decision stands" in again.text


def test_a_decline_by_page_stands_and_changes_nothing(
    engine: Engine, stranger: TestClient, token: str
) -> None:
    assert stranger.post(f"/d/{token}", data=DECLINE).status_code == 303
    assert stands(engine) == (ProposalState.DECLINED, Stage.TRIAL_RUN, 8)
    assert "we pay for eight hours" in stranger.get(f"/d/{token}").text


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ({"name": CUSTOMER_OWNER}, "choose whether you approve or decline"),
        ({"answer": "approve", "name": "somebody"}, "type the full name"),
        ({"answer": "decline", "name": CUSTOMER_OWNER}, "give a reason"),
    ],
)
def test_what_is_missing_is_said(
    engine: Engine, stranger: TestClient, token: str, sent: dict[str, str], line: str
) -> None:
    before = everything(engine)
    answer = stranger.post(f"/d/{token}", data=sent)
    assert answer.status_code == 422 and line in answer.text
    assert everything(engine) == before


def test_a_link_that_is_overtaken_or_run_out_says_so(
    engine: Engine, stranger: TestClient, manager: TestClient, token: str
) -> None:
    assert manager.post("/agreements/SLA-1/targets/P2/adopt").status_code == 303
    late = stranger.post(f"/d/{token}", data=APPROVE)
    assert late.status_code == 409 and "target P2 was changed meanwhile" in late.text
    assert "Your decision is no longer needed" in stranger.get(f"/d/{token}").text
    assert stands(engine) == (ProposalState.WITHDRAWN, Stage.TRIAL_RUN, 11)
    with transaction(engine) as session:
        agreement = in_review(session, reference="SLA-2", evidence_source="other")
        asker, at = person(session, MANAGER), agreement.stage_since
        propose_outcome(session, agreement, ReviewDecision.RENEW, asker, WHY, at)
        old = token_to(session, CUSTOMER_OWNER)
    assert "The time to decide is over" in stranger.get(f"/d/{old}").text


def test_a_manager_puts_a_counter_offer_to_the_customer_by_page(
    engine: Engine, manager: TestClient, stranger: TestClient
) -> None:
    with transaction(engine) as session:
        tried(session, last_month())
    assert "Ask the customer: 90" in manager.get("/agreements/SLA-1").text
    asked = manager.post("/agreements/SLA-1/targets/P2/propose-offer", data={"reason": WHY})
    assert asked.headers["location"] == "/agreements/SLA-1#proposals"
    shown = manager.get("/agreements/SLA-1").text
    assert "Proposal 1, counter-offer for P2: the customer is asked." in shown
    assert "1 proposal before the customer." in shown and "1 proposal before" in manager.get("/").text
    assert "Ask the customer: 90" not in shown and 'href="#proposals">proposal 1</a> waits' in shown
    assert "Proposal made" in shown and "Request about a proposal" in shown
    with reading(engine) as session:
        token = token_to(session, CUSTOMER_OWNER)
    taken = manager.post("/agreements/SLA-1/proposals/1/withdraw", data={"reason": "said on the phone"})
    assert taken.status_code == 303
    assert "is withdrawn: said on the phone" in " ".join(stranger.get(f"/d/{token}").text.split())
    with reading(engine) as session:
        assert [letter.to_name for letter in letters(session, "proposal_void")] == [CUSTOMER_OWNER]


def test_other_terms_and_a_reviews_outcome_are_put_by_page(
    engine: Engine, manager: TestClient, stranger: TestClient
) -> None:
    with transaction(engine) as session:
        written(session, now() - DAY)
    sent = {"threshold": "10h", "objective": "85 %", "reason": WHY}
    assert manager.post("/agreements/SLA-1/targets/P2/propose", data=sent).status_code == 303
    with reading(engine) as session:
        token = token_to(session, CUSTOMER_OWNER)
    assert stranger.post(f"/d/{token}", data=APPROVE).status_code == 303
    with transaction(engine) as session:
        target = draft(find_agreement(session, "SLA-1")).targets[0]
        assert (target.threshold_s, target.objective) == (36_000, 0.85)
        in_review(session, reference="SLA-2", evidence_source="other")
    refused = manager.post("/agreements/SLA-2/review/propose", data={"reason": WHY})
    assert refused.status_code == 422 and "hoose what the review shall end in" in refused.text
    sent = {"outcome": "renegotiate", "reason": WHY}
    assert manager.post("/agreements/SLA-2/review/propose", data=sent).status_code == 303
    with reading(engine) as session:
        token = token_to(session, CUSTOMER_OWNER)
    shown = stranger.get(f"/d/{token}").text
    assert "Shall the agreement be renegotiated?" in shown and "What the review found" in shown
    assert stranger.post(f"/d/{token}", data=APPROVE).status_code == 303
    with reading(engine) as session:
        assert find_agreement(session, "SLA-2").stage == Stage.RENEGOTIATION
    assert "a new draft was opened" in stranger.get(f"/d/{token}").text


@pytest.mark.parametrize(
    ("path", "sent", "line"),
    [
        ("targets/P2/propose-offer", {"reason": WHY}, "there is no counter-offer for target P2"),
        ("targets/P9/propose", {"objective": "80 %", "reason": WHY}, "there is no target"),
        ("targets/P2/propose", {"objective": "a lot", "reason": WHY}, "write a share like 90 % or 0.9"),
        ("targets/P2/propose", {"threshold": "8", "reason": WHY}, "8 of what?"),
        ("targets/P2/propose", {"reason": WHY}, "says so already"),
        ("targets/P2/propose", {"objective": "80 %"}, "say why"),
        ("review/propose", {"outcome": "renew", "reason": WHY}, "no review waits"),
    ],
)
def test_what_cannot_be_put_is_refused(
    engine: Engine, manager: TestClient, path: str, sent: dict[str, str], line: str
) -> None:
    with transaction(engine) as session:
        written(session, now() - DAY)
    before = everything(engine)
    answer = manager.post(f"/agreements/SLA-1/{path}", data=sent)
    assert answer.status_code in (400, 404, 409, 422) and line in answer.text
    assert everything(engine) == before


def test_a_program_puts_lists_and_takes_back(
    program: TestClient, stranger: TestClient, engine: Engine
) -> None:
    with transaction(engine) as session:
        written(session, now() - DAY)
    path = "/api/agreements/SLA-1/proposals"
    asked = {"target": "P2", "threshold": "10 h", "objective": 0.85, "reason": WHY}
    made = program.post(path, json=asked).json()
    assert (made["number"], made["kind"], made["state"], made["asked_by"]) == (
        1,
        "revised target",
        "asked",
        MANAGER,
    )
    assert program.get(path).json() == [made]
    for wrong, line in (
        (asked, "waits for its answer"),
        (asked | {"counter_offer": "P2"}, "name one thing"),
        ({"reason": WHY}, "name one thing"),
        ({"review": "renew", "objective": 0.8, "reason": WHY}, "of a target: name it"),
    ):
        answer = program.post(path, json=wrong)
        assert answer.status_code in (400, 409, 422) and line in answer.json()["error"]
    assert program.post(f"{path}/1/withdraw", json={"reason": "no"}).json()["state"] == "withdrawn"
    assert program.post(f"{path}/9/withdraw", json={"reason": "no"}).status_code == 404
    account = program.get("/api/agreements/SLA-1").json()
    assert [row["state"] for row in account["proposals"]] == ["withdrawn"]
    assert stranger.get(path).status_code == 401
