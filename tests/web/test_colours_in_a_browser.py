"""Letters and pages as a browser computes them: contrast, in dark mode too, and a letter's width."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from selenium import webdriver
from sqlalchemy import Engine

from config.clock import now
from models.database import transaction
from tests.states.builders import CUSTOMER_OWNER, letters, offered, token_to
from tests.states.mailed import signatories_at, take_answers
from tests.web.browsing import PHONE, chromium, needs_chromium, served

pytestmark = needs_chromium

LEAST = 4.5  # WCAG 2.2, 1.4.3, for text of ordinary size
# of every element that holds text itself and is shown: what it says, its colour, and what lies behind it
COLOURS = """
const shown = [];
for (const one of document.querySelectorAll("body *")) {
  const own = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  if (!own || !one.getClientRects().length) continue;
  let behind = one;
  while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
  shown.push([one.textContent.trim().slice(0, 40), getComputedStyle(one).color,
              getComputedStyle(behind).backgroundColor]);
}
return shown;
"""


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path / "profile", scripts=True) as driver:
        yield driver


@pytest.fixture
def asked(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> str:
    """A signatory who may answer by mail; the token of the page."""
    take_answers(monkeypatch)
    with transaction(engine) as session:
        offered(session, now() - timedelta(hours=1), signatories=signatories_at("L1"))
        return token_to(session, CUSTOMER_OWNER)


@pytest.fixture
def letter(engine: Engine, asked: str, tmp_path: Path) -> str:
    """The address of a file with the HTML of a letter."""
    file = tmp_path / "letter.html"
    with transaction(engine) as session:
        file.write_text(letters(session, "approval_request")[0].html, "utf-8")
    return file.as_uri()


def contrasts(browser: webdriver.Chrome) -> dict[str, float]:
    """The contrast of every text on the page, by its words."""
    shown: list[list[str]] = browser.execute_script(COLOURS)
    return {words: contrast(_luminance(text), _luminance(behind)) for words, text, behind in shown}


def contrast(one: float, other: float) -> float:
    """Return the contrast of two relative luminances (WCAG 2.2)."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _luminance(colour: str) -> float:
    numbers = [float(part) for part in colour.partition("(")[2].rstrip(")").split(",")]
    assert len(numbers) == 3 or numbers[3] == 1, f"{colour} lets through what is behind it"
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (number / 255 for number in numbers[:3])
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def prefer(browser: webdriver.Chrome, scheme: str) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )


@pytest.mark.campaign
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(
    browser: webdriver.Chrome, app: FastAPI, asked: str, letter: str, scheme: str
) -> None:
    prefer(browser, scheme)
    with served(app) as address:
        for where in (letter, f"{address}/d/{asked}", f"{address}/sign-in"):
            browser.get(where)
            found = contrasts(browser)
            assert len(found) > 3, where
            assert {words: ratio for words, ratio in found.items() if ratio < LEAST} == {}, where


def test_dark_mode_is_dark(browser: webdriver.Chrome, letter: str) -> None:
    brightness = []
    for scheme in ("light", "dark"):
        prefer(browser, scheme)
        browser.get(letter)
        behind: str = browser.execute_script(
            "return getComputedStyle(document.querySelector('.card')).backgroundColor"
        )
        brightness.append(_luminance(behind))
    assert brightness[0] > 0.8 and brightness[1] < 0.1


def test_a_letter_is_600_pixels_wide_and_fits_a_phone(browser: webdriver.Chrome, letter: str) -> None:
    def width(of: str) -> float:
        found: float = browser.execute_script(
            f"return document.querySelector('{of}').getBoundingClientRect().width"
        )
        return found

    browser.get(letter)
    browser.set_window_size(1200, 900)
    assert width(".card") == 600
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    browser.get(letter)
    assert width(".card") <= PHONE["width"]
    overflow: int = browser.execute_script("return document.documentElement.scrollWidth")
    assert overflow <= PHONE["width"], "nothing has to be scrolled sideways"
