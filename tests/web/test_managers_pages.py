"""What a manager sees at each stage, and moves by page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from config.clock import now
from models.agreements import Agreement, Stage
from models.database import reading, transaction
from models.reviews import ExperienceReport
from states.move import Trigger
from tests.states.builders import (
    MONDAY,
    draft,
    in_renegotiation,
    in_review,
    in_trial,
    monitored,
    move,
    offered,
    written,
)
from tests.web.visitors import Page, with_failed_trial

LIVES: dict[str, Callable[[Session], Agreement]] = {
    "requirements": written,
    "trial run": in_trial,
    "signing": offered,
    "monitoring": monitored,
    "review": in_review,
    "renegotiation": in_renegotiation,
}


def test_an_empty_board_says_what_to_do_first(manager: TestClient) -> None:
    text = manager.get("/").text
    assert "slm replay LOG --keep" in text and "slm apply FILE" in text


@pytest.mark.parametrize("stage", LIVES)
def test_board_and_page_tell_every_stage(engine: Engine, manager: TestClient, stage: str) -> None:
    with transaction(engine) as session:
        LIVES[stage](session)
    board = manager.get("/")
    assert "SLA-1" in board.text and "Harbour Logistics" in board.text
    answer = manager.get("/agreements/SLA-1")
    assert answer.status_code == 200
    assert f"The agreement is in the stage {stage}." in answer.text
    page = Page(answer)
    assert page.title == "SLA-1: Service desk for the harbour" and not page.scripts
    for link in sorted(set(page.links)):
        assert manager.get(link).status_code == 200, link


def test_an_ended_agreement_stands_below_and_has_no_way_on(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        move(session, written(session), Trigger.END, MONDAY, reason="merged")
    assert 'id="stage-ended"' in manager.get("/").text
    assert "there is no way on" in manager.get("/agreements/SLA-1").text


def test_the_board_can_be_searched_and_narrowed(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        written(session)
        written(session, reference="OLA-7", title="Network")
    found = manager.get("/?q=netw").text
    assert "OLA-7" in found and "SLA-1" not in found
    assert "OLA-7" not in manager.get("/?stage=signing").text
    assert manager.get("/?stage=nonsense&q=%25").status_code == 200


def test_a_trial_starts_from_its_confirmation_page(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        written(session)
    confirmation = manager.get("/agreements/SLA-1/advance/start_trial")
    assert "Trial opened with its end fixed" in confirmation.text
    assert "Head of delivery" in confirmation.text and "Business owner" in confirmation.text
    form = next(form for form in Page(confirmation).forms if form.action.endswith("start_trial"))
    answer = manager.post(form.action, data=form.fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/agreements/SLA-1")
    page = manager.get("/agreements/SLA-1").text
    assert "Start trial: done. SLA-1 is in trial run now." in page
    assert "done. SLA-1" not in manager.get("/agreements/SLA-1").text


def test_what_blocks_is_said_on_the_page_and_nothing_moves(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        version = written(session, services=[], responsibilities=[]).row_version
    text = manager.get("/agreements/SLA-1/advance/start_trial").text
    assert "no service is named" in text and "no responsibility of the customer is written down" in text
    answer = manager.post("/agreements/SLA-1/advance/start_trial", data={"expected_version": str(version)})
    assert answer.status_code == 409 and "no service is named" in answer.text
    assert _stage(engine) == Stage.REQUIREMENTS


def test_a_page_that_is_out_of_date_moves_nothing(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        version = written(session).row_version
    answer = manager.post(
        "/agreements/SLA-1/advance/start_trial", data={"expected_version": str(version - 1)}
    )
    assert answer.status_code == 409 and "changed by somebody else" in answer.text
    assert _stage(engine) == Stage.REQUIREMENTS


def test_a_trigger_of_another_stage_is_refused_in_words(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        written(session)
    answer = manager.get("/agreements/SLA-1/advance/renew")
    assert answer.status_code == 409 and "renew is not possible there" in answer.text
    assert manager.get("/agreements/NONE").status_code == 404
    assert manager.get("/agreements/SLA-1/advance/fly").status_code == 409


def test_a_trial_may_be_skipped_for_a_reason(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        version = written(session).row_version
    page = manager.get("/agreements/SLA-1/advance/skip_trial").text
    assert "This needs a reason, because:" in page and "not enough evidence" in page
    sent = {"expected_version": str(version), "reason": "well known"}
    assert manager.post("/agreements/SLA-1/advance/skip_trial", data=sent).status_code == 303
    assert "well known (manager)" in manager.get("/agreements/SLA-1").text


def test_a_running_trial_is_extended_to_a_later_day(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        version = in_trial(session, now()).row_version
    end = (now() + timedelta(days=40)).date().isoformat()
    sent = {"expected_version": str(version), "until": "soon"}
    refused = manager.post("/agreements/SLA-1/advance/extend_trial", data=sent)
    assert refused.status_code == 422 and "is not a date such as 2026-03-31" in refused.text
    sent = {"expected_version": str(version), "until": end}
    assert manager.post("/agreements/SLA-1/advance/extend_trial", data=sent).status_code == 303


def test_a_failing_target_is_revised_by_page(engine: Engine, manager: TestClient) -> None:
    with_failed_trial(engine)
    page = manager.get("/agreements/SLA-1")
    assert "Adopt 90" in page.text and "Accept the risk" in page.text
    assert manager.post("/agreements/SLA-1/targets/P2/adopt").status_code == 303
    assert "the counter-offer is in the draft" in manager.get("/agreements/SLA-1").text
    with reading(engine) as session:
        target = draft(session.exec(select(Agreement)).one()).targets[0]
        assert target.threshold_s > 8 * 3600
    assert manager.post("/agreements/SLA-1/targets/P9/adopt").status_code == 404


def test_a_risk_is_accepted_by_name_and_only_with_a_reason(engine: Engine, manager: TestClient) -> None:
    with_failed_trial(engine)
    address = "/agreements/SLA-1/targets/P2/accept-risk"
    assert manager.post(address, data={"reason": " "}).status_code == 409
    assert manager.post(address, data={"reason": "a new team starts"}).status_code == 303
    assert "a new team starts (manager)" in manager.get("/agreements/SLA-1").text


def test_a_sealed_version_is_shown_from_its_own_text(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        sha256 = offered(session).versions[0].sha256
    text = manager.get(f"/versions/{sha256}").text
    assert "90\u00a0% of priority 2 tickets resolved within 8 h" in text
    assert "Monday to Friday" in text and "08:00–18:00" in text
    assert "Record every ticket" in text and "Business owner" in text
    assert "Offered without a trial run" in text and str(sha256) in text
    assert manager.get("/versions/" + "0" * 64).status_code == 404


def test_reports_are_listed_and_shown(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        in_review(session)
        report = session.exec(select(ExperienceReport)).one().id
    assert f"/reports/{report}" in manager.get("/agreements/SLA-1").text
    text = manager.get(f"/reports/{report}").text
    assert "10 of 40" in text and "not kept" in text and "not met" in text
    assert manager.get("/reports/999").status_code == 404
    assert manager.get("/reports/first").status_code == 422


def _stage(engine: Engine) -> Stage:
    with reading(engine) as session:
        return Stage(session.exec(select(Agreement.stage)).one())
