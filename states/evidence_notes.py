"""Whether there is anything at all to measure an agreement's targets on."""

from datetime import datetime

from sqlmodel import Session, col, select

from evidence.questions import STOPWATCHES
from models.agreements import Agreement
from models.evidence import Ticket


def missing_evidence(session: Session, agreement: Agreement, at: datetime) -> list[str]:
    """Return what is amiss if targets are measured on tickets, and no such ticket was known at `at`."""
    source, customer = agreement.evidence_source, agreement.customer.name_in_evidence
    targets = [target for version in agreement.versions for target in version.targets]
    if not source or not any(target.indicator in STOPWATCHES for target in targets):
        return []
    of_source = select(Ticket.id).where(Ticket.source == source, col(Ticket.known_at) <= at).limit(1)
    if session.exec(of_source.where(Ticket.customer == customer)).first() is not None:
        return []
    if session.exec(of_source).first() is None:
        return [f"no ticket of the source '{source}' is known yet: import some, or correct evidence_source"]
    return [
        f"no ticket of the source '{source}' is of '{customer}': import it with its customers' column, "
        "or say in evidence_name what it calls this one"
    ]
