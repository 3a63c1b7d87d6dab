"""Agreements: where each stands in the cycle."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer
from sqlmodel import Field, Relationship, SQLModel

from models.columns import refers_to, word
from models.parties import Party, Person, Service

if TYPE_CHECKING:
    from models.versions import AgreementVersion


class AgreementKind(StrEnum):
    """SLA with a customer, OLA inside the provider, UC (underpinning contract) with a supplier."""

    SLA = "SLA"
    OLA = "OLA"
    UC = "UC"


class Stage(StrEnum):
    """Where an agreement stands in the cycle; not the same as which version is in force."""

    REQUIREMENTS = "requirements"
    TRIAL_RUN = "trial_run"
    SIGNING = "signing"
    MONITORING = "monitoring"
    REVIEW = "review"
    RENEGOTIATION = "renegotiation"
    ENDED = "ended"

    @property
    def title(self) -> str:  # type: ignore[override]  # of str.title, which no stage needs
        """The stage as people write it: "Trial run"."""
        return self.value.replace("_", " ").capitalize()


class AgreementService(SQLModel, table=True):
    """Which services an agreement covers."""

    __tablename__ = "agreement_services"

    agreement_id: int = Field(foreign_key="agreements.id", primary_key=True)
    service_id: int = Field(foreign_key="services.id", primary_key=True)


_row_version = Column("row_version", Integer, nullable=False)


class Agreement(SQLModel, table=True):
    """A service level agreement between a provider and a customer.

    Attributes:
        stage: written by `states.lifecycle.advance` alone.
        row_version: optimistic version number: every change of the row counts it up, and a change
            that started from an older number fails.
        evidence_source: the source name of the imported tickets that measure it.
        simulated: driven by a replay; its letters' answers are simulated.
    """

    __tablename__ = "agreements"
    __mapper_args__ = {"version_id_col": _row_version}

    id: int = Field(default=None, primary_key=True)
    reference: str = Field(unique=True)
    kind: AgreementKind = word(AgreementKind, AgreementKind.SLA)
    title: str
    provider_id: int = refers_to("parties.id", index=True)
    customer_id: int = refers_to("parties.id", index=True)
    owner_id: int = refers_to("people.id")
    stage: Stage = word(Stage, Stage.REQUIREMENTS, index=True)
    stage_since: datetime
    created_at: datetime
    evidence_source: str = ""
    simulated: bool = False
    row_version: int = Field(default=None, sa_column=_row_version)

    provider: Party = Relationship(sa_relationship_kwargs={"foreign_keys": "Agreement.provider_id"})
    customer: Party = Relationship(sa_relationship_kwargs={"foreign_keys": "Agreement.customer_id"})
    owner: Person = Relationship()
    services: list[Service] = Relationship(
        link_model=AgreementService, sa_relationship_kwargs={"order_by": "Service.name"}
    )
    versions: list["AgreementVersion"] = Relationship(
        back_populates="agreement", sa_relationship_kwargs={"order_by": "AgreementVersion.number"}
    )
