"""Restatements: assessed periods derived again from what is known now; the originals stay beside them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlmodel import Session, col, select

from mail import keys, links
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import LinkPurpose
from models.assessments import Assessment, ServicePeriod
from models.reviews import ExperienceReport
from models.versions import AgreementVersion
from states import audit
from states.askers import lock_agreement
from states.closing import figures_frozen
from states.experience import readers
from states.figures import TargetFigures
from states.frozen_targets import frozen_counts
from states.measures import measure_targets
from states.monitoring import newest_of
from states.move import SWEEP
from states.restated_figures import FIGURES, Restated, figure_of, restated_told
from states.restatement_causes import causes, has_news

RESTATED = "assessment restated"
"""The kind of the event in the audit trail that keeps a restatement's reason."""

_KEPT = {
    *("agreement_id", "period_id", "version_id", "target_key", "target"),
    *("starts_at", "ends_at", "confidence"),
}


def restate(
    session: Session, agreement: Agreement, at: datetime, *, since: datetime | None = None
) -> list[Restated]:
    """Derive the assessed periods of an agreement again as of `at`, and keep what came out otherwise.

    Reports and originals stay as they are. Where a figure differs from the newest that is kept, a row with
    the next number is added, with the reason; the report's readers are told, once for each period.
    Nothing is added where nothing differs.

    Args:
        session: the caller's; nothing is committed.
        agreement: whose periods.
        at: the instant whose knowledge counts.
        since: look only at periods of which something became known, or was excluded, after this instant.
    """
    lock_agreement(session, agreement)
    restated: list[Restated] = []
    rows = session.exec(
        select(Assessment)
        .where(Assessment.agreement_id == agreement.id)
        .order_by(col(Assessment.period_id), col(Assessment.version_id), col(Assessment.number))
    ).all()
    for _, in_period in groupby(rows, key=lambda row: row.period_id):
        found = _restate_period(session, agreement, list(in_period), at, since)
        if found:
            _tell_readers(session, agreement, found, at)
        restated += found
    return restated


def _restate_period(
    session: Session,
    agreement: Agreement,
    rows: Sequence[Assessment],
    at: datetime,
    since: datetime | None,
) -> list[Restated]:
    originals = {(row.version_id, row.target_key): row for row in rows if row.number == 0}
    found = []
    older = [row for row in newest_of(rows) if row.as_of < at]
    for version_id, newest in groupby(older, key=lambda row: row.version_id):
        part = {row.target_key: row for row in newest}
        any_row = next(iter(part.values()))
        if since is not None and not _may_differ(session, agreement, list(part.values()), at, since):
            continue
        for figures in _derived(session, agreement, any_row, set(part), at):
            latest = part[figures.target.key]
            if _differs(latest, figures):
                row = _restatement(session, agreement, latest, figures, at)
                found.append(Restated(originals[version_id, row.target_key], row))
    return found


def _may_differ(
    session: Session, agreement: Agreement, part: Sequence[Assessment], at: datetime, since: datetime
) -> bool:
    """Whether there were open tickets, which time alone decides, or anything became known."""
    after = max(since, min(row.as_of for row in part))
    return any(row.undecided for row in part) or has_news(session, agreement, part, after, at)


def _derived(
    session: Session, agreement: Agreement, row: Assessment, target_keys: set[str], as_of: datetime
) -> list[TargetFigures]:
    version = session.get_one(AgreementVersion, row.version_id)
    targets = [target for target in version.targets if target.key in target_keys]
    return measure_targets(session, agreement, targets, row.starts_at, row.ends_at, as_of, row.confidence)


def _differs(latest: Assessment, figures: TargetFigures) -> bool:
    now = figures_frozen(figures, latest.as_of)
    return any(getattr(latest, name) != now[name] for name in FIGURES)


def _restatement(
    session: Session, agreement: Agreement, latest: Assessment, figures: TargetFigures, at: datetime
) -> Assessment:
    (before,) = _derived(session, agreement, latest, {latest.target_key}, latest.as_of)
    row = Assessment(
        **latest.model_dump(include=_KEPT),
        **figures_frozen(figures, at),
        number=latest.number + 1,
        reason="; ".join(causes(session, agreement, latest, before, figures, at)),
    )
    row.target = row.target | frozen_counts(session, agreement, figures, row.starts_at, row.ends_at, at)
    session.add(row)
    session.flush()
    audit.append(
        session,
        agreement,
        RESTATED,
        SWEEP,
        at,
        starts_at=row.starts_at.isoformat(),
        ends_at=row.ends_at.isoformat(),
        target=row.target_key,
        number=row.number,
        reason=row.reason,
        before=figure_of(latest),
        now=figure_of(row),
        inputs=row.inputs_sha256,
    )
    return row


def _tell_readers(session: Session, agreement: Agreement, found: list[Restated], at: datetime) -> None:
    newest = found[-1].row
    period = session.get_one(ServicePeriod, newest.period_id)
    report = session.exec(select(ExperienceReport).where(ExperienceReport.period_id == period.id)).one()
    for person in readers(session, agreement):
        post(
            session,
            "restatement",
            person,
            key=keys.restatement(newest, person),
            at=at,
            agreement=agreement,
            period=report.figures["period"],
            reported_at=report.made_at,
            restated=[restated_told(row) for row in found],
            link=links.issue_link(session, LinkPurpose.REPORT, report.id, person, at),
        )
