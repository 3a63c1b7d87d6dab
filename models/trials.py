"""Trial runs and what they showed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

from models.columns import json_field, large_number, refers_to, word


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
        confidence: of every bound at each look, fixed before the start.
        looks: how many times its figures may be judged in all; the error is split among them.
        looks_taken: how many times they have been judged.
        slr_sha256: of the service level requirements document that the trial is held against.
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
    looks: int = 1
    looks_taken: int = 0
    slr_sha256: str = ""
    results: list["TrialResult"] = Relationship(
        back_populates="trial", sa_relationship_kwargs={"order_by": "TrialResult.target_key"}
    )


class TrialResult(SQLModel, table=True):
    """One target's plan and, once concluded, its figures.

    Attributes:
        tickets_needed: tickets that prove the objective if none misses, by the plan.
        tickets_expected: tickets that the weeks before the trial make likely.
        baseline_share: the share kept in the weeks before the trial, None where nothing was measured.
        chance_met: the chance that the trial comes out *met* if the truth is the baseline.
        lower, upper: one-sided exact bounds of the true share.
        counter_threshold_s, counter_objective: the counter-offer, None where the evidence supports none.
        condition: where one label explains the misses, the smallest change that would make the target hold.
        choice: what the manager did about a target that was not met, in words; "" before.
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
    baseline_share: float | None = None
    chance_met: float | None = None
    known: int | None = large_number(default=None)
    hits: int | None = large_number(default=None)
    undecided: int | None = None
    lower: float | None = None
    upper: float | None = None
    verdict: str | None = None
    counter_threshold_s: int | None = None
    counter_objective: float | None = None
    condition: dict[str, Any] = json_field()
    choice: str = ""
    inputs_sha256: str | None = None
    trial: Trial = Relationship(back_populates="results")
