"""The text of a version is the same whoever reads it."""

from states.version_text import document
from templates.render import environment

_CONTENTS = {
    "agreement": "SLA-Granite",
    "version": 1,
    "kind": "SLA",
    "title": "Workplace services",
    "provider": "Harbour IT Services",
    "customer": "Granite Works",
    "services": [],
    "waiver": "",
    "targets": [],
    "calendars": {},
    "requirements": [],
    "responsibilities": [],
    "signatories": [],
    "review_period": "month",
    "cost": {"amount": 4200, "currency": "EUR", "per": "month"},
    "valid_until": "2027-12-31T00:00:00+00:00",
}


def _text(language: str) -> str:
    page = environment(language).from_string(
        '{% import "pages/document.html.j2" as documents %}{{ documents.text(shown) }}'
    )
    return page.render(shown=document(_CONTENTS))


def test_the_sealed_text_is_english_for_every_reader() -> None:
    english, french = (_text(language).partition("<header>")[2] for language in ("en", "fr"))
    assert english == french
    assert "The agreement ends on 31 December 2027." in french


def test_no_blank_stands_before_a_full_stop() -> None:
    assert "Cost: 4200 EUR per month. The service" in _text("en")
