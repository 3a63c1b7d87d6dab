"""A ticket under each target that might judge it: the version in force at its opening, and its history."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from config.errors import NotFoundError
from evidence.exclusions import ExcludedTime, read_exclusions
from evidence.histories import DETAILS, UPDATES, TicketHistories
from evidence.outages import hits_everybody
from evidence.store import read_histories
from levels.calendars import Calendar
from models.agreements import Agreement
from models.evidence import Ticket
from models.parties import Party
from models.versions import AgreementVersion, ServiceLevelTarget
from states.calendars import calendar_of


@dataclass(frozen=True)
class JudgedTicket:
    """One ticket under one target, whether it counts or not.

    Attributes:
        version: the one in force when the ticket was opened, else the newest.
        in_force: whether it was in force then.
        calendar: the target's, compiled around the ticket.
        alone: the ticket's history, as known at `at`, with all details of its intervals.
        exclusions: of the agreement.
        own: whether the ticket names the agreement's customer.
    """

    agreement: Agreement
    version: AgreementVersion
    in_force: bool
    target: ServiceLevelTarget
    calendar: Calendar
    alone: TicketHistories
    exclusions: Sequence[ExcludedTime]
    at: datetime
    own: bool

    @property
    def zone(self) -> str:
        """IANA zone of the target's calendar on the day of the opening."""
        opened = datetime.fromtimestamp(int(self.alone.opened_at[0]), UTC)
        return self.calendar.hours.on(opened.date()).zone


def judged(
    session: Session, external_id: str, at: datetime, target_key: str | None = None
) -> list[JudgedTicket]:
    """Return a ticket under each target of the agreements that measure it, as far as was known at `at`.

    Raises:
        NotFoundError: if there is no such ticket, no agreement measures it, or no target has this key.
    """
    tickets = session.exec(
        select(Ticket).where(Ticket.external_id == external_id, Ticket.known_at <= at)
    ).all()
    if not tickets:
        raise NotFoundError(f"there is no ticket {external_id!r} in the evidence known by then")
    measured = [(agreement, ticket) for ticket in tickets for agreement in _agreements(session, ticket)]
    found = [
        each
        for agreement, ticket in measured
        for each in _under(session, agreement, ticket, at)
        if target_key in (None, each.target.key)
    ]
    if not found:
        why = f" named {target_key!r}" if measured and target_key else ": no agreement measures it"
        whose = tickets[0].customer or "no customer"
        raise NotFoundError(f"ticket {external_id} of {whose} falls under no target{why}")
    return found


def _agreements(session: Session, ticket: Ticket) -> list[Agreement]:
    measured = session.exec(
        select(Agreement)
        .join(Party, col(Party.id) == col(Agreement.customer_id))
        .where(Agreement.evidence_source == ticket.source)
        .order_by(col(Agreement.reference))
    ).all()
    return [
        row for row in measured if row.customer.name_in_evidence == ticket.customer or hits_everybody(ticket)
    ]


def _under(session: Session, agreement: Agreement, ticket: Ticket, at: datetime) -> Iterator[JudgedTicket]:
    version, in_force = _version_for(agreement, ticket.opened_at)
    histories = read_histories(
        session,
        ticket.source,
        ticket.customer,
        ticket.opened_at,
        ticket.opened_at + timedelta(seconds=1),
        at,
        details=(*DETAILS, UPDATES),
    )
    alone = histories.where(histories.external_ids == ticket.external_id)
    exclusions = read_exclusions(session, agreement.id, ticket.opened_at, at)
    own = ticket.customer == agreement.customer.name_in_evidence
    for target in version.targets:
        calendar = calendar_of(version, target.calendar, ticket.opened_at, at)
        yield JudgedTicket(agreement, version, in_force, target, calendar, alone, exclusions, at, own)


def _version_for(agreement: Agreement, opened_at: datetime) -> tuple[AgreementVersion, bool]:
    for version in agreement.versions:
        if version.in_force_from is None or version.in_force_from > opened_at:
            continue
        if version.in_force_until is None or opened_at < version.in_force_until:
            return version, True
    return agreement.versions[-1], False
