"""How an exclusion ends: approved, declined, withdrawn, or not answered in time."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from config.plain_text import plain
from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import Answer, ApprovalRequest, Decision
from models.assessments import Assessment
from models.exclusions import Exclusion, ExclusionState
from models.parties import Person
from states import approvals, audit
from states.exclusion_texts import scope_of
from states.exclusions import ExclusionRefusedError, lock_agreement
from states.move import SWEEP
from states.rounds import all_approve
from templates.languages.telling import told


def withdraw(session: Session, exclusion: Exclusion, actor: str, reason: str, at: datetime) -> None:
    """Take back an exclusion that still waits for its approval; whoever was asked is told.

    What was approved counts for good: figures that rest on it could not be derived again without it.

    Raises:
        ExclusionRefusedError: there is no reason, or it is settled already.
    """
    agreement = session.get_one(Agreement, exclusion.agreement_id)
    lock_agreement(session, agreement)
    session.refresh(exclusion)
    reason = plain(reason)
    if not reason:
        raise ExclusionRefusedError(f"exclusion {exclusion.id}: to withdraw it, give a reason")
    if exclusion.state != ExclusionState.ASKED:
        raise ExclusionRefusedError(
            f"exclusion {exclusion.id} is {exclusion.state} already; only what still waits is withdrawn"
        )
    _close(session, agreement, exclusion, ExclusionState.WITHDRAWN, actor, at, reason, tell=True)


def withdraw_all(session: Session, agreement: Agreement, at: datetime, reason: str) -> None:
    """Take back every exclusion of an agreement that still waits; what was approved stays."""
    waiting = select(Exclusion).where(
        Exclusion.agreement_id == agreement.id, Exclusion.state == ExclusionState.ASKED
    )
    for exclusion in session.exec(waiting.order_by(col(Exclusion.id))).all():
        _close(session, agreement, exclusion, ExclusionState.WITHDRAWN, SWEEP, at, reason, tell=False)


def expire(session: Session, request: ApprovalRequest, at: datetime) -> None:
    """Close a request that ran out: without all approvals the exclusion is withdrawn, its owner told."""
    approvals.expire(session, request, at)
    exclusion = session.get_one(Exclusion, request.exclusion_id)
    if exclusion.state != ExclusionState.ASKED:
        return
    agreement = session.get_one(Agreement, request.agreement_id)
    reason = told("%(name)s did not answer in time", name=request.person.name)
    _close(session, agreement, exclusion, ExclusionState.WITHDRAWN, SWEEP, at, reason, tell=True)
    if exclusion.asked_by_id != agreement.owner_id:
        _tell(session, agreement, exclusion, [exclusion.asked_by], "", reason, at)


def settle(session: Session, request: ApprovalRequest, decision: Decision, at: datetime) -> Exclusion:
    """Let a decision have its effect: a decline ends the exclusion, the last approval makes it count."""
    exclusion = session.get_one(Exclusion, request.exclusion_id)
    agreement = session.get_one(Agreement, request.agreement_id)
    name, involved = request.person.name, [exclusion.asked_by, agreement.owner]
    if decision.answer == Answer.DECLINE:
        asked = [row.person for row in approvals.requests_about(session, exclusion)]
        _close(session, agreement, exclusion, ExclusionState.DECLINED, name, at, decision.reason, tell=False)
        _tell(session, agreement, exclusion, [*involved, *asked], name, decision.reason, at)
    elif all_approve(approvals.requests_about(session, exclusion), exclusion.sha256):
        _close(session, agreement, exclusion, ExclusionState.APPROVED, name, at, exclusion.reason, tell=False)
        _tell(session, agreement, exclusion, involved, name, decision.reason, at)
    return exclusion


def _close(
    session: Session,
    agreement: Agreement,
    exclusion: Exclusion,
    state: ExclusionState,
    actor: str,
    at: datetime,
    reason: str,
    *,
    tell: bool,
) -> None:
    exclusion.state, exclusion.decided_at = state, _not_frozen_yet(session, agreement, at)
    words = f"{actor} declined" if state == ExclusionState.DECLINED else reason
    approvals.void_all(session, agreement, approvals.requests_about(session, exclusion), at, words, tell=tell)
    audit.append(
        session,
        agreement,
        f"exclusion {state}",
        actor,
        at,
        exclusion=exclusion.id,
        reason=reason,
        sha256=exclusion.sha256,
    )


def _not_frozen_yet(session: Session, agreement: Agreement, at: datetime) -> datetime:
    """Return `at`, or the first second after it as of which no figures are kept: they must not change."""
    newest = session.exec(
        select(func.max(Assessment.as_of)).where(Assessment.agreement_id == agreement.id)
    ).one()
    return at if newest is None or newest < at else newest + timedelta(seconds=1)


def _tell(
    session: Session,
    agreement: Agreement,
    exclusion: Exclusion,
    people: list[Person],
    by: str,
    reason: str,
    at: datetime,
) -> None:
    for person in people:  # one letter each, however often somebody is named: the key is the person's
        post(
            session,
            "exclusion_settled",
            person,
            key=keys.exclusion_settled(exclusion, person),
            at=at,
            agreement=agreement,
            exclusion=exclusion,
            scope=scope_of(exclusion),
            by=by,
            reason=reason,
        )
