"""The text of an exclusion: what its approval is about, the hash of it, and whom it touches in words."""

from models.agreements import Agreement
from models.exclusions import Exclusion
from models.sealing import canonical_json, sha256_of


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
        return f"ticket {exclusion.ticket}"
    named = [f"{name.replace('_', ' ')} {value}" for name, value in sorted(exclusion.population.items())]
    return " and ".join(named) or "everything"
