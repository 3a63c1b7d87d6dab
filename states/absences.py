"""Standing delegates: who is asked in a person's name while that person is away."""

from datetime import datetime

from sqlmodel import Session, col, select

from config.clock import as_utc
from config.errors import NotFoundError, SlmError
from config.plain_text import plain_line
from models.absences import Absence
from models.parties import Person

LONGEST_CHAIN = 3


class AbsenceRefusedError(SlmError):
    """The absence cannot be kept; the message says why."""


def find_person(session: Session, email: str) -> Person:
    """Return the person who has this address.

    Raises:
        NotFoundError: if nobody has.
    """
    person = session.exec(select(Person).where(Person.email == email.strip().lower())).one_or_none()
    if person is None:
        raise NotFoundError(f"nobody has the address '{email}'")
    return person


def add_absence(
    session: Session,
    person: Person,
    delegate: Person,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
) -> Absence:
    """Let a person's requests go to a delegate for a while; those that are open already stay where they are.

    Args:
        session: the caller's; nothing is committed.
        person: who is away.
        delegate: who is asked in their name, of the same party.
        starts_at: the first instant of the absence.
        ends_at: the first instant after it.
        reason: why, which the delegate reads.

    Raises:
        AbsenceRefusedError: the end is not after the start, the delegate is of another party or the same
            person, or the person is away at that time already.
    """
    starts_at, ends_at = as_utc(starts_at), as_utc(ends_at)
    if ends_at <= starts_at:
        raise AbsenceRefusedError(f"{person.email}: the absence must end after it starts")
    if delegate.id == person.id:
        raise AbsenceRefusedError(f"{person.email} cannot stand in for themselves")
    if delegate.party_id != person.party_id:
        raise AbsenceRefusedError(
            f"{delegate.email} is of {delegate.party.name}: "
            f"a delegate is of the same party, {person.party.name}"
        )
    same = select(Absence).where(
        Absence.person_id == person.id, Absence.starts_at < ends_at, Absence.ends_at > starts_at
    )
    if (other := session.exec(same).first()) is not None:
        raise AbsenceRefusedError(
            f"{person.email} is away from {other.starts_at:%Y-%m-%d} until {other.ends_at:%Y-%m-%d} already"
        )
    absence = Absence(
        person=person, delegate=delegate, starts_at=starts_at, ends_at=ends_at, reason=plain_line(reason)
    )
    session.add(absence)
    session.flush()
    return absence


def absence_of(session: Session, person: Person, at: datetime) -> Absence | None:
    """Return the absence of a person at an instant, None while they are there."""
    wanted = select(Absence).where(
        Absence.person_id == person.id, Absence.starts_at <= at, Absence.ends_at > at
    )
    return session.exec(wanted.order_by(col(Absence.id))).first()


def who_stands_in(session: Session, person: Person, at: datetime) -> Person:
    """Return who is asked in the name of `person`: themselves, or the delegate who is there.

    A delegate who is away has a delegate again, three in all; where that leads to nobody, or back, the
    person is asked all the same.
    """
    found, passed = person, {person.id}
    while (absence := absence_of(session, found, at)) is not None:
        found = absence.delegate
        if found.id in passed or len(passed) > LONGEST_CHAIN:
            return person
        passed.add(found.id)
    return found
