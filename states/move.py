"""One attempt to move an agreement: what gates look at and effects work with."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from config.errors import SlmError
from models.agreements import Agreement

POLICY = "policy"
SWEEP = "sweep"


class Trigger(StrEnum):
    """What can be asked of an agreement."""

    START_TRIAL = "start_trial"
    SKIP_TRIAL = "skip_trial"
    EXTEND_TRIAL = "extend_trial"
    OFFER = "offer"
    REWORK = "rework"
    SIGN = "sign"
    DECLINE = "decline"
    BEGIN_REVIEW = "begin_review"
    RENEW = "renew"
    RENEGOTIATE = "renegotiate"
    PROPOSE_REVISION = "propose_revision"
    WITHDRAW = "withdraw"
    END = "end"


@dataclass(frozen=True)
class Move:
    """An attempt to fire a trigger.

    Attributes:
        actor: who asks: a person's name, `POLICY` or `SWEEP`.
        at: when, in UTC.
        reason: why, where the trigger wants one.
        until: the new end, for `extend_trial`.
    """

    session: Session
    agreement: Agreement
    trigger: Trigger
    actor: str
    at: datetime
    reason: str | None = None
    until: datetime | None = None


class MoveError(SlmError):
    """A move that was refused; the agreement is as before."""


class IllegalMoveError(MoveError):
    """The trigger does not exist in the agreement's stage."""


class BlockedMoveError(MoveError):
    """The gate is closed.

    Attributes:
        reasons: everything that blocks, in words a manager can act on.
    """

    def __init__(self, what: str, reasons: list[str]) -> None:
        super().__init__(f"{what} is blocked: " + "; ".join(reasons))
        self.reasons = reasons


class ConflictError(MoveError):
    """Somebody else moved the agreement in the meantime."""
