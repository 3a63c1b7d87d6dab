"""Explaining a figure: what one ticket's stopwatch did under a target, second by second."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from config.errors import NotFoundError
from evidence.accounts import OF_OUTAGES, OF_STOPWATCHES, Counting
from evidence.exclusions import ExcludedTime, read_exclusions
from evidence.ledgers import LedgerLine, ledger_of
from evidence.measuring import measure
from evidence.outages import OUTAGE
from evidence.questions import STOPWATCHES
from evidence.store import TicketHistories, read_histories
from levels.calendars import Calendar
from levels.stopwatches import Outcome
from models.agreements import Agreement
from models.evidence import Ticket
from models.parties import Party
from models.versions import AgreementVersion, Indicator, ServiceLevelTarget
from states.calendars import calendar_of
from states.measures import question_of
from states.outage_ledgers import outage_ledger


@dataclass(frozen=True)
class Explanation:
    """One ticket under one target.

    Attributes:
        version: that judges the ticket: the one in force when it was opened, else the newest.
        in_force: whether it was in force then; otherwise no promise applied yet.
        zone: IANA zone of the target's calendar on the day of the opening.
        lines: every second from opening to the resolution, or to the instant asked about.
        consumed_s: working seconds that the assessment counts; the sum of the running lines, and of an
            outage under an availability target that of the lines that are down.
        stopped: whether the stopwatch has stopped, or the outage is over.
        outcome: of the stopwatch; None for an outage, which has no threshold of its own.
    """

    agreement: Agreement
    version: AgreementVersion
    in_force: bool
    target: ServiceLevelTarget
    zone: str
    lines: list[LedgerLine]
    consumed_s: int
    stopped: bool
    outcome: Outcome | None

    @property
    def kinds(self) -> tuple[Counting, ...]:
        """What may become of a second under this target."""
        return OF_OUTAGES if self.outcome is None else OF_STOPWATCHES

    def total(self, counting: Counting) -> int:
        """Return the seconds of one kind."""
        return sum(line.seconds for line in self.lines if line.counting == counting)


def explain(
    session: Session, external_id: str, at: datetime, target_key: str | None = None
) -> list[Explanation]:
    """Explain a ticket under each target that it falls under, as far as was known at `at`.

    Raises:
        NotFoundError: if there is no such ticket, no agreement measures it, or no target covers it.
    """
    tickets = session.exec(
        select(Ticket).where(Ticket.external_id == external_id, Ticket.known_at <= at)
    ).all()
    if not tickets:
        raise NotFoundError(f"there is no ticket {external_id!r} in the evidence known by then")
    found = [
        explanation
        for ticket in tickets
        for agreement in _agreements(session, ticket)
        for explanation in _under(session, agreement, ticket, at, target_key)
    ]
    if not found:
        named = f" named {target_key!r}" if target_key else ""
        raise NotFoundError(
            f"ticket {external_id} of {tickets[0].customer or 'no customer'} falls under no target{named}"
        )
    return found


@dataclass(frozen=True)
class _Case:
    """One ticket under one target, before it is explained."""

    agreement: Agreement
    version: AgreementVersion
    in_force: bool
    target: ServiceLevelTarget
    calendar: Calendar
    alone: TicketHistories
    exclusions: Sequence[ExcludedTime]
    at: datetime

    def explained(
        self, lines: list[LedgerLine], consumed_s: int, stopped: bool, outcome: Outcome | None
    ) -> Explanation:
        opened = datetime.fromtimestamp(int(self.alone.opened_at[0]), UTC)
        zone = self.calendar.hours.on(opened.date()).zone
        return Explanation(
            self.agreement,
            self.version,
            self.in_force,
            self.target,
            zone,
            lines,
            consumed_s,
            stopped,
            outcome,
        )


def _agreements(session: Session, ticket: Ticket) -> list[Agreement]:
    measured = session.exec(
        select(Agreement)
        .join(Party, col(Party.id) == col(Agreement.customer_id))
        .where(Agreement.evidence_source == ticket.source)
        .order_by(col(Agreement.reference))
    ).all()
    # an outage that names no customer hits everybody
    anybody = ticket.request_type == OUTAGE and not ticket.customer
    return [row for row in measured if anybody or row.customer.name_in_evidence == ticket.customer]


def _under(
    session: Session, agreement: Agreement, ticket: Ticket, at: datetime, target_key: str | None
) -> list[Explanation]:
    version, in_force = _version_for(agreement, ticket.opened_at)
    histories = read_histories(
        session,
        ticket.source,
        ticket.customer,
        ticket.opened_at,
        ticket.opened_at + timedelta(seconds=1),
        at,
        details=("line", "priority"),
    )
    alone = histories.where(histories.external_ids == ticket.external_id)
    exclusions = read_exclusions(session, agreement.id, ticket.opened_at, at)
    explained: list[Explanation | None] = []
    for target in version.targets:
        if target_key not in (None, target.key):
            continue
        calendar = calendar_of(version, target.calendar, ticket.opened_at, at)
        case = _Case(agreement, version, in_force, target, calendar, alone, exclusions, at)
        if target.indicator in STOPWATCHES and ticket.customer == agreement.customer.name_in_evidence:
            explained.append(_of_stopwatch(case))
        elif target.indicator == Indicator.AVAILABILITY and ticket.request_type == OUTAGE:
            explained.append(_of_outage(session, case))
    return [explanation for explanation in explained if explanation is not None]


def _version_for(agreement: Agreement, opened_at: datetime) -> tuple[AgreementVersion, bool]:
    for version in agreement.versions:
        if version.in_force_from is None or version.in_force_from > opened_at:
            continue
        if version.in_force_until is None or opened_at < version.in_force_until:
            return version, True
    return agreement.versions[-1], False


def _of_stopwatch(case: _Case) -> Explanation | None:
    measured = measure(case.alone, case.calendar, question_of(case.target), case.exclusions)
    if len(measured.external_ids) == 0:
        return None  # another population, line or state, or cancelled: nobody had to serve it
    return case.explained(
        ledger_of(case.alone, measured, case.calendar, 0),
        int(measured.consumed[0]),
        bool(measured.stopped[0]),
        Outcome(int(measured.outcomes[0])),
    )


def _of_outage(session: Session, case: _Case) -> Explanation | None:
    lines = outage_ledger(
        session, case.agreement, case.target, case.alone, case.calendar, case.exclusions, case.at
    )
    if not lines:
        return None
    down_s = sum(line.seconds for line in lines if line.counting == Counting.DOWN)
    return case.explained(lines, down_s, lines[-1].end < int(case.at.timestamp()), None)
