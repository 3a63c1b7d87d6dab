"""Secret links: addresses that only a letter's receiver knows. The database keeps their SHA-256 alone."""

import re
import secrets
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session

from config.settings import settings
from models.approvals import LinkPurpose, SecretLink
from models.parties import Person

PATHS = {LinkPurpose.DECISION: "/d/", LinkPurpose.SURVEY: "/s/", LinkPurpose.REPORT: "/r/"}
_TOKEN_BYTES = 32
_TOKEN = r"[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"  # 32 bytes in URL-safe base64
_SECRET = re.compile(f"({'|'.join(re.escape(path) for path in PATHS.values())}){_TOKEN}")


def issue_link(session: Session, purpose: LinkPurpose, subject_id: int, person: Person, at: datetime) -> str:
    """Return a new secret address for one person, and add its SHA-256 to the session.

    Args:
        session: the caller's; nothing is committed.
        purpose: what the link opens.
        subject_id: of the approval request, survey invitation or experience report it opens.
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
    session.add(
        SecretLink(
            token_sha256=_digest(token),
            purpose=purpose,
            subject_id=subject_id,
            person_id=person.id,
            created_at=at,
        )
    )
    return f"{settings().base_url}{PATHS[purpose]}{token}"


def find_link(session: Session, purpose: LinkPurpose, token: str) -> SecretLink | None:
    """Return the link that `token` belongs to, or None if there is none for this purpose."""
    link = session.get(SecretLink, _digest(token))
    return link if link is not None and link.purpose == purpose else None


def token_in(text: str, purpose: LinkPurpose) -> str | None:
    """Return the token of the first secret address for `purpose` in a letter's text, or None."""
    found = re.search(f"{PATHS[purpose]}({_TOKEN})", text)
    return found[1] if found else None


def blot_out(text: str) -> str:
    """Return `text` with the token of every secret address in it replaced by "…"."""
    return _SECRET.sub(r"\1…", text)


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
