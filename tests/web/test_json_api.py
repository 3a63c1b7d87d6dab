"""The JSON API: the same accounts as on the command line, for programs with the key."""

from datetime import timedelta

import yaml
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from config.clock import now
from models.database import reading, transaction
from states.drafting import find_agreement
from states.overview import account, summary
from tests.states.builders import contents, written
from tests.web.visitors import KEY, everything, with_failed_trial

SLA = "/api/agreements/SLA-1"


def test_only_the_key_opens(app: FastAPI, engine: Engine) -> None:
    client = TestClient(app)
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {KEY}"}):
        answer = client.get("/api/agreements", headers=headers)
        assert answer.status_code == 401 and set(answer.json()) == {"error", "reasons"}
    assert client.get("/api/health").json() == {"status": "ok"}


def test_nobody_acts_in_the_engines_own_name(app: FastAPI) -> None:
    for name in ("policy", "sweep"):
        headers = {"authorization": f"Bearer {KEY}", "x-slm-actor": name}
        assert TestClient(app).get("/api/agreements", headers=headers).status_code == 401


def test_a_signed_in_manager_may_use_it_too(manager: TestClient) -> None:
    assert manager.get("/api/agreements").json() == []
    assert manager.get("/api/agreements", headers={"authorization": "Bearer wrong"}).status_code == 401


def test_an_agreement_is_applied_and_told_as_on_the_command_line(engine: Engine, program: TestClient) -> None:
    answer = program.put("/api/agreements", content=yaml.safe_dump(contents()))
    assert answer.status_code == 200 and answer.headers["location"] == SLA
    with reading(engine) as session:
        agreement = find_agreement(session, "SLA-1")
        assert program.get(SLA).json() == account(session, agreement) == answer.json()
        assert program.get("/api/agreements").json() == [summary(agreement)]
    assert program.put("/api/agreements", json=contents(title="Renamed")).status_code == 200
    assert program.get("/api/agreements").json()[0]["title"] == "Renamed"


def test_a_bad_document_is_refused_with_what_and_where(engine: Engine, program: TestClient) -> None:
    before = everything(engine)
    wrong = contents(owner="nobody@nowhere.example")
    answer = program.put("/api/agreements", json=wrong)
    assert answer.status_code == 422 and "nobody@nowhere.example is not among" in answer.json()["error"]
    assert program.put("/api/agreements", content=b"\xff").status_code == 422
    assert program.put("/api/agreements", content=b"x" * 1_000_001).status_code == 413
    assert everything(engine) == before


def test_a_move_is_looked_at_first_and_then_made(engine: Engine, program: TestClient) -> None:
    with transaction(engine) as session:
        written(session)
    before = everything(engine)
    looked = program.post(f"{SLA}/advance", json={"trigger": "start_trial", "dry_run": True})
    assert looked.json() == {
        "trigger": "start_trial",
        "from": "requirements",
        "to": "trial_run",
        "effect": "trial opened with its end fixed, both sides told",
        "blocked": [],
    }
    assert everything(engine) == before
    moved = program.post(f"{SLA}/advance", json={"trigger": "start_trial"}).json()
    assert moved["stage"] == "trial_run" and moved["history"][-1]["actor"] == "Service manager"
    later = (now() + timedelta(days=90)).isoformat()
    assert program.post(f"{SLA}/advance", json={"trigger": "extend_trial", "until": later}).status_code == 200


def test_a_blocked_move_says_everything_that_blocks(engine: Engine, program: TestClient) -> None:
    with transaction(engine) as session:
        written(session, services=[], evidence_source="")
    for dry_run in (True, False):
        answer = program.post(f"{SLA}/advance", json={"trigger": "start_trial", "dry_run": dry_run})
        assert answer.status_code == 409
        assert answer.json()["error"] == "SLA-1: start_trial is blocked"
        assert "no service is named" in answer.json()["blocked"] == answer.json()["reasons"]


def test_what_does_not_fit_is_refused_in_one_line(engine: Engine, program: TestClient) -> None:
    with transaction(engine) as session:
        version = written(session).row_version
    assert program.post(f"{SLA}/advance", json={"trigger": "renew"}).status_code == 409
    assert program.post(f"{SLA}/advance", json={"trigger": "fly"}).status_code == 409
    asked = {"trigger": "start_trial", "expected_version": version - 1}
    assert "somebody else" in program.post(f"{SLA}/advance", json=asked).json()["error"]
    invalid = program.post(f"{SLA}/advance", json={"trigger": "end", "until": "2026-01-01T00:00:00"})
    assert invalid.status_code == 422 and invalid.json()["reasons"][0].startswith("until: ")
    assert program.get("/api/agreements/NONE").status_code == 404
    assert program.get("/api/nowhere").json() == {"error": "There is nothing at this address.", "reasons": []}


def test_failing_targets_are_revised(engine: Engine, program: TestClient) -> None:
    with_failed_trial(engine)
    assert program.post(f"{SLA}/targets/P2/accept-risk", json={"reason": ""}).status_code == 409
    risky = program.post(f"{SLA}/targets/P2/accept-risk", json={"reason": "known"}).json()
    assert risky["versions"][0]["targets"][0]["accepted_risk"] == "known (Service manager)"
    adopted = program.post(f"{SLA}/targets/P2/adopt").json()
    assert adopted["versions"][0]["targets"][0]["threshold_s"] > 8 * 3600
    assert program.post(f"{SLA}/targets/P9/adopt").status_code == 404
