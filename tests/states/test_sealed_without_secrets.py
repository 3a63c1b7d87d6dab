"""What is sealed for ever, the record of the signing and its PDF, holds no secret of a letter."""

import subprocess
from datetime import timedelta
from pathlib import Path
from shutil import which

import pytest
from sqlalchemy import Engine

from models.agreements import Agreement
from models.approvals import Answer
from models.database import transaction
from states import signed_documents
from states.decisions import Answered, decide
from states.letters import deliver
from states.open_requests import find_request
from states.seal_verification import open_sealed
from states.signing_record import signing_record
from tests.mail.conftest import server as post_office
from tests.mail.conftest import smtp_port
from tests.mail.post_office import MailServer
from tests.states.builders import CUSTOMER_OWNER, MONDAY, PROVIDER, letters, offered, token_to
from tests.states.mailed import take_answers

__all__ = ["post_office", "smtp_port"]
HOUR = timedelta(hours=1)


@pytest.mark.campaign
@pytest.mark.skipif(which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")
def test_no_secret_is_sealed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, post_office: MailServer, tmp_path: Path
) -> None:
    take_answers(monkeypatch)
    with transaction(engine) as session:
        offered(session)
        secrets = [token_to(session, name) for name in (CUSTOMER_OWNER, PROVIDER)]
        for letter in letters(session):
            for address in (letter.return_path, letter.reply_to):
                secrets += [word for word in (address.partition("@")[0].rpartition(".")[2],) if word]
    said: list[str] = []

    def repeat(verb: str, address: str) -> str:
        if verb == "MAIL":
            said[:] = [address]
        return f"250 2.0.0 queued from <{said[0]}>"

    post_office.answer = repeat
    assert deliver(engine, MONDAY + HOUR).sent > 1
    with transaction(engine) as session:
        for name, token in zip((CUSTOMER_OWNER, PROVIDER), secrets, strict=False):
            decide(session, find_request(session, token), Answered(Answer.APPROVE, name), MONDAY + 2 * HOUR)
        version = session.get_one(Agreement, 1).versions[0]
        record = str(signing_record(session, version))
        made = signed_documents.make(session, version, MONDAY + 3 * HOUR)
    (tmp_path / "signed.pdf").write_bytes(made.pdf)
    paper = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "signed.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    sealed = open_sealed(made.pdf)
    told = f"{record} {paper} {sealed.contents} {sealed}"
    assert "queued from" in record and "…@" in record and "queued from" in " ".join(paper.split())
    assert [secret for secret in secrets if secret in told or secret in paper.replace("\n", "")] == []
