"""A manager and a signatory with a real browser, without any JavaScript."""

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
from models.database import reading, transaction
from states.baselines import make
from states.requirement_conversation import challenge
from states.requirements_document import issue
from tests.states.builders import CUSTOMER_OWNER, MANAGER, PROVIDER, add_tickets, token_to, written
from tests.web.browsing import PHONE, choose, chromium, needs_chromium, press, served, text_on, type_into
from tests.web.visitors import KEY

pytestmark = needs_chromium


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as found:
        yield found


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path / "profile") as driver:
        yield driver


def test_an_agreement_is_offered_and_signed_by_page(
    engine: Engine, address: str, browser: webdriver.Chrome
) -> None:
    with transaction(engine) as session:
        written(session, now() - timedelta(hours=1))

    browser.get(f"{address}/sign-in?key={KEY}")
    press(browser, "Sign in")
    assert "Requirements" in text_on(browser) and "Ready for its trial" in text_on(browser)
    press(browser, "SLA-1")
    press(browser, "Skip trial")
    browser.find_element(By.ID, "reason").send_keys("the service is well known")
    press(browser, "Skip trial")
    assert "SLA-1 is in signing now" in text_on(browser)

    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    with reading(engine) as session:
        tokens = {name: token_to(session, name) for name in (CUSTOMER_OWNER, PROVIDER)}
    for name, token in tokens.items():
        browser.get(f"{address}/d/{token}")
        assert f"You are taken for {name}" in text_on(browser)
        choose(browser, "approve")
        type_into(browser, "name", name)
        press(browser, "Send my decision")
        assert "Your decision is recorded" in text_on(browser)

    browser.get(f"{address}/agreements/SLA-1")
    assert "version 1 since" in text_on(browser)
    with reading(engine) as session:
        assert session.exec(select(Agreement.stage)).one() == Stage.MONITORING


@pytest.mark.campaign
def test_nothing_is_wider_than_a_small_phone(engine: Engine, address: str, browser: webdriver.Chrome) -> None:
    with transaction(engine) as session:
        written(session)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    browser.get(f"{address}/sign-in?key={KEY}")
    press(browser, "Sign in")
    for path in ("/", "/agreements/SLA-1", "/agreements/SLA-1/draft", "/agreements/SLA-1/advance/end"):
        browser.get(address + path)
        metrics = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
        assert metrics["cssContentSize"]["width"] <= PHONE["width"], path


@pytest.mark.campaign
def test_requirements_and_their_document_fit_a_small_phone(
    engine: Engine, address: str, browser: webdriver.Chrome
) -> None:
    """With a history to hold them against, a chart, and words that nobody can break: an address."""
    long = "see https://intranet.harbour.example/" + "service_level_requirements/" * 3
    day = now() - timedelta(days=1)
    with transaction(engine) as session:
        stated = [
            {"text": f"Mail comes back: {long}", "target": "P2", "business_reason": long},
            {"text": long, "settlement": "dropped", "reason": long},
        ]
        agreement = written(session, day, requirements=stated)
        add_tickets(session, day - timedelta(weeks=10), 60)
        challenge(session, agreement, 1, MANAGER, day)
        make(session, agreement, MANAGER, day)
        issue(session, agreement, MANAGER, day)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    browser.get(f"{address}/sign-in?key={KEY}")
    press(browser, "Sign in")
    for path in ("/agreements/SLA-1", "/agreements/SLA-1/requirements/1"):
        browser.get(address + path)
        assert "intranet.harbour.example" in text_on(browser)
        metrics = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
        assert metrics["cssContentSize"]["width"] <= PHONE["width"], path
