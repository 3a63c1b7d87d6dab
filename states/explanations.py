"""Explaining a figure: what one ticket's stopwatch did under a target, second by second."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from evidence.accounts import OF_OUTAGES, OF_STOPWATCHES, Counting
from evidence.ledgers import LedgerLine, ledger_of
from evidence.measuring import measure
from evidence.questions import STOPWATCHES
from levels.stopwatches import Outcome
from models.agreements import Agreement
from models.version_words import Indicator
from models.versions import AgreementVersion, ServiceLevelTarget
from states.judged_tickets import JudgedTicket, judged
from states.outage_ledgers import outage_ledger
from states.ticket_evidence import question_of
from states.uncounted import why_uncounted


@dataclass(frozen=True)
class Explanation:
    """One ticket under one target.

    Attributes:
        version: that judges the ticket: the one in force when it was opened, else the newest.
        in_force: whether it was in force then; otherwise no promise applied yet.
        zone: IANA zone of the target's calendar on the day of the opening.
        lines: every second from opening to the close, or to the instant asked about.
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


@dataclass(frozen=True)
class Uncounted:
    """One ticket under a target that it does not count under.

    Attributes:
        version, in_force: as in an `Explanation`.
        why: each term of the target that leaves the ticket out.
    """

    agreement: Agreement
    version: AgreementVersion
    in_force: bool
    target: ServiceLevelTarget
    why: list[str]


def explain(
    session: Session, external_id: str, at: datetime, target_key: str | None = None
) -> list[Explanation]:
    """Explain a ticket under each target that it falls under, as far as was known at `at`.

    None where it falls under no target: see `why_under_none`.

    Raises:
        NotFoundError: if there is no such ticket, no agreement measures it, or no target has this key.
    """
    found = (_explained(session, ticket) for ticket in judged(session, external_id, at, target_key))
    return [explanation for explanation in found if explanation is not None]


def why_under_none(
    session: Session, external_id: str, at: datetime, target_key: str | None = None
) -> list[Uncounted]:
    """Tell of each target that a ticket does not count under why not, as far as was known at `at`.

    Raises:
        NotFoundError: as `explain` does.
    """
    return [
        Uncounted(
            ticket.agreement,
            ticket.version,
            ticket.in_force,
            ticket.target,
            why_uncounted(ticket.target, ticket.alone, ticket.own),
        )
        for ticket in judged(session, external_id, at, target_key)
        if _explained(session, ticket) is None
    ]


def _explained(session: Session, ticket: JudgedTicket) -> Explanation | None:
    if ticket.target.indicator in STOPWATCHES and ticket.own:
        return _of_stopwatch(ticket)
    if ticket.target.indicator == Indicator.AVAILABILITY:
        return _of_outage(session, ticket)
    return None


def _of_stopwatch(ticket: JudgedTicket) -> Explanation | None:
    measured = measure(ticket.alone, ticket.calendar, question_of(ticket.target), ticket.exclusions)
    if len(measured.external_ids) == 0:
        return None
    return _explanation(
        ticket,
        ledger_of(ticket.alone, measured, ticket.calendar, 0),
        int(measured.consumed[0]),
        bool(measured.stopped[0]),
        Outcome(int(measured.outcomes[0])),
    )


def _of_outage(session: Session, ticket: JudgedTicket) -> Explanation | None:
    lines = outage_ledger(
        session, ticket.agreement, ticket.target, ticket.alone, ticket.calendar, ticket.exclusions, ticket.at
    )
    if not lines:
        return None
    down_s = sum(line.seconds for line in lines if line.counting == Counting.DOWN)
    return _explanation(ticket, lines, down_s, lines[-1].end < int(ticket.at.timestamp()), None)


def _explanation(
    ticket: JudgedTicket, lines: list[LedgerLine], consumed_s: int, stopped: bool, outcome: Outcome | None
) -> Explanation:
    return Explanation(
        ticket.agreement,
        ticket.version,
        ticket.in_force,
        ticket.target,
        ticket.zone,
        lines,
        consumed_s,
        stopped,
        outcome,
    )
