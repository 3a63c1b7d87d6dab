"""Checking assessments: each is derived again from the evidence, and is identical or says what differs."""

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from models.agreements import Agreement
from models.assessments import Assessment
from models.versions import AgreementVersion
from states.figures import TargetFigures
from states.measures import measure_targets
from states.step_misses import frozen_steps


@dataclass(frozen=True)
class Checked:
    """An assessment and what it would be now.

    Attributes:
        differences: by figure, what is frozen and what is derived; empty where they are identical.
    """

    assessment: Assessment
    differences: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def assessments_of(session: Session, agreement: Agreement) -> list[Assessment]:
    """Return the frozen figures of an agreement, oldest period first, restatements beside their originals."""
    order = (Assessment.period_id, Assessment.version_id, Assessment.target_key, Assessment.number)
    frozen = select(Assessment).where(Assessment.agreement_id == agreement.id)
    return list(session.exec(frozen.order_by(*(col(column) for column in order))))


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
    steps = frozen_steps(session, agreement, targets[0], row.starts_at, row.ends_at, row.as_of)
    return _differences(row, derived[0], steps)


def _differences(row: Assessment, now: TargetFigures, steps: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    pairs = {
        "known": (row.known, now.known),
        "hits": (row.hits, now.hits),
        "undecided": (row.undecided, now.undecided),
        "lower": (row.lower, now.lower),
        "upper": (row.upper, now.upper),
        "value": (row.value, now.value),
        "verdict": (row.verdict, now.verdict.value),
        "inputs": (row.inputs_sha256, now.inputs_sha256),
        "steps": (row.target.get("steps"), steps.get("steps")),
    }
    return {name: (frozen, derived) for name, (frozen, derived) in pairs.items() if frozen != derived}
