"""A signed version as a file: printed and sealed once, with the record of how it was signed."""

import json
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from config.errors import SlmError
from config.settings import settings
from models.approvals import Answer
from models.database import reading, transaction
from models.letters import LetterState, OutboxLetter
from models.sealing import canonical_json
from models.signed_documents import SignedDocument
from models.versions import AgreementVersion
from states import signed_documents
from states.audit import events_of
from states.decisions import Answered, decide
from states.letters import bear_witness
from states.move import Trigger
from states.pdf_seals import sealed
from states.seal_certificates import signer_at
from states.seal_comparison import compare
from states.seal_verification import RECORD, TEXT, open_sealed
from states.signing_record import NotSignedError, signing_record
from states.sweeps import sweep_mail
from templates.printing import to_pdf
from tests.states.builders import (
    CUSTOMER_OWNER,
    MONDAY,
    PROVIDER,
    answer,
    letters,
    monitored,
    move,
    offer,
    offered,
    person,
    request_to,
)

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("installation")


@pytest.fixture(autouse=True)
def _here(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every scene be of one installation, so that its key is made once."""
    monkeypatch.setenv("SLM_VAR", str(installation))
    settings.cache_clear()


def ensured(session: Session, version: AgreementVersion, at: datetime) -> SignedDocument:
    """Do as `signed_documents.ensure`, in a transaction that is rolled back."""
    kept = signed_documents.find(session, version)
    return kept or signed_documents.keep(session, signed_documents.make(session, version, at))


def test_the_file_is_made_once_and_never_changes(session: Session) -> None:
    agreement = monitored(session)
    version = signed_documents.signed_version(agreement)
    assert signed_documents.find(session, version) is None
    assert session.exec(signed_documents.unmade()).all() == [version]

    made = ensured(session, version, MONDAY + 2 * HOUR)
    late = SignedDocument(version_id=version.id, made_at=MONDAY, sha256="0", fingerprint="0", pdf=b"late")
    again = signed_documents.keep(session, late)

    assert session.exec(signed_documents.unmade()).all() == []
    assert again is made and made.made_at == MONDAY + 2 * HOUR
    found = open_sealed(made.pdf)
    assert (found.sha256, found.file_sha256) == (version.sha256, made.sha256)
    assert found.contents == json.loads(str(version.canonical))
    assert (found.sealed_at, found.fingerprint) == (made.made_at, made.fingerprint)
    comparison = compare(session, found)
    assert (comparison.same_file, comparison.same_chain, comparison.contradictions) == (True, True, [])
    for statement in ("UPDATE signed_documents SET sha256 = 'x'", "DELETE FROM signed_documents"):
        with (
            pytest.raises(DatabaseError, match="a signed document cannot be changed"),
            session.begin_nested(),
        ):
            session.execute(text(statement))


def test_both_databases_keep_it(either: Session) -> None:
    version = signed_documents.signed_version(monitored(either))
    made = ensured(either, version, MONDAY)
    assert either.exec(select(SignedDocument.pdf)).all() == [made.pdf]
    with pytest.raises(DatabaseError, match="a signed document cannot be changed"), either.begin_nested():
        either.execute(text("DELETE FROM signed_documents"))


def test_the_record_says_who_signed_when_how_and_from_where(session: Session) -> None:
    agreement = offered(session)
    version = offer(agreement)
    answer(session, PROVIDER, MONDAY + HOUR)
    here = Answered(Answer.APPROVE, CUSTOMER_OWNER, address="192.0.2.7", user_agent="Browser 1")
    decide(session, request_to(session, CUSTOMER_OWNER), here, MONDAY + 2 * HOUR)

    record = signing_record(session, version)

    assert (record["signed_at"], record["simulated"]) == ((MONDAY + 2 * HOUR).isoformat(), False)
    assert [(row["name"], row["side"]) for row in record["asked"]] == [
        (PROVIDER, "provider"),
        (CUSTOMER_OWNER, "customer"),
    ]
    signed = record["asked"][1]["decision"]
    assert (signed["typed"], signed["address"], signed["user_agent"]) == (
        CUSTOMER_OWNER,
        "192.0.2.7",
        "Browser 1",
    )
    assert signed["assurance"] == "typed full name" and signed["sha256"] == version.sha256
    last = record["events"][-1]
    assert last["told"].startswith("sign to monitoring")
    assert record["chain"] == {"length": last["sequence"], "hash": last["hash"]}
    assert [row["kind"] for row in record["events"]].count("decision") == 2


def test_what_comes_after_the_signing_is_not_in_it(session: Session) -> None:
    agreement = monitored(session)
    version = signed_documents.signed_version(agreement)
    before = signing_record(session, version)
    move(session, agreement, Trigger.END, MONDAY + 50 * HOUR, reason="moved elsewhere")
    assert signing_record(session, version) == before
    assert len(events_of(session, agreement)) > before["chain"]["length"]


def send(session: Session, letter: OutboxLetter, reply: str, at: datetime) -> None:
    """Let the mail server take a letter."""
    letter.state, letter.sent_at, letter.smtp_reply = LetterState.SENT, at, reply
    bear_witness(session, letter, at)


def test_what_the_mail_server_said_is_in_it(session: Session) -> None:
    agreement = offered(session)
    (first, _) = letters(session, "approval_request")
    send(session, first, "250 2.0.0 Ok: queued as 4711", MONDAY)
    answer(session, PROVIDER, MONDAY + HOUR)
    answer(session, CUSTOMER_OWNER, MONDAY + HOUR)
    record = signing_record(session, agreement.versions[0])
    assert [(row["kind"], row["to"], row["state"]) for row in record["letters"]] == [
        ("request", first.to_address, "sent")
    ]
    assert "letter sent" in [row["kind"] for row in record["events"]]
    page = signed_documents.printed(str(agreement.versions[0].canonical), record)
    assert "the mail server said “250 2.0.0 Ok: queued as 4711”" in page


def test_a_year_later_it_says_the_same_whatever_became_of_letters_and_people(session: Session) -> None:
    agreement = monitored(session)
    version = signed_documents.signed_version(agreement)
    before = signing_record(session, version)
    year_later = MONDAY + timedelta(days=365)
    for letter in letters(session):
        send(session, letter, "250 late", year_later)
        letter.state = LetterState.BOUNCED
    signatory = person(session, CUSTOMER_OWNER)
    signatory.name, signatory.email, signatory.zone = "Another name", "other@harbour.example", "UTC"
    session.flush()
    assert signing_record(session, version) == before


def test_what_the_browser_said_of_an_answer_is_on_the_certificate_page(session: Session) -> None:
    agreement = offered(session)
    version = offer(agreement)
    answer(session, PROVIDER, MONDAY + HOUR)
    pressed = {"sec-fetch-site": "same-origin", "sec-fetch-user": "?1"}
    here = Answered(Answer.APPROVE, CUSTOMER_OWNER, headers=pressed)
    decide(session, request_to(session, CUSTOMER_OWNER), here, MONDAY + 2 * HOUR)
    page = signed_documents.printed(str(version.canonical), signing_record(session, version))
    assert "sec-fetch-site: same-origin; sec-fetch-user: ?1" in page


def test_markup_in_names_and_reasons_stays_text(session: Session) -> None:
    agreement = monitored(session, title="<script>alert(1)</script> {{ 7 * 7 }}")
    version = signed_documents.signed_version(agreement)
    page = signed_documents.printed(str(version.canonical), signing_record(session, version))
    assert "<script>" not in page and "{{ 7 * 7 }}" in page


def test_an_unsigned_version_has_no_file(session: Session) -> None:
    agreement = offered(session)
    with pytest.raises(NotSignedError, match="version 1 of SLA-1 is not signed"):
        ensured(session, offer(agreement), MONDAY)
    with pytest.raises(SlmError, match="SLA-1 has no signed version yet"):
        signed_documents.signed_version(agreement)
    with pytest.raises(SlmError, match="SLA-1 has no version 7"):
        signed_documents.signed_version(agreement, 7)


def test_what_contradicts_this_installation_is_said(session: Session) -> None:
    version = signed_documents.signed_version(monitored(session))
    found = open_sealed(ensured(session, version, MONDAY).pdf)

    other_file = compare(session, replace(found, file_sha256="0" * 64))
    assert (other_file.known, other_file.same_file) == (True, False)
    assert other_file.contradictions == ["another file of version 1 of SLA-1 was sealed here"]

    rewritten = {**found.record, "chain": {"length": 3, "hash": "0" * 64}}
    (line,) = compare(session, replace(found, record=rewritten)).contradictions
    assert line == "the audit chain of SLA-1 here does not have the head that it names"

    (line,) = compare(session, replace(found, sha256="0" * 64)).contradictions
    assert line == "version 1 of SLA-1 has another text here"

    elsewhere = compare(session, replace(found, contents={"agreement": "SLA-9", "version": 1}))
    assert (elsewhere.known, elsewhere.contradictions, elsewhere.certificate_used) == (False, [], True)


def forged(session: Session, version: AgreementVersion, record: dict[str, Any], at: datetime) -> bytes:
    """The sealed text, a signing record and a page of somebody's own making, sealed with the key at hand."""
    files = {TEXT: ("text", str(version.canonical)), RECORD: ("record", canonical_json(record))}
    page = "<!DOCTYPE html><html lang='en'><head><title>SLA-1</title></head><body>Signed by all</body></html>"
    return sealed(to_pdf(page, files, at), signer_at(at), at, "SLA-1, as it was signed")


@pytest.mark.campaign
def test_without_a_kept_file_the_record_and_the_certificate_must_be_the_ones_here(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = signed_documents.signed_version(monitored(session))
    record = signing_record(session, version)
    unkept = signed_documents.make(session, version, MONDAY)
    assert compare(session, open_sealed(unkept.pdf)).contradictions == []

    others = json.loads(canonical_json(record))
    for row in others["asked"]:
        row["name"], row["decision"]["address"] = "Somebody else", "192.0.2.66"
    comparison = compare(session, open_sealed(forged(session, version, others, MONDAY)))
    assert (comparison.known, comparison.same_chain, comparison.same_file) == (True, True, None)
    other_record = "its signing record is not the one of version 1 of SLA-1 here: 'asked' differ"
    assert comparison.contradictions == [other_record]

    monkeypatch.setenv("SLM_VAR", str(tmp_path / "forger"))
    settings.cache_clear()
    other_key = "version 1 of SLA-1 is here, but nothing here was sealed with its certificate"
    by_another = (
        open_sealed(forged(session, version, record, MONDAY)),
        open_sealed(forged(session, version, others, MONDAY)),
    )
    monkeypatch.undo()
    settings.cache_clear()
    assert [compare(session, found).contradictions for found in by_another] == [
        [other_key],
        [other_key, other_record],
    ]


@pytest.mark.skipif(which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")
def test_it_can_be_read_as_paper(session: Session, tmp_path: Path) -> None:
    version = signed_documents.signed_version(monitored(session))
    path = tmp_path / "signed.pdf"
    path.write_bytes(ensured(session, version, MONDAY).pdf)
    told = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    words = " ".join(told.split())
    assert "Service level agreement SLA-1, version 1" in words
    assert "Without a trial run: the service is well known (Service manager)" in words
    assert "for them 2 March 2026, 11:00 CET" in words
    assert str(version.sha256) in words
    assert "not a qualified electronic signature" in words


def test_what_is_newly_signed_is_printed_with_the_next_letters(engine: Engine) -> None:
    with transaction(engine) as session:
        monitored(session)
    line = "SLA-1: version 1 printed and sealed"
    assert line in sweep_mail(engine, MONDAY + 2 * HOUR).done
    with reading(engine) as session:
        (kept,) = session.exec(select(SignedDocument)).all()
        assert open_sealed(kept.pdf).sealed_at == kept.made_at == MONDAY + 2 * HOUR
    assert line not in sweep_mail(engine, MONDAY + 3 * HOUR).done


def test_without_a_key_letters_leave_all_the_same(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLM_SEAL_PKCS12", "/none.p12")
    settings.cache_clear()
    with transaction(engine) as session:
        monitored(session)
    (line,) = [row for row in sweep_mail(engine, MONDAY + 2 * HOUR).done if "version 1" in row]
    assert line == ("SLA-1: version 1 not printed yet: SLM_SEAL_PKCS12 /none.p12: No such file or directory")
