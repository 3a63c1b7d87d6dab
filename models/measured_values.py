"""Measured values: evidence that is no ticket, such as good and total requests, ratings or costs."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import instant_field


class MeasuredValue(SQLModel, table=True):
    """One value of one measure over a stretch of time, as it was known at an instant.

    Rows are only ever added: a correction is a row of the same source and external id that was known later.

    Attributes:
        source: which feed it came from.
        customer: the customer as the feed names it.
        name: of the measure, such as "requests", "csat" or "cost".
        service: it is about; "" where it is about all.
        starts_at, ends_at: the stretch that it was measured over, the end exclusive.
        value: the good events of a ratio, otherwise the value itself.
        total: all events of a ratio; None where the measure is none.
        unit: such as "EUR" or "ms"; "" where it has none.
        known_at: when the feed recorded it.
    """

    __tablename__ = "measured_values"
    __table_args__ = (
        UniqueConstraint("source", "external_id", "known_at"),
        Index("ix_measured_values_source_customer_name_starts_at", "source", "customer", "name", "starts_at"),
    )

    id: int = Field(default=None, primary_key=True)
    source: str
    external_id: str
    customer: str = ""
    name: str
    service: str = ""
    starts_at: datetime = instant_field()
    ends_at: datetime = instant_field()
    value: float
    total: float | None = None
    unit: str = ""
    known_at: datetime = instant_field()
