"""People who want no more surveys: the secret address that their letters carry, and what they said there."""

from datetime import datetime

from sqlmodel import Session

from config.errors import NotFoundError
from mail import links
from models.approvals import LinkPurpose
from models.parties import Person
from models.surveys import SurveyOptOut
from templates.languages.telling import told


def unsubscribe_address(session: Session, person: Person, at: datetime) -> str:
    """Return a new secret address at which a person can ask for no more surveys."""
    return links.issue_link(session, LinkPurpose.UNSUBSCRIBE, person.id, person, at)


def find_person(session: Session, token: str) -> Person:
    """Return whose surveys a secret address is about.

    Raises:
        NotFoundError: if the token is none of ours.
    """
    link = links.find_link(session, LinkPurpose.UNSUBSCRIBE, token)
    if link is None:
        raise NotFoundError(told("this address leads nowhere: use the whole link of the letter"))
    return session.get_one(Person, link.person_id)


def opted_out(session: Session, person: Person) -> SurveyOptOut | None:
    """Return what says that a person is not surveyed; None where they are."""
    return session.get(SurveyOptOut, person.id)


def opt_out(session: Session, person: Person, at: datetime, via: str) -> None:
    """Ask a person no more from now on; saying it twice changes nothing.

    Args:
        session: the caller's open transaction.
        person: who asked for it.
        at: when.
        via: how: "page" or "one click".
    """
    session.refresh(person, with_for_update=True)  # of two at once the second sees the first
    if opted_out(session, person) is None:
        session.add(SurveyOptOut(person_id=person.id, opted_out_at=at, via=via))
        session.flush()


def opt_in(session: Session, person: Person) -> None:
    """Ask a person again, from the next survey on."""
    found = opted_out(session, person)
    if found is not None:
        session.delete(found)
        session.flush()
