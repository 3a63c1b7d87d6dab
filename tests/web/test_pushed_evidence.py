"""Evidence pushed by programs: kept at once, the same twice changes nothing, nobody without the key."""

import json

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from tests.web.visitors import KEY, everything

UPDATES = [
    {"id": "T1", "state": state, "at": f"2026-03-02T{clock}Z", "customer": "Hospital", "priority": 2}
    for state, clock in (
        ("new", "09:00"),
        ("in_progress", "09:30"),
        ("dancing", "10:00"),
        ("resolved", "11:00"),
    )
]
LINES = "\n".join(map(json.dumps, UPDATES))


def test_lines_and_lists_are_kept_once(program: TestClient) -> None:
    first = program.post("/api/evidence/desk", content=LINES)
    assert first.status_code == 200
    told = first.json()
    assert (told["source"], told["rows"], told["new_tickets"], told["new_intervals"]) == ("desk", 4, 1, 3)
    assert told["rejected_first"] == [
        {"line": 3, "column": "state", "reason": "state 'dancing' is not in the mapping feed"}
    ]
    again = program.post("/api/evidence/desk", json=UPDATES).json()
    assert (again["rows"], again["new_tickets"], again["new_intervals"]) == (4, 0, 0)
    assert program.post("/api/evidence/other", json=UPDATES[0]).json()["new_tickets"] == 1


def test_what_follows_is_added_to_what_there_is(program: TestClient) -> None:
    for number, update in enumerate(UPDATES[:2] + UPDATES[3:]):
        told = program.post("/api/evidence/desk", json=update).json()
        assert (told["new_tickets"], told["new_intervals"]) == (int(number == 0), 1)


def test_only_the_key_opens(app: FastAPI, engine: Engine) -> None:
    before = everything(engine)
    for headers in ({}, {"authorization": "Bearer wrong"}):
        answer = TestClient(app).post("/api/evidence/desk", content=LINES, headers=headers)
        assert answer.status_code in (401, 403)
    assert everything(engine) == before


def test_what_cannot_be_is_refused_with_one_line(app: FastAPI, engine: Engine) -> None:
    client = TestClient(app, headers={"authorization": f"Bearer {KEY}"})
    before = everything(engine)
    for path, content, said in (
        ("desk", b"", "the body: JSON lines or a JSON list of records are wanted"),
        ("desk", b"id,state\n", "the body: JSON lines"),
        ("..%2Fdesk", LINES, ""),
        ("a desk", LINES, "is no evidence source"),
        ("desk?mapping=/etc/passwd.toml", LINES, "there is no mapping"),
        ("desk?mapping=xes", LINES, "JSON is what is pushed"),
        ("desk", b"[" * 10_000, "nested too deeply"),
        ("desk", b'[{"id": ', "not JSON, or cut off"),
    ):
        answer = client.post(f"/api/evidence/{path}", content=content)
        assert answer.status_code in (404, 422) and said in answer.json()["error"]
    assert client.post("/api/evidence/desk", content=b"[" + b" " * 1_000_001).status_code == 413
    assert everything(engine) == before
