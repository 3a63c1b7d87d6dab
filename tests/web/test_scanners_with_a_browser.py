"""A mail scanner that is a whole browser: it runs scripts and clicks every control of every letter's page."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from sqlalchemy import Engine

from models.database import transaction
from tests.web.browsing import chromium, needs_chromium, served
from tests.web.letters_pages import LETTERS_PAGES, decision_at
from tests.web.visitors import everything

pytestmark = [needs_chromium, pytest.mark.campaign]
CONTROLS = "main a, main button, main input, main textarea, main summary, main label"
BUTTONS = "main button"
PAGES = {level: decision_at(level) for level in ("L1", "L2", "L3")} | LETTERS_PAGES


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("scanner") / "profile", scripts=True) as driver:
        yield driver


def controls(browser: webdriver.Chrome) -> list[WebElement]:
    """What can be clicked, the browser's own check of what is missing switched off."""
    browser.execute_script("for (const form of document.forms) form.noValidate = true")
    return browser.find_elements(By.CSS_SELECTOR, CONTROLS)


def click(control: WebElement) -> None:
    try:
        control.click()
    except WebDriverException:
        return  # hidden, covered, or gone with the page that it was on


@pytest.mark.parametrize("name", [*PAGES])
def test_it_clicks_everything_one_by_one_and_after_another_and_changes_nothing(
    engine: Engine, app: FastAPI, browser: webdriver.Chrome, name: str
) -> None:
    with transaction(engine) as session:
        path = PAGES[name](session)
    before = everything(engine)
    with served(app) as address:
        browser.get(address + path)
        number = len(controls(browser))
        assert number or name in ("report", "signed")
        for place in range(number):  # each by itself, on a fresh page
            browser.get(address + path)
            click(controls(browser)[place])
        for place in range(len(browser.find_elements(By.CSS_SELECTOR, BUTTONS))):  # choices, then a button
            browser.get(address + path)
            for control in controls(browser):
                if control.tag_name == "input":
                    click(control)
            click(browser.find_elements(By.CSS_SELECTOR, BUTTONS)[place])
        browser.get("about:blank")
    assert everything(engine) == before
