"""Actions: improvements and target revisions, from finding to measured effect."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.policy import policy
from mail import keys
from mail.outbox import post
from models.actions import Action, ActionKind, ActionState
from models.agreements import Agreement, Stage
from models.assessments import Assessment
from models.parties import Person
from states import audit
from states.experience import reaches
from states.move import SWEEP, Move

SATISFACTION = "satisfaction"


def actions_of(session: Session, agreement: Agreement) -> list[Action]:
    """Return the agreement's actions, oldest first."""
    return list(
        session.exec(select(Action).where(Action.agreement_id == agreement.id).order_by(col(Action.id)))
    )


def open_improvement(move: Move, target_key: str, title: str, before: dict[str, Any]) -> None:
    """Open an improvement, unless one for the same target is under way already."""
    under_way = any(
        action.kind == ActionKind.IMPROVEMENT
        and action.state == ActionState.OPEN
        and action.target_key == target_key
        for action in actions_of(move.session, move.agreement)
    )
    if not under_way:
        open_action(move, ActionKind.IMPROVEMENT, target_key, title, before=before)


def open_action(
    move: Move,
    kind: ActionKind,
    target_key: str,
    title: str,
    *,
    before: dict[str, Any],
    offer: dict[str, Any] | None = None,
    tell: bool = False,
) -> Action:
    """Open an action for the agreement's owner; with `tell`, a letter says what is to be settled."""
    action = Action(
        agreement_id=move.agreement.id,
        kind=kind,
        target_key=target_key,
        title=title,
        owner_id=move.agreement.owner_id,
        created_at=move.at,
        due_at=move.at + timedelta(days=policy().revisions.days_to_settle),
        offer=offer or {},
        before=before,
    )
    move.session.add(action)
    move.session.flush()
    if tell:
        post(
            move.session,
            "revision_task",
            move.agreement.owner,
            key=keys.revision_task(action),
            at=move.at,
            agreement=move.agreement,
            action=action,
        )
    return action


def settle_all(
    session: Session,
    agreement: Agreement,
    kind: ActionKind,
    at: datetime,
    settlement: str,
    *,
    state: ActionState = ActionState.DONE,
) -> None:
    """Settle every open action of a kind, with what it ended in."""
    for action in actions_of(session, agreement):
        if action.kind == kind and action.state == ActionState.OPEN:
            action.state, action.settled_at, action.settlement = state, at, settlement


def measure_effects(
    session: Session,
    agreement: Agreement,
    assessed: list[Assessment],
    satisfaction: dict[str, Any] | None,
    at: datetime,
) -> None:
    """Hold each action against the period just assessed: what changed since it was opened.

    A revision is measured by the first period after it was settled; an improvement in every period
    until its target is as promised, which settles it.
    """
    figures = {row.target_key: _figures(row) for row in assessed}
    if satisfaction is not None:
        figures[SATISFACTION] = satisfaction | {"objective": satisfaction["standard"]}
    for action in actions_of(session, agreement):
        now = figures.get(action.target_key)
        if now is None:
            continue
        if action.kind == ActionKind.REVISION and _applied_before(action, now["from"]):
            action.effect = now
        if action.kind == ActionKind.IMPROVEMENT and action.state == ActionState.OPEN:
            action.effect = now
            if now["known"] and reaches(now["hits"], now["known"], now["objective"]):
                action.state, action.settled_at = ActionState.DONE, at
                action.settlement = "as promised again"


def _figures(row: Assessment) -> dict[str, Any]:
    return {
        "from": row.starts_at.isoformat(),
        "to": row.ends_at.isoformat(),
        "hits": row.hits,
        "known": row.known,
        "objective": row.target["objective"],
        "indicator": row.target.get("indicator"),
        "value": row.value,
        "unit": row.unit,
        "verdict": row.verdict,
    }


def _applied_before(action: Action, start: str) -> bool:
    if action.state != ActionState.DONE or action.settled_at is None or action.effect:
        return False
    return action.settled_at <= datetime.fromisoformat(start)


def overdue_actions(at: datetime) -> SelectOfScalar[Action]:
    """Select the open actions that are past due and whose owners have not been told yet.

    A revision waits for its owner only during renegotiation; later it waits for a trial or signatures.
    """
    waits_for_owner = or_(
        col(Action.kind) != ActionKind.REVISION, col(Agreement.stage) == Stage.RENEGOTIATION
    )
    return (
        select(Action)
        .join(Agreement, col(Agreement.id) == Action.agreement_id)
        .where(
            Action.state == ActionState.OPEN,
            Action.due_at <= at,
            col(Action.reminded_at).is_(None),
            waits_for_owner,
        )
        .order_by(col(Action.due_at), col(Action.id))
    )


def remind_owner(session: Session, action: Action, at: datetime) -> None:
    """Tell an action's owner, once, that it is overdue."""
    action.reminded_at = at
    agreement = session.get_one(Agreement, action.agreement_id)
    post(
        session,
        "revision_overdue",
        session.get_one(Person, action.owner_id),
        key=keys.revision_overdue(action),
        at=at,
        agreement=agreement,
        action=action,
    )
    audit.append(session, agreement, "action overdue", SWEEP, at, action=action.id, title=action.title)
