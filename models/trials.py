"""Trial runs and what they showed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

from models.columns import refers_to, word


class TrialState(StrEnum):
    """A trial runs, is concluded once, or is abandoned."""

    RUNNING = "running"
    CONCLUDED = "concluded"
    ABANDONED = "abandoned"


class Trial(SQLModel, table=True):
    """A version's targets measured before anyone signs.

    Attributes:
        starts_at, ends_at: intake: tickets opened from start to end (exclusive) count.
        closes_at: end plus the wait for open tickets; the earliest instant of the conclusion.
        confidence: of every bound, fixed before the start.
    """

    __tablename__ = "trials"

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    version_id: int = refers_to("agreement_versions.id", index=True)
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    confidence: float
    state: TrialState = word(TrialState, TrialState.RUNNING)
    concluded_at: datetime | None = None
    results: list["TrialResult"] = Relationship(
        back_populates="trial", sa_relationship_kwargs={"order_by": "TrialResult.target_key"}
    )


class TrialResult(SQLModel, table=True):
    """One target's plan and, once concluded, its figures.

    Attributes:
        tickets_needed: tickets that prove the objective if none misses, by the plan.
        tickets_expected: tickets that the weeks before the trial make likely.
        lower, upper: one-sided exact bounds of the true share.
        counter_threshold_s, counter_objective: the counter-offer, None where the evidence supports none.
        inputs_sha256: of the tickets and times that the figures were computed from.
    """

    __tablename__ = "trial_results"
    __table_args__ = (UniqueConstraint("trial_id", "target_key"),)

    id: int = Field(default=None, primary_key=True)
    trial_id: int = refers_to("trials.id", index=True)
    target_key: str
    threshold_s: int
    objective: float
    tickets_needed: int
    tickets_expected: float
    known: int | None = None
    hits: int | None = None
    undecided: int | None = None
    lower: float | None = None
    upper: float | None = None
    verdict: str | None = None
    counter_threshold_s: int | None = None
    counter_objective: float | None = None
    inputs_sha256: str | None = None
    trial: Trial = Relationship(back_populates="results")
