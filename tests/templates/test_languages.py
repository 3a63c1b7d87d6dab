"""Catalogs that are whole, and texts that are told in the reader's language."""

import pickle
import re
from datetime import UTC, date, datetime

import pytest
from babel.messages.pofile import read_po

from config.errors import BadInputError
from models.agreements import Stage
from models.exclusions import ExclusionState
from models.version_words import Assurance, Reopening, VersionStatus
from templates.languages.catalogs import (
    FOLDER,
    accepted_language,
    catalog,
    checked_language,
    languages,
    spoken_language,
)
from templates.languages.kept import SENTENCES, WORDS, stored
from templates.languages.telling import in_language, told, told_count, told_list
from templates.languages.updating import faults, messages
from templates.numbers import amount, percent
from templates.render import render
from templates.spans import span
from templates.times import day, moment

OTHERS = [language for language in languages() if language != "en"]
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_there_is_english_and_a_catalog_for_each_other_language() -> None:
    assert languages()[0] == "en" and {"de", "fr"} <= set(languages())


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated_with_its_placeholders(language: str) -> None:
    assert faults(language) == [], "make languages, then translate what it names"


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalog_holds_nothing_doubtful_and_nothing_left_over(language: str) -> None:
    with (FOLDER / f"{language}.po").open("rb") as file:
        kept = read_po(file, locale=language)
    assert not kept.obsolete
    assert not [message.id for message in kept if message.id and message.fuzzy]


def test_messages_are_found_in_templates_and_in_code() -> None:
    found = messages()
    for message in (
        "Please approve or decline it by %(due)s.",
        "type the full name as it stands in the agreement: %(name)s",
        "not enough evidence",
        "%(num)s more attempt",
    ):
        assert message in found


def test_what_the_database_keeps_is_a_message() -> None:
    words = [
        *(state.value for state in ExclusionState),
        *(state.value for state in VersionStatus),
        *(stage.title.lower() for stage in Stage),
        *(reopening.value for reopening in Reopening),
        *(assurance.in_words for assurance in Assurance),
    ]
    assert set(words) <= set(WORDS)


def test_a_told_text_is_english_to_the_code_and_german_to_a_german() -> None:
    what = told("version %(number)s of %(title)s", number=2, title="Mail & more")
    said = told("The request to decide on %(what)s is withdrawn.", what=what)
    assert said == "The request to decide on version 2 of Mail & more is withdrawn."
    assert said.telling("de") == (
        "Die Anfrage, über Version 2 von Mail & more zu entscheiden, ist zurückgezogen."
    )
    assert in_language(said, "pt") == said, "what nobody translated is English"
    assert pickle.loads(pickle.dumps(said)).telling("de") == said.telling("de")


@pytest.mark.parametrize(
    ("count", "english", "german", "french"),
    [
        (0, "0 more attempts", "noch 0 Versuche", "encore 0 essai"),
        (1, "1 more attempt", "noch 1 Versuch", "encore 1 essai"),
        (2, "2 more attempts", "noch 2 Versuche", "encore 2 essais"),
    ],
)
def test_numbers_choose_the_words(count: int, english: str, german: str, french: str) -> None:
    said = told_count("%(num)s more attempt", "%(num)s more attempts", count)
    assert (said, said.telling("de"), said.telling("fr")) == (english, german, french)


def test_figures_and_dates_follow_the_language() -> None:
    row = told_list(
        [percent(0.924), amount(1234.5), day(date(2026, 3, 1)), moment(MONDAY, "Europe/Berlin")], " | "
    )
    assert row == "92.4\u00a0% | 1,234.5 | 1 March 2026 | 2 March 2026, 10:00 CET"
    assert row.telling("de") == "92,4\u00a0% | 1.234,5 | 1.\u00a0März 2026 | 2.\u00a0März 2026, 10:00 Uhr MEZ"
    assert row.telling("fr") == (
        "92,4\u00a0% | 1\u202f234,5 | 1er\u00a0mars 2026 | 2\u00a0mars 2026 à 10:00 CET"
    )
    assert in_language(moment(MONDAY, "America/Sao_Paulo"), "de").endswith("06:00 Uhr America/Sao_Paulo")
    assert in_language(moment(MONDAY), "fr").endswith("09:00 UTC")


@pytest.mark.parametrize(
    ("kept", "german"),
    [
        ("not met", "nicht erfüllt"),
        ("the service from 1 March 2026 to 31 March 2026",
         "den Service vom 1.\u00a0März 2026 bis 31.\u00a0März 2026"),
        ("The agreement is in the stage trial run.",
         "Die Vereinbarung befindet sich in der Phase Probelauf."),
        ("handed over to Head of <delivery>", "weitergegeben an Head of <delivery>"),
        ("exclusion 3 approved: strike; evidence known later",
         "Ausschluss 3 genehmigt: strike; später bekannt gewordene Daten"),
        ("evidence known later; open tickets have run on",
         "später bekannt gewordene Daten; offene Tickets liefen weiter"),
        ("P2: 25\u00a0% of 40, promised: 90\u00a0% within 8 h; the evidence proves that the promise is not "
         "kept",
         "P2: 25\u00a0% von 40, zugesagt: 90\u00a0% within 8 h; die Daten belegen, dass die Zusage nicht "
         "eingehalten wird"),
        ("62.5\u00a0% of 8 people are satisfied, the standard is 75\u00a0%",
         "62,5\u00a0% von 8 Personen sind zufrieden, der Maßstab ist 75\u00a0%"),
        ("we met them; they declined politely", "we met them; they declined politely"),
        ("; ;", "; ;"),
        ("the service from 31 February 2026 to 1 Nonsense 2026",
         "the service from 31 February 2026 to 1 Nonsense 2026"),
        ("the service from 31 February 2026 to 1 March 0000",
         "den Service vom 31 February 2026 bis 1 March 0000"),
        (": , promised: ; " * 250, ": , promised: ; " * 250),
    ],
)  # fmt: skip
def test_a_kept_sentence_is_known_again_and_what_people_wrote_is_left_alone(kept: str, german: str) -> None:
    assert stored(kept) == kept
    assert in_language(stored(kept), "de") == german
    assert stored("") == "" == stored(None)


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("language", OTHERS)
def test_each_kept_sentence_is_known_again_in_each_language(sentence: str, language: str) -> None:
    values: dict[str, object] = dict.fromkeys(re.findall(r"%\((\w+)\)s", sentence), "X-1")
    shares = {"share": percent(0.924), "standard": percent(0.8)}
    known = shares | {"start": day("2026-03-01"), "end": day("2026-03-31")}
    known["period"] = span("2026-03-01T00:00Z", "2026-04-01T00:00Z")
    known |= dict.fromkeys(("number", "hits", "known"), "3")
    values |= {name: value for name, value in known.items() if name in values}
    kept = str(told(sentence, **values))
    assert in_language(stored(kept), language) == in_language(told(sentence, **values), language)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("pt-BR,de;q=0.4,fr;q=0.6", "fr"),
        ("de;q=0,fr;q=0.1", "fr"),
        ("es, *", "en"),
        ("de;q=much, fr", "fr"),
        ("; ,,;q=", "en"),
    ],
)
def test_the_browser_says_what_its_reader_likes_best(header: str, language: str) -> None:
    assert accepted_language(header) == language


def test_a_language_is_checked_in_one_clear_line() -> None:
    assert checked_language(" DE ") == "de"
    assert spoken_language("pt") == spoken_language(None) == "en"
    with pytest.raises(BadInputError, match="^'pt' is not a language of letters and pages: en, de"):
        checked_language("pt")


def test_what_stands_in_a_message_is_escaped_in_html() -> None:
    hostile = "<b>%(due)s{{ 1 }}</b>"
    line = told("'%(email)s' is no e-mail address", email=hostile)
    page = render("pages/error.html.j2", "de", **_page_words(line, hostile))
    assert "„&lt;b&gt;%(due)s{{ 1 }}&lt;/b&gt;“ ist keine E-Mail-Adresse." in page
    assert '<html lang="de">' in page and "<b>" not in page


def test_a_language_without_a_catalog_is_english() -> None:
    assert '<html lang="en">' in render("pages/error.html.j2", "pt", **_page_words("it is closed", "Closed"))
    assert catalog("pt").gettext("not met") == "not met"


def _page_words(line: str, title: str) -> dict[str, object]:
    shown = {"stylesheet": "/style.css", "path": "/d/x", "has_mailbox": False, "zone": "UTC"}
    return {**shown, "actor": None, "flash": None, "title": title, "line": line, "reasons": []}
