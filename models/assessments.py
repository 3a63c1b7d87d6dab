"""Service periods and the frozen figures of each target in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import json_field, large_number, refers_to


class ServicePeriod(SQLModel, table=True):
    """A stretch of time that an agreement is assessed over.

    Attributes:
        closes_at: end plus the wait for open tickets; from then on it may be assessed.
        closed_at: when it was assessed; None before.
    """

    __tablename__ = "service_periods"
    __table_args__ = (UniqueConstraint("agreement_id", "starts_at"),)

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime = Field(index=True)
    closed_at: datetime | None = None


class Assessment(SQLModel, table=True):
    """A target's figures for (a part of) a period, frozen.

    Attributes:
        starts_at, ends_at: tickets opened in between count; a part of the period where the version
            in force changed within it.
        as_of: the instant whose knowledge the figures are from.
        target: the target as it stood: key, indicator, population, threshold, objective.
        number: 0 for the original, 1 and up for its restatements.
        reason: why a restatement was made; "" for the original.
        lower, upper: one-sided exact bounds of the true share, at `confidence`.
        value, unit: the figure itself where it is no share of tickets, such as an amount of money.
        inputs_sha256: of the tickets and times that the figures were computed from.
    """

    __tablename__ = "assessments"
    __table_args__ = (UniqueConstraint("period_id", "version_id", "target_key", "number"),)

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    period_id: int = refers_to("service_periods.id")
    version_id: int = refers_to("agreement_versions.id")
    target_key: str
    number: int = 0
    reason: str = ""
    target: dict[str, Any] = json_field()
    starts_at: datetime
    ends_at: datetime
    as_of: datetime
    known: int = large_number()
    hits: int = large_number()
    undecided: int
    confidence: float
    lower: float
    upper: float
    value: float | None = None
    unit: str = ""
    verdict: str
    inputs_sha256: str
    software_version: str
