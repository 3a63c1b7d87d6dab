"""Sealing: from then on a version's text cannot be changed, here and by triggers in the database."""

import hashlib
import json
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session, UOWTransaction, object_session
from sqlmodel import col

from config.errors import SlmError
from models.trials import Trial, TrialResult, TrialState
from models.versions import (
    AgreementVersion,
    ProcessTarget,
    Requirement,
    Responsibility,
    ServiceCalendar,
    ServiceLevelTarget,
    Signatory,
)

_CONTENTS = (
    ServiceLevelTarget,
    ProcessTarget,
    ServiceCalendar,
    Requirement,
    Responsibility,
    Signatory,
)
_MAY_CHANGE = {"status", "in_force_from", "in_force_until"}


class SealedVersionError(SlmError):
    """An attempt to change a version whose text is sealed."""


def canonical_json(contents: Any) -> str:
    """Return `contents` as JSON that is the same text for the same contents, everywhere."""
    return json.dumps(contents, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def version_contents(version: AgreementVersion) -> dict[str, Any]:
    """Return the text of a version as plain data: everything that is signed, and nothing else."""
    agreement = version.agreement
    return {
        "agreement": agreement.reference,
        "kind": agreement.kind.value,
        "title": agreement.title,
        "provider": agreement.provider.name,
        "customer": agreement.customer.name,
        "services": [service.name for service in agreement.services],
        "version": version.number,
        "trial_days": version.trial_days,
        "trial_confidence": version.trial_confidence,
        "trial_looks": version.trial_looks,
        "trial": _trial_contents(version),
        "review_period": version.review_period,
        "cost": version.cost,
        "notice_days": version.notice_days,
        "valid_until": version.valid_until.isoformat() if version.valid_until else None,
        "waiver": version.waiver,
        "quorum": version.quorum,
        "targets": [
            _target_contents(target) for target in sorted(version.targets, key=lambda target: target.key)
        ],
        "process_targets": [
            row.model_dump(exclude={"id", "version_id"})
            for row in sorted(version.process_targets, key=lambda row: (row.target_key, row.position))
        ],
        "calendars": {calendar.name: calendar.hours for calendar in version.calendars},
        "requirements": [
            {
                "text": requirement.text,
                "origin": requirement.origin.value,
                "business_reason": requirement.business_reason,
                "target": requirement.target_key,
                "settlement": requirement.settlement.value,
                "reason": requirement.reason,
                "stated": requirement.stated,
                "conversation": requirement.conversation,
            }
            for requirement in version.requirements
        ],
        "responsibilities": [
            {"side": duty.side.value, "text": duty.text} for duty in version.responsibilities
        ],
        "signatories": [
            {
                "name": signatory.person.name,
                "email": signatory.person.email,
                "side": signatory.side.value,
                "required": signatory.required,
                "group": signatory.group,
                "observer": signatory.observer,
                "assurance": signatory.assurance.value,
            }
            for signatory in version.signatories
        ],
    }


def _trial_contents(version: AgreementVersion) -> dict[str, Any] | None:
    """The version's latest concluded trial: what it showed of each target, and what was chosen about it."""
    session = object_session(version)
    if session is None or version.id is None:
        return None
    concluded = select(Trial).where(
        col(Trial.version_id) == version.id, col(Trial.state) == TrialState.CONCLUDED
    )
    trial = session.scalars(concluded.order_by(col(Trial.id).desc()).limit(1)).first()
    if trial is None:
        return None
    return {
        "from": trial.starts_at.isoformat(),
        "until": trial.ends_at.isoformat(),
        "confidence": trial.confidence,
        "looks": trial.looks,
        "looks_taken": trial.looks_taken,
        "results": [_result_contents(result) for result in trial.results],
    }


def _result_contents(result: TrialResult) -> dict[str, Any]:
    return {
        "target": result.target_key,
        **result.model_dump(
            include={
                *("threshold_s", "objective", "known", "hits", "undecided", "verdict"),
                *("counter_threshold_s", "counter_objective", "choice"),
            }
        ),
        # bounds are computed, and the last digit may be the machine's
        "lower": round(result.lower or 0.0, 6),
        "upper": round(1.0 if result.upper is None else result.upper, 6),
        "condition": result.condition.get("sentence", ""),
    }


def _target_contents(target: ServiceLevelTarget) -> dict[str, Any]:
    contents = target.model_dump(mode="json", exclude={"id", "version_id"})
    return {**contents, "pause_states": sorted(target.pause_states)}


@event.listens_for(Session, "before_flush")
def _refuse_changes_of_sealed_versions(session: Session, _context: UOWTransaction, _rows: Any) -> None:
    for row in session.deleted:
        if isinstance(row, AgreementVersion) and row.sealed_at:
            raise SealedVersionError(f"version {row.number} is sealed and cannot be deleted")
    for row in session.dirty:
        if isinstance(row, AgreementVersion):
            _refuse_if_sealed_text_changes(row)
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, _CONTENTS) and (row not in session.dirty or session.is_modified(row)):
            for version in _versions_of(session, row):
                if _was_sealed(version):
                    raise SealedVersionError(f"version {version.number} is sealed and cannot be changed")


def _versions_of(session: Session, row: Any) -> list[AgreementVersion]:
    """The version that a row of its contents belongs to, and the one that it is taken away from."""
    ids = (row.version_id, inspect(row).committed_state.get("version_id"))
    found = [session.get(AgreementVersion, number) for number in ids if isinstance(number, int)]
    return [version for version in (row.version, *found) if version is not None]


def _was_sealed(version: AgreementVersion) -> bool:
    history = inspect(version).attrs.sealed_at.history  # type: ignore[union-attr]
    if history.has_changes():
        return bool(history.deleted and history.deleted[0])
    return bool(version.sealed_at)


def _refuse_if_sealed_text_changes(version: AgreementVersion) -> None:
    if not _was_sealed(version):
        return
    for attribute in inspect(version).mapper.column_attrs:  # type: ignore[union-attr]
        changed = inspect(version).attrs[attribute.key].history.has_changes()  # type: ignore[union-attr]
        if changed and attribute.key not in _MAY_CHANGE:
            raise SealedVersionError(
                f"version {version.number} is sealed: its {attribute.key.replace('_', ' ')} cannot be changed"
            )
