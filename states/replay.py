"""Replay: the same engine over a history, day by day, with a simulated clock and simulated people.

Nothing sees evidence before it was known: every figure is asked as of the simulated instant.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select, update

from config import clock
from config.errors import SlmError
from config.policy import policy
from evidence.ticket_counts import tickets_by_customer
from mail.blotting import blotted
from models.agreements import Agreement, Stage
from models.database import reading, transaction
from models.letters import LetterState, OutboxLetter
from states import simulated_manager, simulated_people, sweeps
from states.drafting import apply_document
from states.overview import account
from states.simulated_people import Experiences
from states.stated_targets import StatedRequirements, plain_word, write_requirements

_MORNING, _AFTERNOON = time(9, tzinfo=UTC), time(15, tzinfo=UTC)
_SWEEPS = ("trials", "approvals", "surveys", "reviews", "revisions")
Progress = Callable[[int, int, date], None]


@dataclass
class ReplayPlan:
    """What is replayed.

    Attributes:
        source: the evidence source whose customers each get an agreement.
        first, last: the days replayed, both included.
        trial_days: length of each trial's intake; policy's where None.
    """

    source: str
    first: date
    last: date
    provider: str
    stated: StatedRequirements
    services: list[str]
    experiences: Experiences = field(default_factory=Experiences)
    trial_days: int | None = None


def replay(engine: Engine, plan: ReplayPlan, progress: Progress | None = None) -> dict[str, str]:
    """Drive one agreement for each customer through the cycle.

    Returns:
        The customers that were left out, with the reason.

    Raises:
        SlmError: if the days are the wrong way round, or no customer has enough tickets.
    """
    if plan.last < plan.first:
        raise SlmError(f"a replay cannot end on {plan.last} before it starts on {plan.first}")
    days = (plan.last - plan.first).days + 1
    began = datetime.combine(plan.first, time(0, tzinfo=UTC))
    first_seen: dict[str, datetime] = {}
    newest_letter = 0
    with clock.simulated(began) as simulated:
        for number in range(days):
            today = plan.first + timedelta(days=number)
            simulated.move_to(datetime.combine(today, _MORNING))
            _morning(engine, plan, first_seen, clock.now())
            simulated.move_to(datetime.combine(today, _AFTERNOON))
            with transaction(engine) as session:
                newest_letter = simulated_people.read_letters(
                    session, newest_letter, clock.now(), plan.experiences
                )
            if progress is not None:
                progress(number + 1, days, today)
    return _left_out(engine, plan)


def _morning(engine: Engine, plan: ReplayPlan, first_seen: dict[str, datetime], at: datetime) -> None:
    with transaction(engine) as session:
        _write_agreements(session, plan, first_seen, at)
    for name in _SWEEPS:
        report = sweeps.SWEEPS[name](engine, at)
        if report.problems:
            raise SlmError(f"{at:%Y-%m-%d}: {name}: {'; '.join(report.problems)}")
    with transaction(engine) as session:
        waiting = select(Agreement).where(
            Agreement.simulated,
            col(Agreement.stage).not_in([Stage.MONITORING, Stage.SIGNING, Stage.ENDED]),
        )
        for agreement in session.exec(waiting.order_by(col(Agreement.id))).all():
            simulated_manager.act(session, agreement, first_seen[agreement.customer.name_in_evidence], at)


def _write_agreements(
    session: Session, plan: ReplayPlan, first_seen: dict[str, datetime], at: datetime
) -> None:
    """Write an agreement for each customer as soon as it has tickets enough to be worth one."""
    began = datetime.combine(plan.first, time(0, tzinfo=UTC))
    written = set(session.exec(select(Agreement.reference)).all())
    counts = tickets_by_customer(session, plan.source, began, at)
    for customer in sorted(name for name in counts if name):
        first_seen.setdefault(customer, datetime.combine(at.date(), time(0, tzinfo=UTC)))
        if counts[customer] < policy().requirements.least_tickets or _reference(customer) in written:
            continue
        document = write_requirements(
            _reference(customer),
            plan.provider,
            customer,
            plan.experiences.people_of(customer),
            plan.services,
            plan.source,
            plan.stated,
        )
        if plan.trial_days is not None:
            document.trial_days = plan.trial_days
        apply_document(session, document, "replay (simulated)", at).simulated = True


def _reference(customer: str) -> str:
    return f"SLA-{plain_word(customer)}"


def _left_out(engine: Engine, plan: ReplayPlan) -> dict[str, str]:
    enough = policy().requirements.least_tickets
    began = datetime.combine(plan.first, time(0, tzinfo=UTC))
    with reading(engine) as session:
        days = plan.last - plan.first + timedelta(days=1)
        counts = tickets_by_customer(session, plan.source, began, began + days)
        written = set(session.exec(select(Agreement.reference)).all())
    left_out = {
        name or "(no customer)": _reason(name, count, enough)
        for name, count in sorted(counts.items())
        if not name or _reference(name) not in written
    }
    if not written:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items()) or "there is no ticket"
        raise SlmError(f"no customer has tickets enough from {plan.first} to {plan.last}: {reasons}")
    return left_out


def _reason(customer: str, tickets: int, enough: int) -> str:
    if not customer:
        return f"{_tickets(tickets)} without a customer"
    if tickets < enough:
        return f"{_tickets(tickets)}, at least {enough} are needed"
    return f"{_tickets(tickets)}, at least {enough} are needed before the last day begins"


def _tickets(number: int) -> str:
    return "1 ticket" if number == 1 else f"{number} tickets"


def accounts(engine: Engine) -> tuple[list[dict[str, Any]], int]:
    """Return the life of every agreement as plain data, and the number of letters written."""
    with reading(engine) as session:
        agreements = session.exec(select(Agreement).order_by(col(Agreement.reference))).all()
        letters = session.exec(select(func.count()).select_from(OutboxLetter)).one()
        return [account(session, agreement) for agreement in agreements], letters


def hand_over(engine: Engine) -> None:
    """Let the real world go on where the replay ends: from now on letters are sent and people answer.

    The secrets in the letters that simulated people were sent are blotted out.
    """
    with transaction(engine) as session:
        for letter in session.exec(
            select(OutboxLetter).where(OutboxLetter.state == LetterState.SIMULATED)
        ).all():
            for column, text in blotted(letter).items():
                setattr(letter, column, text)
        session.execute(update(Agreement).values(simulated=False))
