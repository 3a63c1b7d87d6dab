"""Service level requirements documents (SLR): what was stated and how it was settled, fixed at an instant."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import refers_to


class RequirementsDocument(SQLModel, table=True):
    """One issue of an agreement's service level requirements document.

    Attributes:
        number: counted per agreement from 1; the same contents are never issued twice in a row.
        baseline_id: the baseline whose figures it shows, None where there was none.
        canonical: its contents as canonical JSON, whose SHA-256 is `sha256`.
    """

    __tablename__ = "requirements_documents"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    version_id: int = refers_to("agreement_versions.id")
    baseline_id: int | None = Field(default=None, foreign_key="baselines.id")
    number: int
    made_at: datetime
    canonical: str
    sha256: str
