"""Checking assessments: each is derived again from the evidence, and is identical or says what differs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlmodel import Session, col, select

from models.agreements import Agreement
from models.assessments import Assessment
from models.sealing import canonical_json, sha256_of, version_contents
from models.versions import AgreementVersion
from states.audit import events_of
from states.closing import figures_frozen
from states.figures import TargetFigures
from states.frozen_targets import frozen_counts
from states.measures import measure_targets
from states.promises import promise_of
from states.restatements import RESTATED

_FIGURES = ("known", "hits", "undecided", "lower", "upper", "value", "unit", "verdict", "inputs_sha256")
_Compared: TypeAlias = tuple[str, Any, Any]
"""A name, what is frozen, and what is derived or sealed."""


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
    """Derive an assessment again, as of the instant at which it was frozen, and compare.

    The terms that it was frozen with are compared with those of the sealed version, and so are those that it
    is derived by. What an assessment of an older release does not keep is not compared.
    """
    version = session.get_one(AgreementVersion, row.version_id)
    targets = [target for target in version.targets if target.key == row.target_key]
    if not targets:
        return Checked(row, {"target": (row.target_key, None)})
    window = row.starts_at, row.ends_at, row.as_of
    (now,) = measure_targets(session, agreement, targets, *window, row.confidence)
    counts = frozen_counts(session, agreement, now, *window)
    compared = [*_terms(row, version), *_figures(row, now, counts)]
    compared.append(("reason", row.reason, _reason_told(session, agreement, row)))
    return Checked(row, {name: (frozen, derived) for name, frozen, derived in compared if frozen != derived})


def _figures(row: Assessment, now: TargetFigures, counts: dict[str, Any]) -> Iterator[_Compared]:
    derived = figures_frozen(now, row.as_of)
    for name in _FIGURES:
        yield name.removesuffix("_sha256"), getattr(row, name), derived[name]
    yield "steps", row.target.get("steps"), counts.get("steps")
    for name in ("consumed_sha256", "hours_sha256"):
        if name in row.target:
            yield name.removesuffix("_sha256"), row.target[name], counts.get(name)
    if row.software_version == derived["software_version"]:  # another one may word it otherwise
        yield "promise", _spaced(row.target.get("promise", "")), _spaced(promise_of(now.target))


def _spaced(sentence: str) -> str:
    return " ".join(sentence.split())  # spaces that do not break came later than the first figures


def _terms(row: Assessment, version: AgreementVersion) -> Iterator[_Compared]:
    """The frozen terms beside the sealed ones, and what was sealed beside what the tables say now."""
    yield "version", row.target.get("version"), version.number
    sealed, now = json.loads(version.canonical or "{}"), version_contents(version)
    told = _target_in(sealed, row)
    for name, term in told.items():
        if name in row.target:
            yield f"target's {name}", _in_order(name, row.target[name]), _in_order(name, term)
    for name, term in _target_in(now, row).items():
        if name in told:
            yield f"sealed {name}", told[name], term
    calendar = str(row.target.get("calendar"))
    if calendar in sealed.get("calendars", {}):
        yield "sealed hours", _sha256_of_hours(sealed, calendar), _sha256_of_hours(now, calendar)


def _target_in(contents: dict[str, Any], row: Assessment) -> dict[str, Any]:
    found = [target for target in contents.get("targets", []) if target["key"] == row.target_key]
    return found[0] if found else {}


def _in_order(name: str, term: Any) -> Any:
    return sorted(term) if name == "pause_states" else term  # the sealed text sorts them


def _sha256_of_hours(contents: dict[str, Any], calendar: str) -> str:
    return sha256_of(canonical_json(contents["calendars"].get(calendar)))


def _reason_told(session: Session, agreement: Agreement, row: Assessment) -> str:
    """The reason of a restatement as the audit trail tells it; "" for an original."""
    asked = {"target": row.target_key, "number": row.number, "starts_at": row.starts_at.isoformat()}
    for event in events_of(session, agreement) if row.number else ():
        if event.kind == RESTATED and asked.items() <= (data := json.loads(event.data)).items():
            return str(data["reason"])
    return ""
