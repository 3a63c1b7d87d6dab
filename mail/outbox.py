"""The outbox: every letter is written here, in the transaction of what it tells."""

from datetime import datetime
from email.utils import parseaddr
from hashlib import sha256
from typing import Any

from css_inline import CSSInliner
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from config.clock import as_utc
from config.plain_text import plain_line, printable
from config.settings import settings
from mail.plain_text import laid_out
from mail.reply_addresses import bounce_address
from models.agreements import Agreement
from models.letters import LetterState, OutboxLetter
from models.parties import Person
from templates.render import render, render_block

# dark mode lives in @media rules, which are kept beside the inlined ones
_inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def post(
    session: Session,
    kind: str,
    person: Person,
    *,
    key: str,
    at: datetime,
    agreement: Agreement | None = None,
    simulated: bool | None = None,
    unsubscribe: str = "",
    reply_to: str = "",
    **context: Any,
) -> OutboxLetter | None:
    """Write the letter `kind` to one person, in their language, into the outbox, unless it is there already.

    Args:
        session: the caller's; the letter is added and flushed, never committed.
        kind: names the templates `templates/mail/{kind}.txt.j2` and `.html.j2`.
        person: who gets it.
        key: from `mail.keys`; the same key is written once.
        at: when it is written, and due.
        agreement: what it is about.
        simulated: True for a letter that is kept and never sent; None takes it from the agreement.
        unsubscribe: the secret address at which the person can ask for no more surveys; for surveys alone.
        reply_to: the secret address for replies; empty for the product's own.
        context: what the templates use besides `person`, `agreement`, `base_url`, `unsubscribe` and `at`.

    Returns:
        The letter, or None where one of this key exists.

    Raises:
        jinja2.TemplateNotFound, jinja2.UndefinedError: if the kind is unknown or its context incomplete.
        BadInputError: if `at` is naive.
        ValueError: if the person is neither in the session nor in the database.
    """
    at = as_utc(at)
    session.flush()
    if person.id is None:
        raise ValueError(f"{person.name} is not in the session")
    if session.exec(select(OutboxLetter.id).where(OutboxLetter.deduplication_key == key)).first() is not None:
        return None
    if simulated is None:
        simulated = agreement is not None and agreement.simulated
    common = {"base_url": settings().base_url, "unsubscribe": unsubscribe, "at": at}
    words = {"person": person, "agreement": agreement, "language": person.language, **common, **context}
    subject = plain_line(render_block(f"mail/{kind}.txt.j2", "subject", **words))
    letter = OutboxLetter(
        deduplication_key=key,
        agreement_id=agreement.id if agreement else None,
        person_id=person.id,
        kind=kind,
        to_address=plain_line(person.email),
        to_name=plain_line(person.name),
        domain=domain_of(person.email),
        subject=subject,
        text=printable(laid_out(render(f"mail/{kind}.txt.j2", subject=subject, **words))),
        html=printable(_inliner.inline(render(f"mail/{kind}.html.j2", subject=subject, **words))),
        message_id=message_id(key),
        unsubscribe=unsubscribe,
        reply_to=reply_to,
        state=LetterState.SIMULATED if simulated else LetterState.QUEUED,
        created_at=at,
        next_attempt_at=at,
    )
    if not _added(session, letter):
        return None
    if not simulated:
        letter.return_path = bounce_address(session, letter, at)
    return letter


def message_id(key: str) -> str:
    """Return the Message-ID of the letter with this deduplication key, the same at every attempt."""
    domain = parseaddr(settings().mail_from)[1].rpartition("@")[2] or "localhost"
    # 128 bits suffice, and leave the header short enough not to be folded
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def domain_of(address: str) -> str:
    """Return what follows the "@" of an address, in lower case."""
    return plain_line(address.rpartition("@")[2].lower())


def _added(session: Session, letter: OutboxLetter) -> bool:
    """Add the letter; false where another transaction has written one of its key meanwhile."""
    try:
        with session.begin_nested():
            session.add(letter)
    except IntegrityError as error:
        if "deduplication_key" in str(error.orig):
            return False
        raise
    return True
