"""The audit trail: a hash chain for each agreement."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class AuditEvent(SQLModel, table=True):
    """One link of an agreement's chain.

    Attributes:
        sequence: 1, 2, 3, ... without a gap.
        data: canonical JSON of what happened.
        previous_hash: the hash of the event before; 64 zeros for the first.
        hash: SHA-256 of the previous hash and the canonical JSON of this event.
    """

    __tablename__ = "audit_events"

    agreement_id: int = Field(foreign_key="agreements.id", primary_key=True)
    sequence: int = Field(primary_key=True)
    at: datetime
    actor: str
    kind: str
    data: str
    previous_hash: str
    hash: str


class AuditHead(SQLModel, table=True):
    """The end of an agreement's chain: locked by whoever appends, so that a chain never forks."""

    __tablename__ = "audit_heads"

    agreement_id: int = Field(foreign_key="agreements.id", primary_key=True)
    length: int = 0
    hash: str = "0" * 64
