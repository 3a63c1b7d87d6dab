"""Secret addresses for answers by mail: one that says yes, one no, one for comments, one for bounces.

Where a letter is sent to is what counts, never what stands in it. The addresses that decide stand in mailto
links alone, never in a header, so that no automatic responder writes to one.
"""

import re
import secrets
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlmodel import Session

from config.settings import settings
from mail.envelope import sender_address
from mail.links import ADDRESS_TOKEN, SECRET_WORDS, keep
from models.approvals import ApprovalRequest, LinkPurpose
from models.letters import OutboxLetter
from models.parties import Person
from models.version_words import Assurance
from templates.languages.telling import told

_TOKEN_BYTES = 16
_WORDS = {purpose: word for word, purpose in SECRET_WORDS.items()}
_LOCAL_PART = re.compile(rf"(?:.*\+)?{ADDRESS_TOKEN}", re.IGNORECASE)
_IN_SUBJECT = re.compile(rf"\[{ADDRESS_TOKEN}\]", re.IGNORECASE)


@dataclass(frozen=True)
class ReplyAddresses:
    """How one person can answer one letter by mail.

    Attributes:
        yes, no: mailto links: sending an empty letter there answers.
        comment: the address for the header Reply-To; a letter there is a comment and decides nothing.
        final: such an answer is the decision; otherwise it is confirmed on the page.
    """

    yes: str
    no: str
    comment: str
    final: bool


@dataclass(frozen=True)
class SecretAddress:
    """What a letter was sent to: what it means there, and the token that says about what."""

    purpose: LinkPurpose
    token: str


def answers_by_mail() -> bool:
    """Return whether this installation takes answers by mail."""
    return bool(settings().reply_domain or settings().reply_mailbox)


def reply_addresses(
    session: Session, request: ApprovalRequest, person: Person, at: datetime
) -> ReplyAddresses | None:
    """Return new secret addresses at which `person` can answer `request`; None where mail is not taken.

    Args:
        session: the caller's; the SHA-256 of each token is added, nothing is committed.
        request: what is answered; in the database.
        person: who gets the letter; in the database.
        at: when the addresses are made.
    """
    if not answers_by_mail():
        return None
    words = {
        purpose: _new_token(session, purpose, request.id, person.id, at)
        for purpose in (LinkPurpose.YES, LinkPurpose.NO, LinkPurpose.REPLY)
    }
    yes = told("Approve request %(number)s", number=request.id)
    no = told("Decline request %(number)s", number=request.id)
    return ReplyAddresses(
        yes=_mailto(words[LinkPurpose.YES], yes.telling(person.language)),
        no=_mailto(words[LinkPurpose.NO], no.telling(person.language)),
        comment=_address(words[LinkPurpose.REPLY]),
        final=request.assurance == Assurance.L1,
    )


def bounce_address(session: Session, letter: OutboxLetter, at: datetime) -> str:
    """Return a new address for the bounces of `letter` alone; "" where there is no secret address for mail.

    Args:
        session: the caller's; the letter is flushed, the SHA-256 of the token is added.
        letter: the letter that will be sent from this address.
        at: when the address is made.
    """
    if not answers_by_mail() or _secret_is_in_subject():
        return ""
    return _address(_new_token(session, LinkPurpose.BOUNCE, letter.id, letter.person_id, at))


def secret_address(recipients: Iterable[str], subject: str) -> tuple[SecretAddress, str] | None:
    """Return the secret address among a letter's recipients, and the recipient as it may be shown.

    Where all answers share one mailbox without sub-addresses, the secret is looked for in the subject.
    """
    for recipient in recipients:
        local, _, domain = recipient.rpartition("@")
        if found := _LOCAL_PART.fullmatch(local):
            word = found[1].lower()
            return SecretAddress(SECRET_WORDS[word], found[2].lower()), f"{word}.…@{domain}"
    if _secret_is_in_subject() and (found := _IN_SUBJECT.search(subject)):
        return SecretAddress(SECRET_WORDS[found[1].lower()], found[2].lower()), settings().reply_mailbox
    return None


def is_for_answers(address: str) -> bool:
    """Return whether letters to `address` are answers: in the reply domain, or to the mailbox for them."""
    local, _, domain = address.lower().rpartition("@")
    mailbox, _, host = settings().reply_mailbox.lower().rpartition("@")
    if settings().reply_domain and domain == settings().reply_domain.lower():
        return True
    return bool(mailbox) and domain == host and local.split("+")[0] == mailbox


def is_to_us(address: str) -> bool:
    """Return whether `address` is the product's own, or one for answers."""
    return address.lower() == sender_address().addr_spec.lower() or is_for_answers(address)


def _new_token(session: Session, purpose: LinkPurpose, subject_id: int, person_id: int, at: datetime) -> str:
    token = b32encode(secrets.token_bytes(_TOKEN_BYTES)).decode().rstrip("=").lower()
    keep(session, token, purpose, subject_id, person_id, at)
    return f"{_WORDS[purpose]}.{token}"


def _secret_is_in_subject() -> bool:
    return not settings().reply_domain and not settings().reply_plus


def _address(word: str) -> str:
    if settings().reply_domain:
        return f"{word}@{settings().reply_domain}"
    mailbox, _, host = settings().reply_mailbox.rpartition("@")
    return f"{mailbox}+{word}@{host}" if settings().reply_plus else settings().reply_mailbox


def _mailto(word: str, subject: str) -> str:
    if _secret_is_in_subject():
        subject = f"{subject} [{word}]"
    return f"mailto:{_address(word)}?subject={quote(subject)}"
