"""Pages load nothing from elsewhere and run nothing; in both colour schemes they can be read."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STYLE = (ROOT / "web" / "static" / "style.css").read_text("utf-8")
TEMPLATES = [path for folder in ("pages", "charts") for path in (ROOT / "templates" / folder).glob("*.j2")]
SCHEMES = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in STYLE.split("}")[:2]]
TEXT_ON_GROUND = [
    *((text, ground) for text in ("ink", "soft", "accent", "bad") for ground in ("paper", "card")),
    *((kind, f"{kind}-tint") for kind in ("good", "bad", "wait")),
    ("soft", "quiet-tint"),
    ("ink", "tint"),
    ("ink", "wait-tint"),
    ("ink", "bad-tint"),
    ("accent", "tint"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("card", "bad"),
    ("ink", "field"),
]


def test_there_is_a_light_and_a_dark_scheme() -> None:
    assert len(SCHEMES) == 2 and SCHEMES[0].keys() == SCHEMES[1].keys() > {"ink", "paper", "accent"}


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read_on_its_ground(scheme: int, text: str, ground: str) -> None:
    """WCAG 2.2, success criterion 1.4.3: 4.5 to 1."""
    colours = SCHEMES[scheme]
    assert _contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1])
def test_fields_can_be_seen(scheme: int) -> None:
    """WCAG 2.2, success criterion 1.4.11: 3 to 1."""
    colours = SCHEMES[scheme]
    for ground in ("card", "field"):
        assert _contrast(colours["field-line"], colours[ground]) >= 3


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_loads_and_runs_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:|https?://|\|\s*safe", text)


def test_the_stylesheet_loads_nothing() -> None:
    assert "url(" not in STYLE and "@import" not in STYLE and "http" not in STYLE


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
