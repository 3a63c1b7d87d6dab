"""A manager and a signatory with a real browser, without any JavaScript."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from fastapi import FastAPI
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.wait import WebDriverWait
from sqlalchemy import Engine
from sqlmodel import select

from config.clock import now
from models.agreements import Agreement, Stage
from models.database import reading, transaction
from tests.states.builders import CUSTOMER_OWNER, PROVIDER, token_to, written
from tests.web.visitors import KEY

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}

pytestmark = pytest.mark.skipif(
    not (CHROMIUM.exists() and DRIVER.exists()), reason="Chromium and its driver are not installed"
)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """The application, served on loopback."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = Thread(target=server.run, args=([listening],))
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """Chromium with an empty profile and JavaScript switched off."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in [*FLAGS.split(), f"--user-data-dir={tmp_path / 'profile'}"]:
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    yield driver
    driver.quit()


def _text(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "main").text


def _press(browser: webdriver.Chrome, words: str) -> None:
    """Press a button or follow a link, and wait until the next page has taken this one's place."""
    this_page = browser.find_element(By.TAG_NAME, "main")
    browser.find_element(By.XPATH, f"//main//*[self::button or self::a][contains(., '{words}')]").click()
    waiting = WebDriverWait(browser, 20)
    waiting.until(expected_conditions.staleness_of(this_page))
    waiting.until(expected_conditions.presence_of_element_located((By.TAG_NAME, "main")))


def test_an_agreement_is_offered_and_signed_by_page(
    engine: Engine, address: str, browser: webdriver.Chrome
) -> None:
    with transaction(engine) as session:
        written(session, now() - timedelta(hours=1))

    browser.get(f"{address}/sign-in?key={KEY}")
    _press(browser, "Sign in")
    assert "Requirements" in _text(browser) and "Ready for its trial" in _text(browser)
    _press(browser, "SLA-1")
    _press(browser, "Skip trial")
    browser.find_element(By.ID, "reason").send_keys("the service is well known")
    _press(browser, "Skip trial")
    assert "SLA-1 is in signing now" in _text(browser)

    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    with reading(engine) as session:
        tokens = {name: token_to(session, name) for name in (CUSTOMER_OWNER, PROVIDER)}
    for name, token in tokens.items():
        browser.get(f"{address}/d/{token}")
        assert f"You are taken for {name}" in _text(browser)
        browser.find_element(By.CSS_SELECTOR, "input[value=approve]").click()
        browser.find_element(By.ID, "name").send_keys(name)
        _press(browser, "Send my decision")
        assert "Your decision is recorded" in _text(browser)

    browser.get(f"{address}/agreements/SLA-1")
    assert "version 1 since" in _text(browser)
    with reading(engine) as session:
        assert session.exec(select(Agreement.stage)).one() == Stage.MONITORING


def test_nothing_is_wider_than_a_small_phone(engine: Engine, address: str, browser: webdriver.Chrome) -> None:
    with transaction(engine) as session:
        written(session)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    browser.get(f"{address}/sign-in?key={KEY}")
    _press(browser, "Sign in")
    for path in ("/", "/agreements/SLA-1", "/agreements/SLA-1/draft", "/agreements/SLA-1/advance/end"):
        browser.get(address + path)
        metrics = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
        assert metrics["cssContentSize"]["width"] <= PHONE["width"], path
