"""The one door: `advance` moves an agreement, or raises with every reason and changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session, select
from transitions import Machine

from config.clock import as_utc
from config.plain_text import plain
from models.agreements import Agreement, Stage
from states import audit
from states.move import BlockedMoveError, ConflictError, IllegalMoveError, Move, Trigger
from states.overtaken_proposals import withdraw_overtaken
from states.transition_table import TRANSITIONS, Transition, transitions_from


class Lifecycle:
    """A state machine over one agreement's row, built for one move and discarded.

    The machine may not change the row in other ways: no automatic transitions, no unknown stage.
    """

    def __init__(self, agreement: Agreement) -> None:
        self._agreement = agreement
        Machine(
            model=self,
            states=[stage.value for stage in Stage],
            transitions=[
                {"trigger": row.trigger.value, "source": row.source.value, "dest": row.target.value}
                for row in TRANSITIONS
                if row.holds_for(agreement)
            ],
            initial=Stage(agreement.stage).value,
            auto_transitions=False,
        )

    @property
    def state(self) -> str:
        """The agreement's stage, as the machine's state."""
        return self._agreement.stage.value

    @state.setter
    def state(self, value: str) -> None:
        if value != self._agreement.stage.value:
            self._agreement.stage = Stage(value)

    def apply(self, trigger: Trigger) -> None:
        """Fire a trigger of the table."""
        cast(Any, self).trigger(trigger.value)


@dataclass(frozen=True)
class WayOn:
    """A move that the agreement's stage knows.

    Attributes:
        blockers: what blocks it now, in words; empty where it is open.
    """

    transition: Transition
    blockers: list[str]

    @property
    def open(self) -> bool:
        """Whether nothing blocks."""
        return not self.blockers


def advance(
    session: Session,
    agreement: Agreement,
    trigger: Trigger | str,
    actor: str,
    at: datetime,
    reason: str | None = None,
    expected_version: int | None = None,
    until: datetime | None = None,
) -> Agreement:
    """Move an agreement, with everything that follows from it, within the caller's transaction.

    Args:
        session: an open session; nothing is committed here.
        agreement: the agreement as the caller knows it.
        trigger: what is asked.
        actor: who asks: a person's name, `states.move.POLICY` or `SWEEP`.
        at: when, an aware instant.
        reason: why, where the trigger wants one.
        expected_version: the `row_version` that the caller decided on; by default the one it holds.
        until: the new end, for `extend_trial`.

    Returns:
        The agreement in its new stage.

    Raises:
        IllegalMoveError: the stage does not know the trigger.
        BlockedMoveError: the gate is closed; `reasons` holds everything that blocks.
        ConflictError: somebody else moved the agreement in the meantime.
        BadInputError: `at` or `until` has no time zone.
    """
    known_version = agreement.row_version if expected_version is None else expected_version
    reference, reason = agreement.reference, reason and plain(reason)
    try:
        with session.begin_nested():
            row = _lock(session, agreement, known_version)
            move = Move(session, row, _trigger(trigger), actor, as_utc(at), reason, until and as_utc(until))
            _fire(move)
            return row
    except StaleDataError:
        raise _conflict(reference) from None


def _lock(session: Session, agreement: Agreement, known_version: int) -> Agreement:
    row = session.exec(
        select(Agreement)
        .where(Agreement.id == agreement.id)
        .with_for_update(of=cast(Any, Agreement))
        .execution_options(populate_existing=True)
    ).one()
    if row.row_version != known_version:
        raise _conflict(row.reference)
    return row


def _conflict(reference: str) -> ConflictError:
    return ConflictError(f"{reference} was changed by somebody else in the meantime: look at it again")


def _trigger(trigger: Trigger | str) -> Trigger:
    try:
        return Trigger(trigger)
    except ValueError:
        known = ", ".join(row.value for row in Trigger)
        raise IllegalMoveError(f"there is no trigger {str(trigger)!r}: the triggers are {known}") from None


def _fire(move: Move) -> None:
    agreement = move.agreement
    transition = _transition(move)
    blockers = _blockers(transition, move)
    if blockers:
        raise BlockedMoveError(f"{agreement.reference}: {move.trigger}", blockers)
    Lifecycle(agreement).apply(move.trigger)
    if transition.target != transition.source:
        agreement.stage_since = move.at
    flag_modified(agreement, "stage")  # every move counts the row version up, also one that stays
    audit.append(
        move.session,
        agreement,
        "move",
        move.actor,
        move.at,
        trigger=move.trigger.value,
        source=transition.source.value,
        target=transition.target.value,
        reason=move.reason,
        until=move.until.isoformat() if move.until else None,
    )
    transition.effect(move)
    move.session.flush()
    withdraw_overtaken(move.session, agreement, move.at)
    move.session.flush()
    move.session.refresh(agreement)


def _transition(move: Move) -> Transition:
    ways = transitions_from(move.agreement)
    for row in ways:
        if row.trigger == move.trigger:
            return row
    possible = ", ".join(row.trigger.value for row in ways) or "nothing any more"
    raise IllegalMoveError(
        f"{move.agreement.reference} is in {move.agreement.stage.title.lower()}: "
        f"{move.trigger} is not possible there; possible: {possible}"
    )


def _blockers(transition: Transition, move: Move) -> list[str]:
    missing = ["a reason is needed"] if transition.needs_reason and not move.reason else []
    return missing + transition.gate(move)


def blockers(
    session: Session,
    agreement: Agreement,
    trigger: Trigger | str,
    actor: str,
    at: datetime,
    reason: str | None = None,
    until: datetime | None = None,
) -> tuple[Transition, list[str]]:
    """Return what a move would do and what blocks it, without making it.

    Raises:
        IllegalMoveError: the stage does not know the trigger.
    """
    reason = reason and plain(reason)
    move = Move(session, agreement, _trigger(trigger), actor, as_utc(at), reason, until and as_utc(until))
    transition = _transition(move)
    return transition, _blockers(transition, move)


def ways_on(session: Session, agreement: Agreement, actor: str, at: datetime) -> list[WayOn]:
    """Return every move that the agreement's stage knows, with what blocks it apart from a reason."""
    ways = []
    for row in transitions_from(agreement):
        move = Move(session, agreement, row.trigger, actor, as_utc(at))
        ways.append(WayOn(row, row.gate(move)))
    return ways
