"""A real browser on the real application: Chromium with an empty profile, and what a person does with it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from fastapi import FastAPI
from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}

needs_chromium = pytest.mark.skipif(
    not (CHROMIUM.exists() and DRIVER.exists()), reason="Chromium and its driver are not installed"
)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve the application on loopback and give its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = Thread(target=server.run, args=([listening],))
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


@contextmanager
def chromium(profile: Path, *, scripts: bool = False) -> Iterator[webdriver.Chrome]:
    """Give a browser, with JavaScript switched off unless `scripts`."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in [*FLAGS.split(), f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    yield driver
    driver.quit()


def text_on(browser: webdriver.Chrome) -> str:
    """Return what a person reads on the page."""
    return browser.find_element(By.TAG_NAME, "main").text


def press(browser: webdriver.Chrome, words: str) -> None:
    """Press a button or follow a link, and wait until the next page has taken this one's place."""
    this_page = browser.find_element(By.TAG_NAME, "main")
    _click(browser, By.XPATH, f"//main//*[self::button or self::a][contains(., '{words}')]")
    waiting = WebDriverWait(browser, 20)
    waiting.until(lambda _: _is_gone(this_page))
    waiting.until(expected_conditions.presence_of_element_located((By.TAG_NAME, "main")))


def choose(browser: webdriver.Chrome, answer: str) -> None:
    """Click one of the four answers."""
    _click(browser, By.ID, f"answer-{answer}")


def type_into(browser: webdriver.Chrome, field: str, words: str) -> None:
    """Type into a field that a person sees."""
    found = browser.find_element(By.ID, field)
    assert found.is_displayed(), f"{field} is hidden"
    found.send_keys(words)


def _is_gone(element: WebElement) -> bool:
    """Whether its page has been left; asked just while that happens, the driver has an error of its own."""
    try:
        element.is_enabled()
    except StaleElementReferenceException:
        return True
    except WebDriverException as error:
        if "does not belong to the document" in str(error.msg):
            return True
        raise
    return False


def _click(browser: webdriver.Chrome, by: str, what: str) -> None:
    """Click as soon as it can be clicked: a page that is still being laid out moves things about."""
    waiting = WebDriverWait(browser, 20, ignored_exceptions=[ElementClickInterceptedException])
    waiting.until(expected_conditions.element_to_be_clickable((by, what)))
    waiting.until(_clicked(by, what))


def _clicked(by: str, what: str) -> Callable[[webdriver.Chrome], bool]:
    def click(browser: webdriver.Chrome) -> bool:
        browser.find_element(by, what).click()
        return True

    return click
