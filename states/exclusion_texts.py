"""The text of an exclusion: what its approval is about, the hash of it, and whom it touches in words."""

from functools import reduce

from models.agreements import Agreement
from models.exclusions import Exclusion
from models.sealing import canonical_json, sha256_of
from templates.languages.kept import stored
from templates.languages.telling import told, told_list


def sha256_of_exclusion(agreement: Agreement, exclusion: Exclusion) -> str:
    """Return the SHA-256 of the exclusion's canonical text: agreement, reason, whom it touches, from, to."""
    text = {
        "agreement": agreement.reference,
        "reason": exclusion.reason,
        "ticket": exclusion.ticket,
        "population": exclusion.population,
        "from": exclusion.starts_at.isoformat(),
        "to": exclusion.ends_at.isoformat(),
    }
    return sha256_of(canonical_json(text))


def scope_of(exclusion: Exclusion) -> str:
    """Return what an exclusion touches: "ticket INC-7", "priority 2 and service E-mail", "everything"."""
    if exclusion.ticket:
        return told("ticket %(name)s", name=exclusion.ticket)
    named: list[str] = [
        told_list([stored(name.replace("_", " ")), value], " ")
        for name, value in sorted(exclusion.population.items())
    ]
    return reduce(_and, named) if named else told("everything")


def _and(first: str, second: str) -> str:
    return told("%(first)s and %(second)s", first=first, second=second)
