"""Secret links: addresses that only a letter's receiver knows. The database keeps their SHA-256 alone."""

import re
import secrets
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session

from config.settings import settings
from models.approvals import LinkPurpose, SecretLink
from models.parties import Person

PATHS = {
    LinkPurpose.DECISION: "/d/",
    LinkPurpose.SURVEY: "/s/",
    LinkPurpose.REPORT: "/r/",
    LinkPurpose.UNSUBSCRIBE: "/u/",
}
_TOKEN_BYTES = 32
_TOKEN = r"[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"  # 32 bytes in URL-safe base64
# addresses fold case, so their tokens are 128 bits in base32
SECRET_WORDS = {
    "yes": LinkPurpose.YES,
    "no": LinkPurpose.NO,
    "re": LinkPurpose.REPLY,
    "b": LinkPurpose.BOUNCE,
}
ADDRESS_TOKEN = rf"({'|'.join(SECRET_WORDS)})\.([a-z2-7]{{26}})(?![a-z2-7])"


def issue_link(session: Session, purpose: LinkPurpose, subject_id: int, person: Person, at: datetime) -> str:
    """Return a new secret address for one person, and add its SHA-256 to the session.

    Args:
        session: the caller's; nothing is committed.
        purpose: what the link opens.
        subject_id: of the approval request, survey invitation, experience report or person it is about.
        person: who gets it; in the session or the database.
        at: when it is made.

    Returns:
        The whole address. It is nowhere else, so it can be put into a letter only now.

    Raises:
        ValueError: if the person is neither in the session nor in the database.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.flush()
    if person.id is None:
        raise ValueError(f"{person.name} is not in the session")
    keep(session, token, purpose, subject_id, person.id, at)
    return f"{settings().base_url}{PATHS[purpose]}{token}"


def keep(
    session: Session, token: str, purpose: LinkPurpose, subject_id: int, person_id: int, at: datetime
) -> None:
    """Add the SHA-256 of a token to the session, with what it opens and to whom it is given."""
    session.add(
        SecretLink(
            token_sha256=_digest(token),
            purpose=purpose,
            subject_id=subject_id,
            person_id=person_id,
            created_at=at,
        )
    )


def find_link(session: Session, purpose: LinkPurpose, token: str) -> SecretLink | None:
    """Return the link that `token` belongs to, or None if there is none for this purpose.

    It is looked up by its SHA-256, so how long that takes tells nothing about the tokens there are.
    """
    link = session.get(SecretLink, _digest(token))
    return link if link is not None and link.purpose == purpose else None


def token_in(text: str, purpose: LinkPurpose) -> str | None:
    """Return the token of the first secret address for `purpose` in a letter's text, or None."""
    found = re.search(f"{PATHS[purpose]}({_TOKEN})", text)
    return found[1] if found else None


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
