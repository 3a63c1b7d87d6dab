"""Proposals: what the manager puts to the customer's people by letter before it is done."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Relationship, SQLModel

from models.columns import json_field, refers_to, word
from models.parties import Person


class ProposalKind(StrEnum):
    """What is put to the customer."""

    COUNTER_OFFER = "counter-offer"
    REVISED_TARGET = "revised target"
    REVIEW_OUTCOME = "review outcome"


class ProposalState(StrEnum):
    """A proposal is done once the customer's people have approved it, and not before.

    One that is blocked was approved, but could not be done any more when the last approval came.
    """

    ASKED = "asked"
    APPROVED = "approved"
    BLOCKED = "blocked"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Proposal(SQLModel, table=True):
    """A counter-offer, a revised target or a review's outcome, put to the customer's people.

    Attributes:
        version_id: the draft that a target belongs to; of a review's outcome, the version in force.
        pack_id: the review pack that an outcome is for, None for a target.
        target_key: the target that is to change, "" for an outcome.
        terms: what is proposed, frozen: of a target, what it says now and would say, and the evidence; of an
            outcome, the decision and the findings.
        reason: why, in the proposer's words.
        sha256: of its text, which the approvals are about.
        decided_at: when it was approved, declined or withdrawn.
        outcome: why it was declined or withdrawn, or what blocked it; "" where it was done.
    """

    __tablename__ = "proposals"

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    version_id: int = refers_to("agreement_versions.id", index=True)
    pack_id: int | None = Field(default=None, foreign_key="review_packs.id")
    kind: ProposalKind = word(ProposalKind)
    target_key: str = ""
    terms: dict[str, Any] = json_field()
    reason: str = ""
    state: ProposalState = word(ProposalState, ProposalState.ASKED, index=True)
    asked_by_id: int = refers_to("people.id")
    asked_at: datetime
    decided_at: datetime | None = None
    sha256: str
    outcome: str = ""
    asked_by: Person = Relationship()
