"""Signatories with a real browser, with and without JavaScript: sign with a code, hand over, ask, decline."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from selenium import webdriver
from selenium.webdriver.common.by import By
from sqlalchemy import Engine
from sqlmodel import select

from config.clock import now
from models.agreements import Agreement, Stage
from models.audit import AuditEvent
from models.database import reading, transaction
from tests.states.builders import BOARD, CUSTOMER_OWNER, PROVIDER, contents, letters, offered, token_to
from tests.web.browsing import PHONE, choose, chromium, needs_chromium, press, served, text_on, type_into

pytestmark = [needs_chromium, pytest.mark.campaign]
PROVIDER_SIGNS, OWNER_SIGNS = contents()["signatories"]


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as found:
        yield found


@pytest.fixture(params=["without JavaScript", "with JavaScript"])
def browser(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path / "profile", scripts=request.param == "with JavaScript") as driver:
        yield driver


def token_of(engine: Engine, name: str) -> str:
    with reading(engine) as session:
        return token_to(session, name)


def code_in_letter(engine: Engine) -> str:
    with reading(engine) as session:
        found = re.search(r"One-time code: ([0-9]{6})", letters(session, "approval_code")[-1].text)
    assert found
    return found[1]


def test_handed_over_signed_with_a_code_and_declined(
    engine: Engine, address: str, browser: webdriver.Chrome
) -> None:
    with transaction(engine) as session:
        offered(
            session,
            now() - timedelta(hours=1),
            signatories=[PROVIDER_SIGNS, {**OWNER_SIGNS, "assurance": "L3"}],
        )

    browser.get(f"{address}/d/{token_of(engine, CUSTOMER_OWNER)}")
    assert not [row for row in browser.find_elements(By.NAME, "answer") if row.is_selected()]
    assert not browser.find_element(By.ID, "name").is_displayed(), "what is typed belongs to an answer"
    press_anchor(browser)
    choose(browser, "hand_over")
    type_into(browser, "delegate", BOARD)
    type_into(browser, "email", "managing@harbour.example")
    type_into(browser, "why", "the board decides")
    type_into(browser, "name", CUSTOMER_OWNER)
    press(browser, "Mail me the code")
    assert browser.find_element(By.ID, "delegate").get_attribute("value") == BOARD, "kept as typed"
    type_into(browser, "code", code_in_letter(engine))
    press(browser, "Send my decision")
    assert f"{BOARD} is asked to decide" in text_on(browser)

    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    browser.get(f"{address}/d/{token_of(engine, BOARD)}")
    assert f"in the place of {CUSTOMER_OWNER}" in text_on(browser)
    choose(browser, "approve")
    type_into(browser, "name", BOARD)
    press(browser, "Mail me the code")
    width = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]["width"]
    assert width <= PHONE["width"]
    code = code_in_letter(engine)
    type_into(browser, "code", f"{code[:3]} {code[3:]}")
    press(browser, "Send my decision")
    assert "typed full name and a mailed one-time code" in text_on(browser)

    browser.get(f"{address}/d/{token_of(engine, PROVIDER)}")
    choose(browser, "ask")
    type_into(browser, "question", "What of Sundays?")
    press(browser, "Send my decision")
    assert "has not answered yet" in text_on(browser)
    choose(browser, "decline")
    type_into(browser, "name", PROVIDER)
    type_into(browser, "reason", "we cannot do it")
    press(browser, "Send my decision")
    assert "Your decision is recorded" in text_on(browser) and "declined version 1" in text_on(browser)
    with reading(engine) as session:
        assert session.exec(select(Agreement.stage)).one() == Stage.REQUIREMENTS
        kept = [row.data for row in session.exec(select(AuditEvent)) if row.kind == "decision"]
    assert all('"sec-fetch-user":"?1"' in data for data in kept), "a person pressed the button"


def press_anchor(browser: webdriver.Chrome) -> None:
    """Follow "Not you? Hand it over", which leads to the choice on the same page and chooses nothing."""
    browser.find_element(By.LINK_TEXT, "Hand it over").click()
    assert browser.current_url.endswith("#answer-hand_over")
    assert not browser.find_element(By.ID, "answer-hand_over").is_selected()
