"""Signing in: the key opens, GET changes nothing, and who acts is a person of the agreements."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import Engine
from starlette.testclient import TestClient

from config.clock import simulated
from models.database import transaction
from tests.states.builders import MONDAY, contents, written
from tests.web.visitors import FROM_OUR_PAGE, KEY, sign_in, visitor
from web.app import create_app


def test_every_managers_page_leads_to_the_sign_in_form_and_back(stranger: TestClient) -> None:
    answer = stranger.get("/agreements/SLA-1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fagreements%2FSLA-1"
    answer = stranger.post("/sign-in", data={"key": KEY, "next": "/agreements/SLA-1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/agreements/SLA-1")


def test_the_address_of_the_terminal_fills_the_form_in_and_signs_nobody_in(stranger: TestClient) -> None:
    answer = stranger.get(f"/sign-in?key={KEY}")
    assert answer.status_code == 200 and f'value="{KEY}"' in answer.text
    assert "set-cookie" not in answer.headers
    assert stranger.get("/").status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: TestClient) -> None:
    cookie = sign_in(stranger).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "max-age=43200" in cookie
    assert stranger.get("/").status_code == 200


def test_a_wrong_key_opens_nothing_and_ten_of_them_shut_the_door(stranger: TestClient) -> None:
    for _ in range(10):
        assert stranger.post("/sign-in", data={"key": "guess"}).status_code == 403
    assert stranger.post("/sign-in", data={"key": "guess"}).status_code == 429
    assert stranger.get("/").status_code == 303


def _post(client: TestClient, key: str) -> Response:
    answer: Response = client.post("/sign-in", data={"key": key})
    return answer


def _get(client: TestClient, key: str) -> Response:
    answer: Response = client.get(f"/sign-in?key={key}")
    return answer


def _as_program(client: TestClient, key: str) -> Response:
    answer: Response = client.get("/api/agreements", headers={"authorization": f"Bearer {key}"})
    return answer


@pytest.mark.parametrize("way", [_post, _get, _as_program])
def test_after_ten_wrong_keys_the_right_one_opens_nothing_for_a_minute_by_any_way(
    app: FastAPI, way: Callable[[TestClient, str], Response]
) -> None:
    guesser = visitor(app)
    with simulated(MONDAY):
        assert {way(guesser, f"guess{number}").status_code for number in range(10)} <= {200, 401, 403}
        for other in (_post, _get, _as_program):
            assert other(guesser, KEY).status_code == 429
        assert visitor(app).get("/sign-in").status_code == 200, "who guesses nothing is shown the form"
    with simulated(MONDAY + timedelta(seconds=61)):
        assert _post(guesser, KEY).status_code in (200, 303)


def test_who_is_signed_in_stays_so_whoever_guesses_at_the_same_address(
    manager: TestClient, stranger: TestClient
) -> None:
    for number in range(20):
        _post(stranger, f"guess{number}")
    assert manager.get("/").status_code == 200


def test_a_network_of_ipv6_is_one_address(app: FastAPI) -> None:
    def guess(network: str, number: int) -> int:
        somebody = TestClient(app, headers=FROM_OUR_PAGE, client=(f"2001:db8:0:{network}::{number:x}", 1))
        return _post(somebody, "guess").status_code

    statuses = [guess("0", number) for number in range(11)]
    assert statuses == [403] * 10 + [429]
    assert guess("1", 0) == 403


def test_without_a_key_nobody_signs_in(engine: Engine) -> None:
    closed = visitor(create_app(engine))
    assert closed.post("/sign-in", data={"key": ""}).status_code == 403
    assert "switched off" in closed.get("/sign-in").text
    assert closed.get("/api/agreements", headers={"authorization": "Bearer "}).status_code == 401


def test_the_only_manager_needs_no_choosing(engine: Engine, stranger: TestClient) -> None:
    with transaction(engine) as session:
        written(session)
    sign_in(stranger)
    assert "Service manager" in stranger.get("/").text


def test_one_of_several_managers_is_chosen(engine: Engine, stranger: TestClient) -> None:
    provider = contents()["provider"]
    provider["people"].append(
        {"name": "Deputy manager", "email": "deputy@northwind.example", "role": "manager"}
    )
    with transaction(engine) as session:
        written(session, provider=provider)
    assert "Deputy manager" not in stranger.get("/sign-in?key=guess").text
    choice = sign_in(stranger)
    assert choice.status_code == 200 and "Deputy manager" in choice.text and "Service manager" in choice.text
    assert sign_in(stranger, person="999").status_code == 200
    assert stranger.get("/").status_code == 303
    sign_in(stranger, person=choice.text.partition('name="person" value="')[2].partition('"')[0])
    assert "Deputy manager" in stranger.get("/").text


def test_signing_out_ends_it(manager: TestClient) -> None:
    assert manager.post("/sign-out").status_code == 303
    assert manager.get("/").status_code == 303


def test_another_key_ends_every_session(engine: Engine, manager: TestClient) -> None:
    later = visitor(create_app(engine, "another"))
    later.cookies = manager.cookies
    assert later.get("/").status_code == 303


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "evil"])
def test_the_way_back_leads_nowhere_else(app: FastAPI, elsewhere: str) -> None:
    answer = visitor(app).post("/sign-in", data={"key": KEY, "next": elsewhere})
    assert answer.headers["location"] == "/"
