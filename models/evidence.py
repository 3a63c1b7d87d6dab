"""Evidence: tickets with their intervals, each fact with when it happened and when it was known."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import instant_field, refers_to, word


class TicketState(StrEnum):
    """The states that every ticket system's own states are mapped to."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    AWAITING_USER = "awaiting_user"
    AWAITING_EVIDENCE = "awaiting_evidence"
    AWAITING_SUPPLIER = "awaiting_supplier"
    AWAITING_PROBLEM = "awaiting_problem"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Ticket(SQLModel, table=True):
    """A ticket as it was opened; what happened to it later stands in its intervals.

    Attributes:
        source: which feed it came from; unique together with `external_id`.
        customer: the customer as the ticket system names it.
        opened_at: when it was opened.
        known_at: when the ticket was first known to the feed; where its customer was named later, since then.
        parent: the external id of the incident that this one is only another report of; "" where it is none.
        priority, service, category, request_type: as known when it was opened; "" where missing.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_tickets_source_customer_opened_at", "source", "customer", "opened_at"),
        # outages are looked for from the beginning, and they are few among the tickets
        Index(
            "ix_tickets_outages",
            "source",
            "customer",
            "opened_at",
            sqlite_where=text("request_type = 'outage'"),
            postgresql_where=text("request_type = 'outage'"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    source: str
    external_id: str
    customer: str = ""
    requester: str = ""
    service: str = ""
    request_type: str = ""
    parent: str = ""
    category: str = ""
    priority: str = ""
    opened_at: datetime = instant_field()
    known_at: datetime = instant_field()


class TicketInterval(SQLModel, table=True):
    """A ticket in one state, with one group, in one line, from `started_at` until its next interval starts.

    Rows are only ever added. Asked *as of* an instant, rows known later do not exist yet.

    Attributes:
        started_at: when the state began.
        known_at: when the ticket system recorded it.
        line: first line, back office, supplier, where the feed says so; "" otherwise.
    """

    __tablename__ = "ticket_intervals"
    __table_args__ = (UniqueConstraint("ticket_id", "started_at", "state", "group_name", "line", "priority"),)

    id: int = Field(default=None, primary_key=True)
    ticket_id: int = refers_to("tickets.id")
    state: TicketState = word(TicketState)
    group_name: str = ""
    line: str = ""
    priority: str = ""
    started_at: datetime = instant_field()
    known_at: datetime = instant_field()


class TicketUpdate(SQLModel, table=True):
    """An update of a ticket that said what was known already, so that no interval began with it.

    Rows are only ever added. Whoever waits for news has had some all the same.

    Attributes:
        at: when it was made; one instant is one update.
        known_at: when the ticket system recorded it.
    """

    __tablename__ = "ticket_updates"
    __table_args__ = {"sqlite_with_rowid": False}

    ticket_id: int = refers_to("tickets.id", primary_key=True)
    at: datetime = instant_field(primary_key=True)
    known_at: datetime = instant_field()
