"""Versions of an agreement: the text that is tried, sealed, signed and in force."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

from models.agreements import Agreement
from models.columns import json_field, refers_to, word
from models.parties import Person
from models.version_words import (
    Assurance,
    BoundSide,
    Indicator,
    Origin,
    PriorityChange,
    Reopening,
    Settlement,
    Side,
    VersionStatus,
)


class AgreementVersion(SQLModel, table=True):
    """One numbered text of an agreement.

    Attributes:
        canonical: the sealed text: canonical JSON of the contents, whose SHA-256 is `sha256`.
        in_force_from: start of validity; tickets opened from then on are judged by this version.
        in_force_until: end of validity (exclusive), None while it lasts.
        waiver: why and by whose name this version is signed without a trial.
        trial_days: length of the trial run's intake, in days.
        trial_confidence: how sure the trial's verdicts must be, over all looks; policy's where None.
        trial_looks: how many times the trial may be judged in all, should it be extended.
        cost: what the service costs under this version, such as
            {"amount": 1200, "currency": "EUR", "per": "month"}.
        notice_days: how long before its end either side must say that it leaves.
        valid_until: when the version ends by itself, None where it has no end.
        quorum: how many approvals a group of signatories needs, by its number, such as {"1": 2}; a group
            without one needs those of its required signatories.
        offered_by: who had it sealed and sent out; policy may forbid that they approve it themselves.
    """

    __tablename__ = "agreement_versions"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    number: int
    status: VersionStatus = word(VersionStatus, VersionStatus.DRAFT)
    created_at: datetime
    trial_days: int
    trial_confidence: float | None = None
    trial_looks: int = 1
    review_period: str
    cost: dict[str, Any] = json_field()
    notice_days: int = 0
    valid_until: datetime | None = None
    waiver: str = ""
    quorum: dict[str, int] = json_field()
    offered_by: str = ""
    canonical: str | None = None
    sha256: str | None = None
    sealed_at: datetime | None = None
    in_force_from: datetime | None = None
    in_force_until: datetime | None = None

    agreement: Agreement = Relationship(back_populates="versions")
    targets: list["ServiceLevelTarget"] = Relationship(
        back_populates="version", sa_relationship_kwargs={"order_by": "ServiceLevelTarget.key"}
    )
    process_targets: list["ProcessTarget"] = Relationship(
        back_populates="version", sa_relationship_kwargs={"order_by": "ProcessTarget.id"}
    )
    requirements: list["Requirement"] = Relationship(
        back_populates="version", sa_relationship_kwargs={"order_by": "Requirement.id"}
    )
    responsibilities: list["Responsibility"] = Relationship(
        back_populates="version", sa_relationship_kwargs={"order_by": "Responsibility.id"}
    )
    calendars: list["ServiceCalendar"] = Relationship(
        back_populates="version", sa_relationship_kwargs={"order_by": "ServiceCalendar.name"}
    )
    signatories: list["Signatory"] = Relationship(
        back_populates="version", sa_relationship_kwargs={"order_by": "Signatory.id"}
    )

    @property
    def notice_by(self) -> datetime | None:
        """Until when either side may say that it leaves; None where no notice is agreed, or no end."""
        if self.valid_until is None or not self.notice_days:
            return None
        return self.valid_until - timedelta(days=self.notice_days)


class ServiceCalendar(SQLModel, table=True):
    """The service hours that a version's targets are measured on.

    Attributes:
        hours: a `levels` working-hours specification as JSON.
    """

    __tablename__ = "service_calendars"
    __table_args__ = (UniqueConstraint("version_id", "name"),)

    id: int = Field(default=None, primary_key=True)
    version_id: int = refers_to("agreement_versions.id", index=True)
    name: str
    hours: dict[str, Any] = json_field()
    version: AgreementVersion = Relationship(back_populates="calendars")


class ServiceLevelTarget(SQLModel, table=True):
    """Indicator, population, threshold and objective: "90 % of P2 resolved within 8 working hours".

    Attributes:
        key: the target's name within its agreement, kept from version to version.
        population: ticket attributes that must match, e.g. {"priority": "2"}; empty: every ticket.
        threshold_s: seconds of working time; 0 where no time is promised.
        objective: the share promised, between 0 and 1.
        calendar: the name of a calendar of the same version.
        weekdays: "mon" to "sun" in the calendar's zone: only tickets opened on them count; empty: on any day.
        pause_states: ticket states in which the stopwatch stands still.
        reopening: what a reopened ticket's stopwatch does.
        priority_change: which target judges a ticket whose priority changed.
        line: of a step: the line whose time counts.
        from_states, to_states: of time between states: those that start the stopwatch and those that stop it.
        measure: the name of the imported measure that a ratio, value, satisfaction or cost is taken from.
        bound, bound_side: of a value or a cost: the limit, in the measure's own unit.
        accepted_risk: why, and by whose name, an unproven target is offered all the same.
    """

    __tablename__ = "service_level_targets"
    __table_args__ = (UniqueConstraint("version_id", "key"),)

    id: int = Field(default=None, primary_key=True)
    version_id: int = refers_to("agreement_versions.id", index=True)
    key: str
    indicator: Indicator = word(Indicator, Indicator.RESOLUTION)
    population: dict[str, str] = json_field()
    threshold_s: int
    objective: float
    calendar: str
    pause_states: list[str] = json_field(list)
    weekdays: list[str] = json_field(list)
    reopening: Reopening = word(Reopening, Reopening.CONTINUE)
    priority_change: PriorityChange = word(PriorityChange, PriorityChange.OPENING)
    line: str = ""
    from_states: list[str] = json_field(list)
    to_states: list[str] = json_field(list)
    measure: str = ""
    bound: float | None = None
    bound_side: BoundSide = word(BoundSide, BoundSide.AT_MOST)
    accepted_risk: str = ""
    version: AgreementVersion = Relationship(back_populates="targets")


class ProcessTarget(SQLModel, table=True):
    """A target's share for one step, in the order of the work, and who carries it.

    Attributes:
        target_key: the target that is broken down.
        position: of the step in the order of the work, from 1.
        line: the step, by the name of its line in the evidence.
        budget_s: seconds of working time for the step.
        objective: the share of its tickets within the budget; of an availability, the share itself.
        carried_by: the reference of the OLA or underpinning contract that carries it, or a team's name.
        supporting_target: the key of the carrying agreement's target; "" where a team carries it.
    """

    __tablename__ = "process_targets"
    __table_args__ = (UniqueConstraint("version_id", "target_key", "position"),)

    id: int = Field(default=None, primary_key=True)
    version_id: int = refers_to("agreement_versions.id", index=True)
    target_key: str
    position: int
    line: str
    budget_s: int
    objective: float
    carried_by: str
    supporting_target: str = ""
    version: AgreementVersion = Relationship(back_populates="process_targets")


class Requirement(SQLModel, table=True):
    """What somebody stated to need, and how it was settled.

    Attributes:
        stated: the target that was asked for, such as {"threshold_s": 14400, "objective": 0.95}; {} where
            the need was stated without one.
        conversation: what was said about it, oldest first, each {"at", "by", "act", "text"}; the acts are
            stated, challenged, accepted, reduced and dropped.
    """

    __tablename__ = "requirements"

    id: int = Field(default=None, primary_key=True)
    version_id: int = refers_to("agreement_versions.id", index=True)
    text: str
    origin: Origin = word(Origin, Origin.CUSTOMER)
    business_reason: str = ""
    target_key: str | None = None
    settlement: Settlement = word(Settlement, Settlement.OPEN)
    reason: str = ""
    stated: dict[str, Any] = json_field()
    conversation: list[dict[str, str]] = json_field(list)
    version: AgreementVersion = Relationship(back_populates="requirements")


class Responsibility(SQLModel, table=True):
    """A duty of one side, signed with the targets."""

    __tablename__ = "responsibilities"

    id: int = Field(default=None, primary_key=True)
    version_id: int = refers_to("agreement_versions.id", index=True)
    side: Side = word(Side)
    text: str
    version: AgreementVersion = Relationship(back_populates="responsibilities")


class Signatory(SQLModel, table=True):
    """Who is asked to sign for a side; `required` ones must all approve.

    Attributes:
        group: those of one group are asked at the same time, a later group once the former is done.
        observer: is told how it goes and not asked.
        assurance: what the decision page demands.
    """

    __tablename__ = "signatories"
    __table_args__ = (UniqueConstraint("version_id", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    version_id: int = refers_to("agreement_versions.id", index=True)
    person_id: int = refers_to("people.id")
    side: Side = word(Side)
    required: bool = True
    group: int = 1
    observer: bool = False
    assurance: Assurance = word(Assurance, Assurance.L2)
    version: AgreementVersion = Relationship(back_populates="signatories")
    person: Person = Relationship()
