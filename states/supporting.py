"""What carries a step: a team, or the version of an OLA or underpinning contract that holds at an instant."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from levels.calendars import Calendar
from levels.support_terms import Promise
from models.agreements import Agreement, AgreementKind
from models.version_words import Indicator, VersionStatus
from models.versions import AgreementVersion, ProcessTarget, ServiceLevelTarget
from states.calendars import calendar_of
from states.carriers import TO_BE_NAMED

SUPPORTING_KINDS = (AgreementKind.OLA, AgreementKind.UC)


@dataclass(frozen=True)
class Carried:
    """Who carries a step.

    Attributes:
        promise: what is promised for it; None where nobody carries it.
        missing: why not, as a sentence; "" where somebody does, or nobody was named.
        agreement, version: of an OLA or contract: which, and the text that is looked at.
    """

    promise: Promise | None
    missing: str = ""
    agreement: Agreement | None = None
    version: AgreementVersion | None = None


def carried(
    session: Session,
    row: ProcessTarget,
    target: ServiceLevelTarget,
    start: datetime,
    end: datetime,
    seen: datetime,
) -> Carried:
    """Resolve who carries a step of a target.

    Args:
        session: the caller's.
        row: the step.
        target: that it belongs to.
        start: from when it must be carried.
        end: until when calendars are needed.
        seen: the instant whose version in force of a supporting agreement counts.
    """
    agreement = session.exec(select(Agreement).where(Agreement.reference == row.carried_by)).one_or_none()
    if agreement is None:
        return _by_team(row, target, start, end)
    if agreement.kind not in SUPPORTING_KINDS:
        reason = f"{row.carried_by} is an {agreement.kind}; only an OLA or an underpinning contract (UC) can."
        return Carried(None, _nobody(row, reason), agreement)
    version = version_at(agreement, seen)
    key = row.supporting_target or row.target_key
    supporting = next((each for each in version.targets if each.key == key), None)
    if supporting is None:
        known = ", ".join(each.key for each in version.targets) or "none"
        reason = f"{row.carried_by} has no target {key}; there are: {known}."
        return Carried(None, _nobody(row, reason), agreement, version)
    return _by_agreement(row, target, supporting, start, end, seen)


def version_at(agreement: Agreement, at: datetime) -> AgreementVersion:
    """Return the version in force at an instant, else the text at work, else the last that was in force."""
    newest_first = agreement.versions[::-1]
    in_force = [row for row in newest_first if row.in_force_from is not None]
    for row in in_force:
        if (
            row.in_force_from
            and row.in_force_from <= at
            and (not row.in_force_until or at < row.in_force_until)
        ):
            return row
    at_work = [row for row in newest_first if row.status in (VersionStatus.OFFERED, VersionStatus.DRAFT)]
    return next(iter([*at_work, *in_force, *newest_first]))


def compiled(version: AgreementVersion, name: str, start: datetime, end: datetime) -> Calendar | None:
    """Return a version's calendar, None where it has none of that name."""
    known = {calendar.name for calendar in version.calendars}
    return calendar_of(version, name, start, end) if name in known else None


def end_of(version: AgreementVersion, seen: datetime) -> datetime | None:
    """Return when a version ends, by its text or because it had been ended by then; None if never."""
    ended = version.in_force_until
    ends = [version.valid_until, ended if ended is not None and ended <= seen else None]
    return min((instant for instant in ends if instant is not None), default=None)


def _by_team(row: ProcessTarget, target: ServiceLevelTarget, start: datetime, end: datetime) -> Carried:
    if row.supporting_target:
        return Carried(None, _nobody(row, f"there is no agreement {row.carried_by!r}."))
    calendar = compiled(target.version, target.calendar, start, end)
    if row.carried_by == TO_BE_NAMED or calendar is None:
        return Carried(None)
    available = row.objective if target.indicator is Indicator.AVAILABILITY else None
    return Carried(
        Promise(row.carried_by, row.budget_s, row.objective, calendar, start, availability=available)
    )


def _by_agreement(
    row: ProcessTarget,
    target: ServiceLevelTarget,
    supporting: ServiceLevelTarget,
    start: datetime,
    end: datetime,
    seen: datetime,
) -> Carried:
    version = supporting.version
    agreement, calendar = version.agreement, compiled(version, supporting.calendar, start, end)
    of_availability = target.indicator is Indicator.AVAILABILITY
    if calendar is None:
        reason = f"target {supporting.key} of {row.carried_by} has no calendar."
        return Carried(None, _nobody(row, reason), agreement, version)
    if _differ(target, supporting):
        reason = (
            f"target {supporting.key} of {row.carried_by} promises {supporting.indicator}, {target.key} "
            f"{target.indicator}."
        )
        return Carried(None, _nobody(row, reason), agreement, version)
    promise = Promise(
        row.carried_by,
        supporting.threshold_s,
        supporting.objective,
        calendar,
        version.in_force_from,
        end_of(version, seen),
        version.notice_days or None,
        supporting.objective if of_availability else None,
    )
    return Carried(promise, "", agreement, version)


def _differ(target: ServiceLevelTarget, supporting: ServiceLevelTarget) -> bool:
    """Whether one promises a time or an availability, and the other does not."""
    available = [each.indicator is Indicator.AVAILABILITY for each in (target, supporting)]
    return available[0] != available[1] or bool(target.threshold_s) != bool(supporting.threshold_s)


def _nobody(row: ProcessTarget, reason: str) -> str:
    return f"Nothing carries the {row.line}: {reason}"
