"""The term of a version: when it ends by itself, and what follows from that."""

from datetime import datetime, timedelta

from sqlalchemy import String, cast, literal
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.policy import policy
from mail import keys
from mail.outbox import post
from models.agreements import Agreement, Stage
from models.letters import OutboxLetter
from models.version_words import VersionStatus
from models.versions import AgreementVersion
from states import lifecycle
from states.drafts import version_in_force
from states.move import SWEEP, Trigger
from templates.render import day


def ends_to_tell(session: Session, at: datetime) -> SelectOfScalar[AgreementVersion]:
    """Select the versions in force whose owner is to be told that they come to their end, and was not yet."""
    ending = session.exec(
        select(AgreementVersion).where(
            AgreementVersion.status == VersionStatus.IN_FORCE, col(AgreementVersion.valid_until) > at
        )
    )
    ahead = timedelta(days=policy().reviews.tell_of_end_days)
    due = [row.id for row in ending if (last := row.notice_by or row.valid_until) and last - ahead <= at]
    key = literal("term-ending:") + cast(col(AgreementVersion.id), String)
    told = select(OutboxLetter.id).where(col(OutboxLetter.deduplication_key) == key).exists()
    return (
        select(AgreementVersion)
        .where(col(AgreementVersion.id).in_(due), ~told)
        .order_by(col(AgreementVersion.valid_until), col(AgreementVersion.id))
    )


def tell_of_end(session: Session, version: AgreementVersion, at: datetime) -> None:
    """Tell the agreement's owner when it ends, until when notice is given, and what to do to go on."""
    agreement = version.agreement
    post(
        session,
        "term_ending",
        agreement.owner,
        key=keys.term_ending(version),
        at=at,
        agreement=agreement,
        number=version.number,
        ends=version.valid_until,
        notice_by=version.notice_by,
    )


def terms_over(at: datetime) -> SelectOfScalar[Agreement]:
    """Select the agreements whose version in force has reached its end, the longest overdue first."""
    end = col(AgreementVersion.valid_until)
    return (
        select(Agreement)
        .join(AgreementVersion, col(AgreementVersion.agreement_id) == Agreement.id)
        .where(
            Agreement.stage != Stage.ENDED,
            AgreementVersion.status == VersionStatus.IN_FORCE,
            end.is_not(None),
            end <= at,
        )
        .order_by(end, col(Agreement.id))
    )


def end_at_term(session: Session, agreement: Agreement, at: datetime) -> None:
    """End an agreement whose version in force has reached its end."""
    version = version_in_force(agreement)
    assert version is not None and version.valid_until is not None, "the query saw its end"
    reason = f"its term ended on {day(version.valid_until)}"
    lifecycle.advance(session, agreement, Trigger.END, SWEEP, at, reason)
