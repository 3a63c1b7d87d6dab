"""What other sites make a browser send is refused; what every answer tells the browser."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from models.database import transaction
from tests.states.builders import written
from tests.web.visitors import KEY, everything, visitor

END = "/agreements/SLA-1/advance/end"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"sec-fetch-site": "", "origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
def test_a_session_cookie_alone_moves_nothing(
    engine: Engine, app: FastAPI, manager: TestClient, headers: dict[str, str]
) -> None:
    with transaction(engine) as session:
        written(session)
    before = everything(engine)
    elsewhere = TestClient(app, cookies=dict(manager.cookies), follow_redirects=False)
    answer = elsewhere.post(END, data={"expected_version": "1", "reason": "mischief"}, headers=headers)
    assert answer.status_code == 403
    assert everything(engine) == before


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": "http://testserver"}],
)
def test_our_own_pages_may(
    engine: Engine, app: FastAPI, manager: TestClient, headers: dict[str, str]
) -> None:
    with transaction(engine) as session:
        version = written(session).row_version
    own = TestClient(app, cookies=dict(manager.cookies), follow_redirects=False)
    answer = own.post(END, data={"expected_version": str(version), "reason": "over"}, headers=headers)
    assert answer.status_code == 303


def test_a_program_without_a_cookie_may_as_long_as_it_has_the_key(app: FastAPI) -> None:
    program = TestClient(app)
    assert program.post("/api/agreements/SLA-1/advance", json={"trigger": "end"}).status_code == 401
    key = {"authorization": f"Bearer {KEY}"}
    assert (
        program.post("/api/agreements/SLA-1/advance", json={"trigger": "end"}, headers=key).status_code == 404
    )


@pytest.mark.parametrize("path", ["/", "/sign-in", "/d/unknown", "/nowhere", "/api/health"])
def test_every_answer_is_kept_from_scripts_frames_and_caches(app: FastAPI, path: str) -> None:
    headers = visitor(app).get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe-inline" not in policy and "script-src 'none'" in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_a_fault_of_ours_shows_no_traceback(app: FastAPI) -> None:
    @app.get("/fault")
    def fault() -> None:
        raise RuntimeError("a secret of the house")

    answer = TestClient(app, raise_server_exceptions=False).get("/fault")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text and "secret of the house" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_no_documentation_page_loads_scripts_from_elsewhere(stranger: TestClient) -> None:
    assert stranger.get("/docs").status_code == 404
    assert stranger.get("/redoc").status_code == 404
    assert stranger.get("/api/openapi.json").json()["info"]["title"] == "slmcycle"
