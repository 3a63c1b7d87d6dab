"""Who takes part: parties, their people, and the services between them."""

from enum import StrEnum

from sqlmodel import Field, Relationship, SQLModel

from models.columns import refers_to, word


class PartyKind(StrEnum):
    """What a party is to the organisation."""

    PROVIDER = "provider"
    CUSTOMER = "customer"
    SUPPLIER = "supplier"


class PersonRole(StrEnum):
    """What a person does for its party."""

    MANAGER = "manager"
    SENIOR = "senior management"
    STAKEHOLDER = "stakeholder"
    USER = "user"


class Party(SQLModel, table=True):
    """A provider, a customer or a supplier.

    Attributes:
        evidence_name: how the ticket system names this party, where it differs from `name`.
    """

    __tablename__ = "parties"

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    kind: PartyKind = word(PartyKind)
    evidence_name: str | None = None
    people: list["Person"] = Relationship(back_populates="party")

    @property
    def name_in_evidence(self) -> str:
        """The name under which tickets of this party are found."""
        return self.evidence_name or self.name


class Person(SQLModel, table=True):
    """Someone of a party who gets letters.

    Attributes:
        email: unique, in lower case.
        zone: IANA zone in which letters and pages tell this person the time.
        language: of those letters and pages, such as "de"; `templates.languages` has them.
    """

    __tablename__ = "people"

    id: int = Field(default=None, primary_key=True)
    party_id: int = refers_to("parties.id", index=True)
    name: str
    email: str = Field(unique=True)
    role: PersonRole = word(PersonRole, PersonRole.STAKEHOLDER)
    zone: str = "UTC"
    language: str = Field(default="en", sa_column_kwargs={"server_default": "en"})
    party: Party = Relationship(back_populates="people")


class Service(SQLModel, table=True):
    """What a provider delivers under an agreement."""

    __tablename__ = "services"

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    description: str = ""
    provider_id: int = refers_to("parties.id", index=True)
