"""Checking assessments: each is derived again from the evidence, and is identical or says what differs."""

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from models.agreements import Agreement
from models.assessments import Assessment
from models.versions import AgreementVersion
from states.measures import TargetFigures, measure_targets


@dataclass(frozen=True)
class Checked:
    """An assessment and what it would be now.

    Attributes:
        differences: by figure, what is frozen and what is derived; empty where they are identical.
    """

    assessment: Assessment
    differences: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def assessments_of(session: Session, agreement: Agreement) -> list[Assessment]:
    """Return the frozen figures of an agreement, oldest first."""
    return list(
        session.exec(
            select(Assessment).where(Assessment.agreement_id == agreement.id).order_by(col(Assessment.id))
        )
    )


def check(session: Session, agreement: Agreement, row: Assessment) -> Checked:
    """Derive an assessment again, as of the instant at which it was frozen, and compare."""
    return Checked(row, _derived_differences(session, agreement, row))


def _derived_differences(
    session: Session, agreement: Agreement, row: Assessment
) -> dict[str, tuple[Any, Any]]:
    version = session.get_one(AgreementVersion, row.version_id)
    targets = [target for target in version.targets if target.key == row.target_key]
    derived = measure_targets(
        session,
        agreement,
        targets,
        row.starts_at,
        row.ends_at,
        row.as_of,
        row.confidence,
    )
    if not derived:
        return {"target": (row.target_key, None)}
    return _differences(row, derived[0])


def _differences(row: Assessment, now: TargetFigures) -> dict[str, tuple[Any, Any]]:
    pairs = {
        "known": (row.known, now.known),
        "hits": (row.hits, now.hits),
        "undecided": (row.undecided, now.undecided),
        "lower": (row.lower, now.lower),
        "upper": (row.upper, now.upper),
        "verdict": (row.verdict, now.verdict.value),
        "inputs": (row.inputs_sha256, now.measurement.inputs_sha256),
    }
    return {name: (frozen, derived) for name, (frozen, derived) in pairs.items() if frozen != derived}
