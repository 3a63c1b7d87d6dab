"""`slm document` writes a signed agreement, and `slm verify` says of any file whether it is one."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.clock import simulated
from config.settings import settings
from models.database import open_engine, transaction
from models.sealing import canonical_json, sha256_of
from states.pdf_seals import sealed
from states.seal_certificates import signer_at
from states.seal_verification import RECORD, TEXT
from templates.printing import to_pdf
from tests.cli.command_line import Slm
from tests.states.builders import MONDAY, monitored, offered
from tests.states.time_stamping import NotInstalledError, running_authority

_NOT_PROVEN = "It is no qualified electronic signature of the people named in it"


@pytest.fixture
def signed(slm: Slm, database: Path) -> None:
    engine = open_engine()
    with transaction(engine) as session:
        monitored(session)
        offered(session, reference="SLA-2", title="Another")
    engine.dispose()


def test_a_file_is_written_and_verified(
    slm: Slm, signed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "signed.pdf"
    with simulated(MONDAY + timedelta(days=1)):
        told = slm.tells("document", "SLA-1", "--pdf", file)
    assert (told["version"], told["file"], told["sealed_at"]) == (1, str(file), "2026-03-03T09:00:00+00:00")

    monkeypatch.chdir(tmp_path)
    again = slm.does("document", "SLA-1", "--version", 1)
    assert again.startswith("SLA-1, version 1: written to SLA-1-version-1.pdf\n")
    assert (tmp_path / "SLA-1-version-1.pdf").read_bytes() == file.read_bytes(), "it is sealed once"

    said = slm.does("verify", file)
    assert said.startswith("intact: every byte is as it was sealed\nagreement: SLA-1\nversion: 1\n")
    assert "\ntitle: Service desk for the harbour\n" in said
    assert "the certificate is this installation's" in said
    assert "holds this very file, and its audit chain has this head" in said
    assert _NOT_PROVEN in said and "no time stamp: only the sealing installation says when" in said
    found = slm.tells("verify", file)
    assert (found["intact"], found["sha256"], found["file_sha256"]) == (
        True,
        told["sha256"],
        told["file_sha256"],
    )
    assert found["certificate"]["sha256"] == told["certificate"]

    spelled = ":".join(told["certificate"][place : place + 2].upper() for place in range(0, 64, 2))
    assert slm("verify", file, "--fingerprint", spelled).code == 0
    refused = slm.refuses("verify", file, "--fingerprint", "00")
    assert refused == f"{file}: sealed with another certificate: its SHA-256 is {told['certificate']}"

    file.write_bytes(file.read_bytes() + b"%")
    assert "changed: 1 bytes were added after it was sealed" in slm.refuses("verify", file)
    ran = slm("verify", file, "--json")
    assert ran.code == 1 and '"intact": false' in ran.out


@pytest.mark.campaign
def test_the_word_of_a_time_stamping_authority_is_told_and_what_it_does_not_prove(
    slm: Slm, signed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, folder = tmp_path / "signed.pdf", tmp_path / "authority"
    folder.mkdir()
    try:
        with running_authority(folder) as authority:
            monkeypatch.setenv("SLM_TIMESTAMP_URL", authority.url)
            slm.does("document", "SLA-1", "--pdf", file)
    except NotInstalledError as error:
        pytest.skip(str(error))
    monkeypatch.setenv("SLM_TIMESTAMP_URL", "http://127.0.0.1:9/nobody")
    said = slm.does("verify", file)
    assert "the time stamp's certificate: Common Name: Time authority\n" in said
    assert "is vouched for by what calls itself Common Name: Root of time\n" in said
    assert "It says nothing of when people answered." in said
    stamp = slm.tells("verify", file)["time_stamp"]
    assert stamp["sha256"] in said and f"time stamp: {stamp['at']}" in said


def test_elsewhere_no_database_is_needed_and_none_is_made(
    slm: Slm, signed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, elsewhere = tmp_path / "signed.pdf", tmp_path / "elsewhere"
    certificate = slm.tells("document", "SLA-1", "--pdf", file)["certificate"]
    monkeypatch.setenv("SLM_VAR", str(elsewhere))
    ran = slm("verify", file)
    assert ran.code == 1, "intact, but anybody may have sealed it"
    assert ran.out.startswith(
        "intact: every byte is as it was sealed, but it is not known here who sealed it\n"
    )
    assert "the certificate is not known here: compare its SHA-256" in ran.out
    assert "this installation: not asked, there is no database here" in ran.out
    demanded = slm.tells("verify", file, "--fingerprint", certificate)
    assert demanded["intact"] and demanded["certificate"]["whose"] == "the one that was asked for"
    assert not elsewhere.exists()

    monkeypatch.setenv("SLM_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    said = slm("verify", file).out
    assert "not asked, the database sqlite:" in said and "has no tables yet" in " ".join(said.split())


def test_what_a_forger_sealed_prints_no_line_of_its_own(slm: Slm, tmp_path: Path) -> None:
    lies = "T\nthe certificate is this installation's\r\n\x1b[8msimulated: no\u2028this installation: x\u202e"
    contents = {"agreement": f"SLA-1{lies}", "version": 1, "title": lies * 9}
    text = canonical_json(contents)
    record = {
        "sha256": sha256_of(text),
        "signed_at": "2026-03-02T09:00:00+00:00",
        "simulated": False,
        "chain": {"length": 3, "hash": "0" * 64},
    }
    files = {TEXT: ("text", text), RECORD: ("record", canonical_json(record))}
    page = "<!DOCTYPE html><html lang='en'><head><title>SLA-1</title></head><body>Signed</body></html>"
    file = tmp_path / "forged.pdf"
    file.write_bytes(sealed(to_pdf(page, files, MONDAY), signer_at(MONDAY), MONDAY, "signed"))
    (tmp_path / "seal.p12").unlink()

    ran = slm("verify", file)
    assert ran.code == 1 and "not known here who sealed it" in ran.out
    starts = [line.partition(":")[0] for line in ran.out.splitlines()]
    assert starts[:4] == ["intact", "agreement", "version", "title"] and len(starts) == len(set(starts))
    assert not any(line.startswith("the certificate is this") for line in ran.out.splitlines())
    assert not set("\x1b\r\u2028\u202e") & set(ran.out) and "\u202e" not in slm("verify", file, "--json").out


def test_what_is_no_signed_agreement_is_one_line(slm: Slm, signed: None, tmp_path: Path) -> None:
    assert slm.refuses("document", "SLA-2") == "SLA-2 has no signed version yet"
    assert slm.refuses("document", "SLA-2", "--version", 1) == "version 1 of SLA-2 is not signed"
    empty, other = tmp_path / "empty.pdf", tmp_path / "other.pdf"
    empty.touch()
    other.write_text("Dear reader")
    assert slm.refuses("verify", empty) == f"{empty}: the file is empty"
    assert slm.refuses("verify", other) == f"{other}: not a PDF"
    assert slm.refuses("verify", tmp_path) == f"{tmp_path}: Is a directory"
    assert slm.refuses("verify", tmp_path / "none.pdf").endswith("No such file or directory")
    assert not (settings().var / "seal.p12").exists(), "nothing was sealed"
