"""`slm document` writes a signed agreement, and `slm verify` says of any file whether it is one."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.clock import simulated
from config.settings import settings
from models.database import open_engine, transaction
from tests.cli.command_line import Slm
from tests.states.builders import MONDAY, monitored, offered

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
    assert said.startswith("intact: SLA-1, version 1 (Service desk for the harbour), as it was sealed\n")
    assert "the certificate is this installation's" in said
    assert "holds this very file, and its audit chain has this head" in said
    assert _NOT_PROVEN in said
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


def test_elsewhere_no_database_is_needed_and_none_is_made(
    slm: Slm, signed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, elsewhere = tmp_path / "signed.pdf", tmp_path / "elsewhere"
    slm.does("document", "SLA-1", "--pdf", file)
    monkeypatch.setenv("SLM_VAR", str(elsewhere))
    said = slm.does("verify", file)
    assert "the certificate is not known here: compare its SHA-256" in said
    assert "this installation: not asked, there is no database here" in said
    assert not elsewhere.exists()

    monkeypatch.setenv("SLM_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    assert "not asked, the database has no tables yet" in slm.does("verify", file)


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
