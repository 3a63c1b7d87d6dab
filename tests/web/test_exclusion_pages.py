"""Exclusions by page: asked for by a manager, decided behind a letter's link, restated beside the report."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from config.clock import now
from models.approvals import LinkPurpose
from models.database import reading, transaction
from models.exclusions import Exclusion, ExclusionState
from tests.states.builders import BOARD, CUSTOMER_OWNER, MANAGER, PROVIDER, letters, monitored, token_to
from tests.states.test_exclusions import ask
from tests.states.test_restatements import STRIKE, march
from tests.web.visitors import Page, everything

DAY = timedelta(days=1)
WINDOW = {"starts": "2026-03-17T08:00", "ends": "2026-03-17T18:00", "reason": "maintenance"}


@pytest.fixture
def in_force(engine: Engine) -> None:
    """SLA-1 is in force, its first period runs."""
    with transaction(engine) as session:
        monitored(session, now() - DAY)


@pytest.fixture
def token(engine: Engine) -> str:
    """The token of the customer, who is asked about a strike in March, which is reported already."""
    with transaction(engine) as session:
        agreement, _ = march(session)
        asked = {"starts_at": STRIKE, "ends_at": STRIKE + DAY, "reason": "strike <b>", "at": now() - DAY}
        ask(session, agreement, **asked)
        return token_to(session, CUSTOMER_OWNER)


def test_the_question_says_what_shall_not_count_and_looking_changes_nothing(
    engine: Engine, stranger: TestClient, token: str
) -> None:
    before = everything(engine)
    shown = stranger.get(f"/d/{token}")
    assert shown.status_code == stranger.head(f"/d/{token}").status_code == 200
    assert everything(engine) == before
    page = Page(shown)
    assert page.title == "Decision: exclusion 1 under Service desk for the harbour"
    assert not page.checked and not page.scripts
    for words in (
        "You are taken for <strong>Business owner</strong>",
        "17 March 2026, 01:00 CET",
        "strike &lt;b&gt;",
        "Head of delivery, Northwind IT",
        "The request lapses and the time counts",
    ):
        assert words in shown.text


def test_an_approval_is_recorded_and_the_report_says_what_is_restated(
    engine: Engine, stranger: TestClient, token: str
) -> None:
    with reading(engine) as session:
        report = token_to(session, BOARD, LinkPurpose.REPORT)
    assert "Restated" not in stranger.get(f"/r/{report}").text
    answer = stranger.post(f"/d/{token}", data={"answer": "approve", "name": CUSTOMER_OWNER})
    assert answer.status_code == 303
    shown = stranger.get(f"/d/{token}").text
    assert "Your decision is recorded" in shown and "approved</strong> exclusion 1" in shown
    text = stranger.get(f"/r/{report}").text
    assert "P2: 30 of 30 instead of 26 of 30, because exclusion 1 approved: strike" in text
    assert "No time was excluded." in text, "what was sent stays as it was sent"
    with reading(engine) as session:
        assert session.exec(select(Exclusion.state)).one() == ExclusionState.APPROVED
        newest = token_to(session, BOARD, LinkPurpose.REPORT)
    assert newest != report and stranger.get(f"/r/{newest}").text == text


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
    assert "What shall not count" in answer.text
    assert everything(engine) == before


def test_a_decline_is_shown_and_stands(stranger: TestClient, token: str) -> None:
    sent = {"answer": "decline", "name": CUSTOMER_OWNER, "reason": "your strike"}
    assert stranger.post(f"/d/{token}", data=sent).status_code == 303
    shown = stranger.get(f"/d/{token}").text
    assert "declined</strong> exclusion 1" in shown and "your strike" in shown
    again = stranger.post(f"/d/{token}", data={"answer": "approve", "name": CUSTOMER_OWNER})
    assert again.status_code == 409 and "the recorded decision stands" in again.text


def test_a_manager_asks_by_page_and_takes_it_back(
    engine: Engine, manager: TestClient, stranger: TestClient, in_force: None
) -> None:
    assert "No exclusion has been asked for" in manager.get("/agreements/SLA-1").text
    sent = WINDOW | {"attribute": "service", "value": "E-mail"}
    answer = manager.post("/agreements/SLA-1/exclusions", data=sent)
    assert answer.headers["location"] == "/agreements/SLA-1#exclusions"
    shown = manager.get("/agreements/SLA-1").text
    assert "Exclusion 1, for service E-mail: the customer is asked." in shown
    assert "Exclusion asked for" in shown and "Request about an exclusion" in shown
    with reading(engine) as session:
        row = session.exec(select(Exclusion)).one()
        assert row.population == {"service": "E-mail"} and row.asked_by.name == MANAGER
        token = token_to(session, CUSTOMER_OWNER)
    withdrawn = manager.post("/agreements/SLA-1/exclusions/1/withdraw", data={"reason": "the wrong day"})
    assert withdrawn.status_code == 303
    assert "is withdrawn: the wrong day" in stranger.get(f"/d/{token}").text
    with reading(engine) as session:
        assert [letter.to_name for letter in letters(session, "exclusion_void")] == [CUSTOMER_OWNER]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"reason": " "}, "give the reason"),
        ({"ends": "2026-03-17T08:00"}, "must end after"),
        ({"starts": "tomorrow"}, "is not a date and time such as"),
        ({"attribute": "service"}, "wants both"),
        ({"ticket": "T0"}, "there is no ticket"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    engine: Engine, manager: TestClient, in_force: None, changes: dict[str, str], line: str
) -> None:
    before = everything(engine)
    answer = manager.post("/agreements/SLA-1/exclusions", data=WINDOW | changes)
    assert answer.status_code in (400, 409, 422) and line in answer.text
    assert everything(engine) == before


def test_only_who_is_signed_in_asks(stranger: TestClient, in_force: None) -> None:
    assert stranger.post("/agreements/SLA-1/exclusions", data=WINDOW).status_code in (303, 401, 403)
    assert stranger.get("/api/agreements/SLA-1/exclusions").status_code == 401


def test_a_program_asks_lists_and_takes_back(program: TestClient, in_force: None) -> None:
    asked = {"from": "2026-03-17T08:00:00Z", "to": "2026-03-17T18:00:00Z", "reason": "maintenance"}
    made = program.post("/api/agreements/SLA-1/exclusions", json=asked).json()
    assert (made["number"], made["state"], made["scope"], made["asked_by"]) == (
        1,
        "asked",
        "everything",
        MANAGER,
    )
    assert program.get("/api/agreements/SLA-1/exclusions").json() == [made]
    again = program.post("/api/agreements/SLA-1/exclusions", json=asked)
    assert again.status_code in (400, 409, 422) and "asks for the same" in again.json()["error"]
    taken = program.post("/api/agreements/SLA-1/exclusions/1/withdraw", json={"reason": "the wrong day"})
    assert taken.json()["state"] == "withdrawn"
    assert (
        program.post("/api/agreements/SLA-1/exclusions/9/withdraw", json={"reason": "x"}).status_code == 404
    )
    account = program.get("/api/agreements/SLA-1").json()
    assert [row["state"] for row in account["exclusions"]] == ["withdrawn"] and account["restatements"] == []


def test_the_agreement_page_shows_what_is_restated(
    manager: TestClient, stranger: TestClient, token: str
) -> None:
    stranger.post(f"/d/{token}", data={"answer": "approve", "name": CUSTOMER_OWNER})
    shown = manager.get("/agreements/SLA-1").text
    assert "restated; reported 26 of 30" in shown
    assert "Restated periods" in shown and "Figures restated" in shown
    assert f"{CUSTOMER_OWNER}: approved" in shown and PROVIDER in shown
