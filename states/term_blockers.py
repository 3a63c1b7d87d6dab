"""What a term that is over blocks: nobody tries, seals or signs a version that has ended already."""

from datetime import datetime

from models.versions import AgreementVersion
from templates.render import day


def term_blockers(version: AgreementVersion, at: datetime) -> list[str]:
    """Return that the version has ended already; empty where it has no end or one to come."""
    if version.valid_until is None or version.valid_until > at:
        return []
    return [f"its end, valid_until, is over since {day(version.valid_until)}: write a later one, or none"]
