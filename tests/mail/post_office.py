"""What the scenes of this folder play with: a mail server that answers as told, and the cast."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Connection
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from mail.links import issue_link
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import LinkPurpose
from models.database import reading, transaction
from models.letters import OutboxLetter
from models.parties import Person
from models.versions import AgreementVersion

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VERSION = AgreementVersion(
    id=7, agreement_id=1, number=2, created_at=MONDAY, trial_days=21, review_period="month"
)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class MailServer:
    """A mail server that keeps what it gets; `answer` says what it replies to MAIL, RCPT and DATA."""

    port: int
    answer: Callable[[str, str], str] = lambda verb, address: "250 2.0.0 fine"
    received: list[EmailMessage] = field(default_factory=list)
    senders: list[str | None] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    async def handle_MAIL(
        self, server: SMTP, session: Connection, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answer("MAIL", address)
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(
        self, server: SMTP, session: Connection, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answer("RCPT", address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Connection, envelope: Envelope) -> str:
        answer = self.answer("DATA", envelope.rcpt_tos[0])
        if answer.startswith("250"):
            self.received.append(message_from_bytes(envelope.original_content or b"", policy=default))
            self.senders.append(envelope.mail_from)
            self.raw.append(envelope.original_content or b"")
        return answer


@dataclass
class Cast:
    """Who the letters are about."""

    agreement: Agreement
    owner: Person
    customer: Person

    def seen_in(self, session: Session) -> tuple[Person, Agreement]:
        """Return the customer's person and the agreement as rows of `session`."""
        return session.get_one(Person, self.customer.id), session.get_one(Agreement, self.agreement.id)


def write_reminders(engine: Engine, cast: Cast, count: int = 1) -> None:
    with transaction(engine) as session:
        person, agreement = cast.seen_in(session)
        for number in range(count):
            post(
                session,
                "approval_reminder",
                person,
                key=f"approval-reminder:{number}",
                at=MONDAY,
                agreement=agreement,
                version=VERSION,
                link=issue_link(session, LinkPurpose.DECISION, number, person, MONDAY),
                due_at=MONDAY + timedelta(days=3),
                number=1,
            )


def outbox(engine: Engine) -> list[OutboxLetter]:
    with reading(engine) as session:
        return list(session.exec(select(OutboxLetter).order_by(col(OutboxLetter.id))))
