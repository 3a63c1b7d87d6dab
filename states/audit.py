"""The audit trail: every move and decision as a link of a hash chain, one chain an agreement.

The chain is tamper-evident: whoever changes, drops or swaps an event without rewriting everything
after it is found out; publishing the head's hash, as reports do, fixes the rest.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.clock import as_utc
from models.agreements import Agreement
from models.audit import AuditEvent, AuditHead
from models.sealing import canonical_json, sha256_of


def append(
    session: Session, agreement: Agreement, kind: str, actor: str, at: datetime, **data: Any
) -> AuditEvent:
    """Add an event to the agreement's chain, within the caller's transaction.

    The chain's head is locked first, so that two writers cannot both build on the same event.
    """
    head = session.exec(
        select(AuditHead)
        .where(AuditHead.agreement_id == agreement.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if head is None:
        head = AuditHead(agreement_id=agreement.id)
        session.add(head)
    event = AuditEvent(
        agreement_id=agreement.id,
        sequence=head.length + 1,
        at=as_utc(at),
        actor=actor,
        kind=kind,
        data=canonical_json(data),
        previous_hash=head.hash,
        hash="",
    )
    event.hash = _hash(event)
    head.length, head.hash = event.sequence, event.hash
    session.add(event)
    session.flush()
    return event


def events_of(session: Session, agreement: Agreement) -> list[AuditEvent]:
    """Return the agreement's events, oldest first."""
    return list(
        session.exec(
            select(AuditEvent)
            .where(AuditEvent.agreement_id == agreement.id)
            .order_by(col(AuditEvent.sequence))
        )
    )


def faults(session: Session, agreement: Agreement) -> list[str]:
    """Return what is wrong with the agreement's chain, in words; empty where it is whole."""
    found: list[str] = []
    previous_hash, expected = "0" * 64, 1
    for event in events_of(session, agreement):
        if event.sequence != expected:
            found.append(f"{agreement.reference}: event {expected} is missing")
        elif event.previous_hash != previous_hash:
            found.append(f"{agreement.reference}: event {event.sequence} does not follow the one before")
        if _hash(event) != event.hash:
            found.append(f"{agreement.reference}: event {event.sequence} ({event.kind}) was changed")
        previous_hash, expected = event.hash, event.sequence + 1
    head = session.get(AuditHead, agreement.id)
    if head is None:
        found.append(f"{agreement.reference}: the chain has no head")
    elif expected - 1 < head.length:
        found.append(f"{agreement.reference}: events {expected} to {head.length} are missing at the end")
    elif head.hash != previous_hash:
        found.append(f"{agreement.reference}: the chain does not end in its head")
    return found


def _hash(event: AuditEvent) -> str:
    return sha256_of(
        event.previous_hash
        + canonical_json(
            {
                "agreement": event.agreement_id,
                "sequence": event.sequence,
                "at": event.at.isoformat(),
                "actor": event.actor,
                "kind": event.kind,
                "data": event.data,
            }
        )
    )
