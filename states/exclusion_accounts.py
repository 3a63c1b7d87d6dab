"""Exclusions told: which ones count by an instant, and each as plain data for reports, pages and programs."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.agreements import Agreement
from models.approvals import Answer
from models.exclusions import Exclusion, ExclusionState
from states.approvals import answers_told, requests_about
from states.exclusion_texts import scope_of


def exclusions_of(session: Session, agreement: Agreement) -> list[Exclusion]:
    """Return every exclusion ever asked for under an agreement, the newest first."""
    return list(
        session.exec(
            select(Exclusion).where(Exclusion.agreement_id == agreement.id).order_by(col(Exclusion.id).desc())
        )
    )


def exclusions_applied(
    session: Session, agreement: Agreement, start: datetime, as_of: datetime
) -> list[Exclusion]:
    """Return the exclusions approved by `as_of` of which a part lies between `start` and then, by time."""
    return list(
        session.exec(
            select(Exclusion)
            .where(
                Exclusion.agreement_id == agreement.id,
                Exclusion.state == ExclusionState.APPROVED,
                col(Exclusion.decided_at) <= as_of,
                Exclusion.ends_at > start,
                Exclusion.starts_at < as_of,
            )
            .order_by(col(Exclusion.starts_at), col(Exclusion.id))
        )
    )


def exclusion_told(session: Session, exclusion: Exclusion) -> dict[str, Any]:
    """Return one exclusion as plain data, with everybody who was asked and what they answered."""
    asked = requests_about(session, exclusion)
    return {
        "number": exclusion.id,
        "state": exclusion.state.value,
        "reason": exclusion.reason,
        "scope": scope_of(exclusion),
        "ticket": exclusion.ticket,
        "population": exclusion.population,
        "from": exclusion.starts_at.isoformat(),
        "to": exclusion.ends_at.isoformat(),
        "asked_by": exclusion.asked_by.name,
        "asked_at": exclusion.asked_at.isoformat(),
        "decided_at": exclusion.decided_at.isoformat() if exclusion.decided_at else None,
        "sha256": exclusion.sha256,
        "approved_by": [
            row.person.name for row in asked if row.decision and row.decision.answer == Answer.APPROVE
        ],
        "requests": answers_told(asked),
    }
