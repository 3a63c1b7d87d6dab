"""Absences: who is asked in whose name while a person is away."""

from datetime import datetime

from sqlmodel import Field, Relationship, SQLModel

from models.columns import refers_to
from models.parties import Person


class Absence(SQLModel, table=True):
    """A stretch of time in which a person's requests go to a delegate of the same party.

    Attributes:
        starts_at, ends_at: requests made in between go to the delegate, the end exclusive.
        reason: why; told to the delegate.
    """

    __tablename__ = "absences"

    id: int = Field(default=None, primary_key=True)
    person_id: int = refers_to("people.id", index=True)
    delegate_id: int = refers_to("people.id")
    starts_at: datetime
    ends_at: datetime
    reason: str = ""
    person: Person = Relationship(sa_relationship_kwargs={"foreign_keys": "Absence.person_id"})
    delegate: Person = Relationship(sa_relationship_kwargs={"foreign_keys": "Absence.delegate_id"})
