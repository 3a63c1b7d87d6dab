"""Versions as work in progress: which one is the draft, which is in force, and how they differ."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from levels.working_hours import WorkingHours
from models.agreements import Agreement
from models.sealing import canonical_json, sha256_of, version_contents
from models.version_words import VersionStatus
from models.versions import (
    AgreementVersion,
    ProcessTarget,
    Requirement,
    Responsibility,
    ServiceCalendar,
    ServiceLevelTarget,
    Signatory,
)
from states.part_changes import PROMISED, part_changes
from states.promises import promise_of
from templates.languages.kept import stored
from templates.languages.telling import marked, told

# years around the sealing whose public holidays become part of the text
_PINNED_BEFORE, _PINNED_AFTER = 2, 10


def draft_of(agreement: Agreement) -> AgreementVersion | None:
    """Return the version that is being worked on, None where there is none."""
    return _latest(agreement, VersionStatus.DRAFT)


def offered_version(agreement: Agreement) -> AgreementVersion | None:
    """Return the sealed version that waits for signatures, None where there is none."""
    return _latest(agreement, VersionStatus.OFFERED)


def version_in_force(agreement: Agreement) -> AgreementVersion | None:
    """Return the version that is in force, None before the first signing and after the end."""
    return _latest(agreement, VersionStatus.IN_FORCE)


def was_ever_in_force(agreement: Agreement) -> bool:
    """Return whether any version has been in force: whether a way back leads to renegotiation."""
    return any(version.in_force_from is not None for version in agreement.versions)


def copy_as_draft(session: Session, source: AgreementVersion, at: datetime) -> AgreementVersion:
    """Add a draft with the next number and the contents of `source`, risks and waiver left out."""
    draft = AgreementVersion(
        agreement=source.agreement,
        number=max(version.number for version in source.agreement.versions) + 1,
        created_at=at,
        trial_days=source.trial_days,
        trial_confidence=source.trial_confidence,
        trial_looks=source.trial_looks,
        review_period=source.review_period,
        cost=dict(source.cost),
        notice_days=source.notice_days,
        valid_until=source.valid_until,
        quorum=dict(source.quorum),
    )
    session.add(draft)
    draft.targets = [
        ServiceLevelTarget(
            **target.model_dump(exclude={"id", "version_id", "accepted_risk"}), accepted_risk=""
        )
        for target in source.targets
    ]
    draft.process_targets = [
        ProcessTarget(**row.model_dump(exclude={"id", "version_id"})) for row in source.process_targets
    ]
    draft.requirements = [
        Requirement(**row.model_dump(exclude={"id", "version_id"})) for row in source.requirements
    ]
    draft.responsibilities = [
        Responsibility(**row.model_dump(exclude={"id", "version_id"})) for row in source.responsibilities
    ]
    draft.calendars = [
        ServiceCalendar(**row.model_dump(exclude={"id", "version_id"})) for row in source.calendars
    ]
    draft.signatories = [
        Signatory(**row.model_dump(exclude={"id", "version_id"}), person=row.person)
        for row in source.signatories
    ]
    session.flush()
    return draft


def seal(session: Session, version: AgreementVersion, at: datetime) -> None:
    """Fix the version's text and its SHA-256, and make it the offered one.

    Public holidays of countries are written into it, as what is known of them changes now and then.
    """
    years = range(at.year - _PINNED_BEFORE, at.year + _PINNED_AFTER + 1)
    for calendar in version.calendars:
        calendar.hours = WorkingHours.model_validate(calendar.hours).with_pins(years).model_dump(mode="json")
    session.flush()  # the contents must be stored before the triggers guard them
    version.canonical = canonical_json(version_contents(version))
    version.sha256 = sha256_of(version.canonical)
    version.sealed_at = at
    version.status = VersionStatus.OFFERED
    session.flush()


def differences(old: AgreementVersion, new: AgreementVersion) -> list[str]:
    """Return what `new` promises otherwise than `old`, a sentence each; empty where nothing differs."""
    before = {target.key: promise_of(target) for target in old.targets}
    after = {target.key: promise_of(target) for target in new.targets}
    changes: list[str] = [
        told("%(key)s: %(promise)s (new)", key=key, promise=after[key]) for key in after if key not in before
    ]
    changes += [
        told("%(key)s: dropped (%(promise)s)", key=key, promise=before[key])
        for key in before
        if key not in after
    ]
    former = {target.key: target for target in old.targets}
    for target in new.targets:
        if target.key in former:
            changes += _differences_of_targets(former[target.key], target)
    return changes + part_changes(*both_texts(old, new), PROMISED)


def _differences_of_targets(old: ServiceLevelTarget, new: ServiceLevelTarget) -> list[str]:
    key = new.key
    changes: list[str] = []
    if promise_of(new) != promise_of(old):
        now, was = promise_of(new), promise_of(old)
        changes.append(told("%(key)s: %(now)s, instead of %(was)s", key=key, now=now, was=was))
    elif new.objective != old.objective:
        exactly = marked("%(key)s: an objective of exactly %(now)s, instead of %(was)s")
        changes.append(told(exactly, key=key, now=new.objective, was=old.objective))
    if new.calendar != old.calendar:
        measured = marked("%(key)s: measured on the calendar %(now)s, instead of %(was)s")
        changes.append(told(measured, key=key, now=new.calendar, was=old.calendar))
    if set(new.pause_states) != set(old.pause_states):
        pauses = marked("%(key)s: the clock pauses in %(now)s, instead of %(was)s")
        changes.append(told(pauses, key=key, now=_pauses(new), was=_pauses(old)))
    if new.reopening != old.reopening:
        reopened = marked("%(key)s: a reopened ticket's clock will %(now)s, instead of %(was)s")
        changes.append(told(reopened, key=key, now=stored(new.reopening), was=stored(old.reopening)))
    if new.priority_change != old.priority_change:
        judged = {
            "opening": marked("%(key)s: a ticket whose priority changes is judged as it was opened"),
            "remaining": marked("%(key)s: a ticket whose priority changes is judged as it ends"),
        }
        changes.append(told(judged[new.priority_change], key=key))
    return changes


def _pauses(target: ServiceLevelTarget) -> str:
    return ", ".join(sorted(state.replace("_", " ") for state in target.pause_states)) or told("no state")


def both_texts(old: AgreementVersion, new: AgreementVersion) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two versions' texts as plain data, fit to be compared.

    A sealed text stays as it was, while title and services of the agreement go with the draft. A draft's
    public holidays are fixed when it is sealed.
    """
    before = json.loads(old.canonical) if old.canonical else version_contents(old)
    after = json.loads(new.canonical) if new.canonical else version_contents(new)
    if new.canonical is None:
        before, after = _without_pins(before), _without_pins(after)
    return before, after


def _without_pins(contents: dict[str, Any]) -> dict[str, Any]:
    calendars = {name: without_pins(hours) for name, hours in contents["calendars"].items()}
    return contents | {"calendars": calendars}


def without_pins(hours: Mapping[str, Any]) -> dict[str, Any]:
    """Return a calendar's plain data as it was written, without the public holidays that sealing adds."""
    bare = {name: part for name, part in hours.items() if name != "pinned"}
    if "changes" in bare:
        bare["changes"] = [without_pins(change) for change in bare["changes"]]
    return bare


def _latest(agreement: Agreement, status: VersionStatus) -> AgreementVersion | None:
    matching = [version for version in agreement.versions if version.status == status]
    return matching[-1] if matching else None
