"""People who answer by mail: what they send, and a mail server of ours that authenticates them."""

import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from config.policy import policy
from config.settings import settings
from models.agreements import Agreement
from models.approvals import ApprovalRequest, Decision
from models.audit import AuditEvent
from models.database import reading, transaction
from models.letters import InboxLetter, OutboxLetter
from states import audit
from states.mailed_answers import Ingested, ingest
from tests.states.builders import MONDAY, contents, offered

DOMAIN, SERVER = "answers.northwind.example", "mx.northwind.example"
OWNER = "business@harbour.example"
DAY = timedelta(days=1)
PASS = f"{SERVER}; dmarc=pass (p=reject) header.from=harbour.example"
_numbers = count(1)
_LINK = re.compile(r"mailto:((yes|no)\.[a-z2-7]{26}@[a-z.]+)\?subject=")


def take_answers(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    """Let this installation take answers by mail."""
    wanted = {"SLM_REPLY_DOMAIN": DOMAIN, "SLM_AUTHSERV_ID": SERVER} | changes
    for name, value in wanted.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    policy.cache_clear()


def asked(engine: Engine, at: datetime = MONDAY, **changes: object) -> None:
    """Ask both signatories of SLA-1 to sign."""
    with transaction(engine) as session:
        offered(session, at, **changes)


def letter_to(engine: Engine, address: str = OWNER, kind: str = "approval_request") -> OutboxLetter:
    """The newest letter of a kind to somebody."""
    with reading(engine) as session:
        wanted = select(OutboxLetter).where(OutboxLetter.to_address == address, OutboxLetter.kind == kind)
        return session.exec(wanted.order_by(col(OutboxLetter.id).desc())).first() or pytest.fail(kind)


def address_for(engine: Engine, answer: str, address: str = OWNER, kind: str = "approval_request") -> str:
    """Where the newest request says that a letter answers "yes" or "no", or is a comment ("re")."""
    letter = letter_to(engine, address, kind)
    if answer == "re":
        return letter.reply_to
    found: dict[str, str] = {word: at for at, word in _LINK.findall(letter.text)}
    return found[answer]


def message(
    to: str,
    text: str = "",
    sender: str = f"Business owner <{OWNER}>",
    results: str | None = PASS,
    **headers: str,
) -> bytes:
    """A letter as our mail server hands it in; underscores in names of headers stand for hyphens."""
    letter = EmailMessage(policy=SMTP)
    if results is not None:
        letter["Authentication-Results"] = results
    letter["From"], letter["To"] = sender, to
    letter["Message-ID"] = f"<{next(_numbers)}@harbour.example>"
    letter["Subject"] = "Approve"
    for name, value in headers.items():
        del letter[name.replace("_", "-")]
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    return letter.as_bytes()


def send(engine: Engine, raw: bytes, rcpt: str | None = None, at: datetime = MONDAY + DAY) -> tuple[str, str]:
    """Take a letter in, and return its outcome and the reason."""
    done: Ingested = ingest(engine, raw, rcpt, at)
    return done.outcome.value, done.reason


def inbox(engine: Engine) -> list[InboxLetter]:
    with reading(engine) as session:
        return list(session.exec(select(InboxLetter).order_by(col(InboxLetter.id))))


def decisions(engine: Engine) -> list[Decision]:
    with reading(engine) as session:
        return list(session.exec(select(Decision)))


def events(engine: Engine, start: str = "mail ") -> list[AuditEvent]:
    with reading(engine) as session:
        agreement = session.exec(select(Agreement)).one()
        assert audit.faults(session, agreement) == []
        return [event for event in audit.events_of(session, agreement) if event.kind.startswith(start)]


def request_of(session: Session, address: str = OWNER) -> ApprovalRequest:
    rows = session.exec(select(ApprovalRequest).order_by(col(ApprovalRequest.id).desc()))
    return next(row for row in rows if row.person.email == address)


def signatories_at(assurance: str) -> list[dict[str, str]]:
    """Both signatories, of whom no more is wanted than this level."""
    return [row | {"assurance": assurance} for row in contents()["signatories"]]
