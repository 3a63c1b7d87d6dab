"""Actions: what a finding leads to."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, SQLModel

from models.columns import json_field, refers_to, word


class ActionKind(StrEnum):
    """An improvement of the service, or a revision of a target."""

    IMPROVEMENT = "improvement"
    REVISION = "revision"


class ActionState(StrEnum):
    """An action is open until it is done or dropped."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Action(SQLModel, table=True):
    """An improvement or a target-revision task: owner, due date, the target it serves, its effect.

    Attributes:
        offer: for a revision: the counter-offer {"threshold_s", "objective"}, empty where none is supported.
        before: the target's figures that led to it.
        effect: the figures of the first period assessed after it was done; empty until then.
        reminded_at: when its owner was told that it is overdue.
    """

    __tablename__ = "actions"

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    kind: ActionKind = word(ActionKind)
    target_key: str
    title: str
    owner_id: int = refers_to("people.id")
    created_at: datetime
    due_at: datetime
    state: ActionState = word(ActionState, ActionState.OPEN)
    settled_at: datetime | None = None
    settlement: str = ""
    offer: dict[str, Any] = json_field()
    before: dict[str, Any] = json_field()
    effect: dict[str, Any] = json_field()
    reminded_at: datetime | None = None
