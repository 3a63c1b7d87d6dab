"""The term of a version: when it ends by itself, and what follows from that."""

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.agreements import Agreement, Stage
from models.version_words import VersionStatus
from models.versions import AgreementVersion
from states import lifecycle
from states.drafts import version_in_force
from states.move import SWEEP, Trigger
from templates.render import day


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
