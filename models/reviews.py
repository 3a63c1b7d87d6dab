"""Review packs for the review, customer experience reports for the customer."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, SQLModel

from models.columns import json_field, refers_to, word


class ReviewDecision(StrEnum):
    """What a review ends in."""

    NONE = ""
    RENEW = "renew"
    RENEGOTIATE = "renegotiate"


class ReviewPack(SQLModel, table=True):
    """The frozen figures, findings and recommendation on which a review decides.

    Attributes:
        findings: sentences about what is not as promised; empty when all is green.
        figures: the assessments and the survey's verdict, as they stood.
        sha256: of the canonical JSON of figures, findings and recommendation.
    """

    __tablename__ = "review_packs"

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    period_id: int = refers_to("service_periods.id", unique=True)
    made_at: datetime
    findings: list[str] = json_field(list)
    figures: dict[str, Any] = json_field()
    recommendation: ReviewDecision = word(ReviewDecision)
    sha256: str
    decision: ReviewDecision = word(ReviewDecision, ReviewDecision.NONE)
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""


class ExperienceReport(SQLModel, table=True):
    """What a customer is told of a closed period: promised, delivered, satisfaction, what happens next.

    Attributes:
        figures: everything the report prints, frozen.
        sha256: of the canonical JSON of `figures`.
    """

    __tablename__ = "experience_reports"

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    period_id: int = refers_to("service_periods.id", unique=True)
    made_at: datetime
    figures: dict[str, Any] = json_field()
    sha256: str
