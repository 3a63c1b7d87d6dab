"""Exclusions: time that does not count, asked for with a reason and approved by the customer."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Relationship, SQLModel

from models.columns import instant_field, json_field, refers_to, word
from models.parties import Person


class ExclusionState(StrEnum):
    """An exclusion is asked for, and counts only once the customer's person has approved it."""

    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Exclusion(SQLModel, table=True):
    """A stretch of time that is not to count, such as a maintenance window or a strike.

    Attributes:
        reason: why, printed in the report.
        ticket: the number of the one ticket it is for; "" for all of the population.
        population: ticket attributes that must match, e.g. {"service": "mail"}; empty: every ticket.
        starts_at, ends_at: what does not count, the end exclusive.
        sha256: of its text, which the approval is about.
        decided_at: from then on it counts, if approved; figures asked for as of earlier do not see it.
    """

    __tablename__ = "exclusions"

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    reason: str
    ticket: str = ""
    population: dict[str, str] = json_field()
    starts_at: datetime = instant_field()
    ends_at: datetime = instant_field()
    state: ExclusionState = word(ExclusionState, ExclusionState.ASKED, index=True)
    asked_by_id: int = refers_to("people.id")
    asked_at: datetime
    decided_at: datetime | None = instant_field(default=None)
    sha256: str
    asked_by: Person = Relationship()
