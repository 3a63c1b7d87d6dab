"""Every kind of letter in every language, and what comes back when somebody answers one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from mail.envelope import message_of
from mail.outbox import post
from mail.plain_text import WIDTH
from mail.reply_text import reply_in
from models.database import transaction
from models.letters import OutboxLetter
from templates.languages.catalogs import languages
from templates.languages.telling import told
from tests.mail.post_office import MONDAY, Cast
from tests.mail.test_letters import LETTERS, Outline

OTHERS = [language for language in languages() if language != "en"]
GREETING = told("Dear %(name)s,", name="Business owner")
FOOT = told("between %(provider)s and %(customer)s", provider="Northwind IT", customer="Harbour Logistics")


def written(engine: Engine, cast: Cast, language: str, kind: str, context: dict[str, Any]) -> OutboxLetter:
    with transaction(engine) as session:
        person, agreement = cast.seen_in(session)
        person.language = language
        letter = post(session, kind, person, key="k", at=MONDAY, agreement=agreement, **context)
        assert letter is not None
        session.expunge(letter)
    return letter


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize(
    ("kind", "context"), LETTERS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_letter_is_written_in_its_readers_language(
    engine: Engine, cast: Cast, language: str, kind: str, context: dict[str, Any]
) -> None:
    letter = written(engine, cast, language, kind, context)
    assert letter.text.startswith(GREETING.telling(language) + "\n\n")
    assert "\n-- \nService desk (SLA-001)\n" + FOOT.telling(language) in letter.text
    for unfilled in ("{{", "{%", "%(", "None", "Dear ", "\n\n\n"):
        assert unfilled not in letter.text and unfilled not in letter.subject
    long = [line for line in letter.text.splitlines() if len(line) > WIDTH]
    assert not any(" " in line.strip() for line in long), "only an address may be longer"

    page = Outline(letter.html)
    assert page.all("html") == [{"lang": language}]
    assert "%(" not in letter.html and "<resolution>" not in letter.html
    assert message_of(letter, MONDAY)["Content-Language"] == language


def test_dates_and_figures_are_the_readers(engine: Engine, cast: Cast) -> None:
    (report, *_) = [context for kind, context in LETTERS if kind == "experience_report"]
    german = written(engine, cast, "de", "experience_report", report).text
    assert "geleistet: Februar 2026" in german.replace("\n", " ")
    assert "91,7\u00a0%: 55 von 60, 1 offen" in german
    assert "nicht genügend Nachweise (Grenzen: 83,2\u00a0% bis 96,6\u00a0%)" in german
    assert "Der Dienstleister und Sie überprüfen diesen Zeitraum" in german
    assert "90\u00a0% of priority 2 tickets resolved within 8 h" in german, (
        "a promise is quoted as it is sealed"
    )


def test_a_language_that_nobody_translated_is_english(engine: Engine, cast: Cast) -> None:
    letter = written(engine, cast, "pt", "ended", {"reason": ""})
    assert letter.text.startswith("Dear Business owner,")
    assert message_of(letter, MONDAY)["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("language", "said", "announced"),
    [
        ("de", "Ja, ich genehmige.\n\nViele Grüße",
         "Am Mo., 2. März 2026 um 10:00 Uhr schrieb Desk <desk@x.example>:"),
        ("fr", "Oui, j’approuve.\n\nCordialement",
         "Le lun. 2 mars 2026 à 10:00, Desk <desk@x.example> a écrit :"),
    ],
)  # fmt: skip
def test_a_reply_is_told_from_the_letter_that_it_quotes(
    engine: Engine, cast: Cast, language: str, said: str, announced: str
) -> None:
    (request, *_) = [context for kind, context in LETTERS if kind == "approval_request"]
    by_mail = {"yes": "y.secret@slm.example", "no": "n.secret@slm.example", "final": True}
    context = {**request, "by_mail": by_mail, "due_at": MONDAY + timedelta(days=10)}
    letter = written(engine, cast, language, "approval_request", context)
    quoted = "\n".join(f"> {line}".rstrip() for line in letter.text.splitlines())
    assert reply_in(f"{said}\n\n{announced}\n\n{quoted}\n") == said


@pytest.mark.parametrize(
    ("language", "said", "heads"),
    [
        ("de", "Nein, zu teuer.", ("-----Ursprüngliche Nachricht-----", "Von", "Gesendet", "An", "Betreff")),
        ("fr", "Non, trop cher.", ("-----Message d'origine-----", "De", "Envoyé", "À", "Objet")),
    ],
)
def test_a_reply_is_told_from_a_letter_quoted_without_marks(
    engine: Engine, cast: Cast, language: str, said: str, heads: tuple[str, ...]
) -> None:
    (request, *_) = [context for kind, context in LETTERS if kind == "approval_request"]
    letter = written(engine, cast, language, "approval_request", request)
    rule, sender, sent, to, subject = heads
    head = f"{rule}\n{sender}: Desk\n{sent}: 2.3.2026\n{to}: Business owner\n{subject}: {letter.subject}"
    assert reply_in(f"{said}\n\n{head}\n\n{letter.text}") == said
