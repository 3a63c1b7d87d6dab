"""Pages of promises that are no tickets': availabilities in minutes, costs in money."""

import json
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from models.database import reading, transaction
from models.reviews import ExperienceReport
from tests.states.builders import conclude, in_trial, trial_of
from tests.states.other_promises import TARGETS, month_of_every_kind, outage


def test_a_month_of_every_kind_reads_well(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        month_of_every_kind(session)
    with reading(engine) as session:
        report = session.exec(select(ExperienceReport)).one().id
    for address in ("/agreements/SLA-1", f"/reports/{report}"):
        answer = manager.get(address)
        assert answer.status_code == 200, address
        text = answer.text.replace("\u00a0", " ")
        assert "99.08 %" in text and "of 13,080 min" in text and "784800" not in text
        assert "1,220.5 EUR" in text and "of at most 1,200 EUR" in text
        assert "199,980 of 200,000 requests" in text
        assert "40 of 40" in text


def test_a_trial_of_an_availability_and_a_cost(engine: Engine, manager: TestClient) -> None:
    targets = [
        {"calendar": "office", **TARGETS[1], "objective": "99.9 %"},
        {"calendar": "office", **TARGETS[4]},
    ]
    with transaction(engine) as session:
        needs = [{"text": "Mail works", "target": "UP", "settlement": "accepted"}]
        agreement = in_trial(session, targets=targets, requirements=needs)
        trial = trial_of(session, agreement)
        outage(session, trial.starts_at - timedelta(days=1), timedelta(hours=1))
        outage(session, trial.starts_at + timedelta(days=1), timedelta(hours=1))
    assert manager.get("/agreements/SLA-1").status_code == 200
    with transaction(engine) as session:
        conclude(session, session.merge(agreement))
    text = manager.get("/agreements/SLA-1").text.replace("\u00a0", " ")
    assert "99.33 %" in text and "of 9,000 min" in text and "no cost known" in text


def test_values_are_pushed(program: TestClient) -> None:
    values = [
        {"name": "requests", "period": "2026-03", "value": 99, "total": 100},
        {"name": "requests", "period": "2026-04", "value": 101, "total": 100},
    ]
    first = program.post("/api/evidence/desk?mapping=values", content="\n".join(map(json.dumps, values)))
    told = first.json()
    assert (told["source"], told["rows"], told["new_values"], told["rejected"]) == ("desk", 2, 1, 1)
    assert program.post("/api/evidence/desk?mapping=values", json=values).json()["new_values"] == 0
