"""Monitoring: periods, the parts that versions have in them, and the frozen figures of each."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.policy import policy
from models.agreements import Agreement
from models.assessments import Assessment, ServicePeriod
from models.versions import AgreementVersion
from states.calendars import close_of_intake, zone_of


def open_period(
    session: Session, agreement: Agreement, version: AgreementVersion, start: datetime
) -> ServicePeriod:
    """Open the period that starts at `start`; it closes when its tickets are known hits or misses.

    It ends with the calendar month or quarter of the version's zone, or with the next one if it were too
    short to judge: the first period, or one that follows a period of another zone.
    """
    length, zone = version.review_period, zone_of(version)
    end = period_end(start, length, zone)
    begins_within = period_end(start - timedelta(seconds=1), length, zone) == end
    if begins_within and end - start < timedelta(days=policy().reviews.shortest_period_days):
        end = period_end(end, length, zone)
    period = ServicePeriod(
        agreement_id=agreement.id,
        starts_at=start,
        ends_at=end,
        closes_at=close_of_intake(version, end, policy().trial.longest_wait_days),
    )
    session.add(period)
    session.flush()
    return period


def period_end(start: datetime, review_period: str, zone: str = "UTC") -> datetime:
    """Return the first start of a calendar month or quarter after `start`: midnight in an IANA zone."""
    local = start.astimezone(ZoneInfo(zone))
    months = 3 if review_period == "quarter" else 1
    month = (local.month - 1) // months * months + months
    following = datetime(local.year + month // 12, month % 12 + 1, 1, tzinfo=local.tzinfo)
    return following.astimezone(UTC)


def versions_in(agreement: Agreement, period: ServicePeriod) -> list[AgreementVersion]:
    """Return the versions that were in force at some time within the period, oldest first."""
    return [
        version
        for version in agreement.versions
        if version.in_force_from is not None
        and version.in_force_from < period.ends_at
        and (version.in_force_until is None or version.in_force_until > period.starts_at)
    ]


def period_told(agreement: Agreement, period: ServicePeriod) -> dict[str, str]:
    """Return a period as reports and reviews keep it, with the zone that it is told in."""
    return {
        "from": period.starts_at.isoformat(),
        "to": period.ends_at.isoformat(),
        "zone": period_zone(agreement, period),
    }


def period_zone(agreement: Agreement, period: ServicePeriod) -> str:
    """Return the zone of the newest version that has a part in a period."""
    versions = versions_in(agreement, period)
    return zone_of(versions[-1]) if versions else "UTC"


def part_of(period: ServicePeriod, version: AgreementVersion) -> tuple[datetime, datetime]:
    """Return the part of the period, start and end, in which the version was in force."""
    assert version.in_force_from is not None, "only versions that were in force have a part"
    return (
        max(period.starts_at, version.in_force_from),
        min(period.ends_at, version.in_force_until or period.ends_at),
    )


def assessments_in(session: Session, period: ServicePeriod) -> list[Assessment]:
    """Return the frozen figures of a closed period as they were reported, by version and target."""
    found = session.exec(
        select(Assessment)
        .where(Assessment.period_id == period.id, Assessment.number == 0)
        .order_by(col(Assessment.version_id), col(Assessment.target_key))
    )
    return list(found)


def newest_of(rows: Iterable[Assessment]) -> list[Assessment]:
    """Return the row with the highest number of each target in each part of a period, in the order given."""
    newest: dict[tuple[int, int, str], Assessment] = {}
    for row in rows:
        place = (row.period_id, row.version_id, row.target_key)
        if place not in newest or row.number > newest[place].number:
            newest[place] = row
    return list(newest.values())


def due_periods(at: datetime) -> SelectOfScalar[ServicePeriod]:
    """Select the open periods whose wait for tickets is over, the longest overdue first."""
    return (
        select(ServicePeriod)
        .where(col(ServicePeriod.closed_at).is_(None), ServicePeriod.closes_at <= at)
        .order_by(col(ServicePeriod.closes_at), col(ServicePeriod.id))
    )
