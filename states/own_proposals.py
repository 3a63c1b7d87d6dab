"""Four eyes: nobody approves their own proposal, where policy forbids it."""

from config.policy import policy
from models.parties import Person
from models.versions import AgreementVersion


def is_own_proposal(proposer: str, person: Person) -> bool:
    """Return whether policy forbids `person` to approve what `proposer`, a name or an address, proposed."""
    if policy().approvals.own_proposals == "allowed":
        return False
    return proposer.strip().casefold() in (person.name.casefold(), person.email.casefold())


def own_proposal_blockers(version: AgreementVersion, proposer: str) -> list[str]:
    """Return who would approve what they offer themselves, a sentence each."""
    return [
        f"{row.person.name} would approve their own proposal, which policy forbids: "
        "let somebody else offer it, or name another signatory"
        for row in version.signatories
        if not row.observer and is_own_proposal(proposer, row.person)
    ]
