"""Four eyes: nobody approves their own proposal, where policy forbids it."""

from sqlmodel import Session, or_, select

from config.plain_text import plain_line
from config.policy import policy
from models.parties import Person
from models.version_words import Side
from models.versions import AgreementVersion, Signatory


def is_own_proposal(proposer: str, person: Person) -> bool:
    """Return whether policy forbids `person` to approve what `proposer`, a name or an address, proposed."""
    return _forbids({proposer}, person.name, person.email)


def goes_by_a_name_of(session: Session, proposer: str, name: str, email: str) -> bool:
    """Return whether policy forbids whoever goes by `name` and `email` to approve what `proposer` proposed.

    They may be those that `proposer` says, or those of one of the people it is. Somebody under another name
    and another address cannot be told from anybody else.
    """
    known = session.exec(select(Person).where(or_(Person.name == proposer, Person.email == proposer))).all()
    aliases = {proposer, *(row.name for row in known), *(row.email for row in known)}
    return _forbids(aliases, name, email)


def _forbids(proposers: set[str], name: str, email: str) -> bool:
    if policy().approvals.own_proposals == "allowed":
        return False
    same = {plain_line(proposer).casefold() for proposer in proposers} - {""}
    return not same.isdisjoint({plain_line(name).casefold(), plain_line(email).casefold()})


def deciders(version: AgreementVersion, proposer: Person) -> list[Signatory]:
    """Return who of the customer decides on what `proposer` puts to it: its required signatories."""
    return [
        row
        for row in version.signatories
        if row.required
        and row.side == Side.CUSTOMER
        and not row.observer
        and not is_own_proposal(proposer.name, row.person)
    ]


def own_proposal_blockers(version: AgreementVersion, proposer: str) -> list[str]:
    """Return who would approve what they offer themselves, a sentence each."""
    return [
        f"{row.person.name} would approve their own proposal, which policy forbids: "
        "let somebody else offer it, or name another signatory"
        for row in version.signatories
        if not row.observer and is_own_proposal(proposer, row.person)
    ]
