"""How what was put to the customer's people ends, an exclusion and a proposal alike."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar

from sqlmodel import Session, col, func, select

from config.errors import NotFoundError, SlmError
from config.plain_text import plain
from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import Answer, ApprovalRequest, Decision
from models.assessments import Assessment
from models.exclusions import Exclusion, ExclusionState
from models.parties import Person
from models.proposals import Proposal, ProposalState
from states import approvals, audit
from states.askers import lock_agreement
from states.move import SWEEP
from states.rounds import all_approve
from states.subjects import of_asked, subject_of, word_of
from templates.languages.telling import told

Asked: TypeAlias = Exclusion | Proposal
"""What the customer's people were asked about, beside versions to sign."""

Row = TypeVar("Row", Exclusion, Proposal)
Ending: TypeAlias = tuple[str, str]
"""The state that something ends in, and the reason that is written down."""


class NotWithdrawnError(SlmError):
    """It cannot be taken back; the message says why."""


def find(session: Session, kind: type[Row], number: int, under: Agreement | None = None) -> Row:
    """Return the exclusion or proposal of this number; with `under`, if it is one of that agreement.

    Raises:
        NotFoundError: if there is none.
    """
    found = session.get(kind, number)
    if found is None:
        raise NotFoundError(f"there is no {word_of(kind)} {number}: `slm {word_of(kind)}s list` lists them")
    if under is not None and found.agreement_id != under.id:
        raise NotFoundError(f"{under.reference} has no {word_of(kind)} {number}")
    return found


def waiting(session: Session, kind: type[Row], agreement: Agreement) -> Sequence[Row]:
    """Return what still waits for its approval under an agreement, the oldest first."""
    asked: Any = kind
    found = select(asked).where(asked.agreement_id == agreement.id, asked.state == "asked")
    return session.exec(found.order_by(asked.id)).all()


def withdraw(session: Session, asked: Asked, actor: str, reason: str, at: datetime) -> None:
    """Take back what still waits for its approval; whoever was asked is told.

    What was approved stays: of an exclusion, figures rest on it that could not be derived again without it.

    Raises:
        NotWithdrawnError: there is no reason, or it is settled already.
    """
    agreement = session.get_one(Agreement, asked.agreement_id)
    lock_agreement(session, agreement)
    session.refresh(asked)
    reason, name = plain(reason), f"{word_of(type(asked))} {asked.id}"
    if not reason:
        raise NotWithdrawnError(f"{name}: to withdraw it, give a reason")
    if asked.state != "asked":
        raise NotWithdrawnError(f"{name} is {asked.state} already; only what still waits is withdrawn")
    close(session, agreement, asked, "withdrawn", actor, at, reason, tell=True)


def expire(session: Session, request: ApprovalRequest, at: datetime) -> None:
    """Close a request that ran out: what lacks its approval is withdrawn, and its owner and asker told."""
    approvals.expire(session, request, at)
    asked = subject_of(session, request).row
    if not isinstance(asked, Exclusion | Proposal) or asked.state != "asked":
        return
    agreement = session.get_one(Agreement, request.agreement_id)
    reason = told("%(name)s did not answer in time", name=request.person.name)
    close(session, agreement, asked, "withdrawn", SWEEP, at, reason, tell=True)
    if asked.asked_by_id != agreement.owner_id:
        _tell(session, agreement, asked, [asked.asked_by], "", reason, at)


def settle(
    session: Session,
    request: ApprovalRequest,
    decision: Decision,
    at: datetime,
    approved: Callable[[Agreement, str], Ending],
) -> None:
    """Let a decision have its effect: a decline ends what it is about, the last approval lets it be done.

    Args:
        session: the caller's; nothing is committed.
        request: the one that was answered.
        decision: the answer.
        at: when.
        approved: does what was approved, under the agreement and in the approvers' names, and says in what
            it ends.
    """
    asked = subject_of(session, request).row
    assert isinstance(asked, Exclusion | Proposal), "a version to sign is settled by its signing"
    agreement = session.get_one(Agreement, request.agreement_id)
    requests = approvals.requests_about(session, asked)
    involved = [asked.asked_by, agreement.owner]
    if decision.answer == Answer.DECLINE:
        name, reason = request.person.name, decision.reason
        close(session, agreement, asked, "declined", name, at, reason, tell=False)
        _tell(session, agreement, asked, [*involved, *(row.person for row in requests)], name, reason, at)
    elif all_approve(requests, asked.sha256):
        names = ", ".join(row.person.name for row in approvals.standing(requests))
        state, reason = approved(agreement, names)
        close(session, agreement, asked, state, names, at, reason, tell=False)
        _tell(session, agreement, asked, involved, names, decision.reason, at)


def close(
    session: Session,
    agreement: Agreement,
    asked: Asked,
    state: str,
    actor: str,
    at: datetime,
    reason: str,
    *,
    tell: bool,
) -> None:
    """Write down how something ended, and void what is still open of it; with `tell`, by letter.

    Args:
        session: the caller's; nothing is committed.
        agreement: its agreement, locked.
        asked: what ends.
        state: in what, a word of its states.
        actor: who ended it.
        at: when.
        reason: why, "" where it was done.
        tell: whether those who need not answer any more get a letter.
    """
    if isinstance(asked, Exclusion):
        asked.state, asked.decided_at = ExclusionState(state), _not_frozen_yet(session, agreement, at)
    else:
        asked.state, asked.decided_at, asked.outcome = ProposalState(state), at, reason
    words = f"{actor} declined" if state == "declined" else reason
    approvals.void_all(session, agreement, approvals.requests_about(session, asked), at, words, tell=tell)
    about = {word_of(type(asked)): asked.id, "reason": reason, "sha256": asked.sha256}
    audit.append(session, agreement, f"{word_of(type(asked))} {state}", actor, at, **about)


def _not_frozen_yet(session: Session, agreement: Agreement, at: datetime) -> datetime:
    """Return `at`, or the first second after it as of which no figures are kept: they must not change."""
    newest = session.exec(
        select(func.max(col(Assessment.as_of))).where(Assessment.agreement_id == agreement.id)
    ).one()
    return at if newest is None or newest < at else newest + timedelta(seconds=1)


def _tell(
    session: Session,
    agreement: Agreement,
    asked: Asked,
    people: Iterable[Person],
    by: str,
    reason: str,
    at: datetime,
) -> None:
    subject = of_asked(agreement, asked)
    for person in people:  # one letter each, however often somebody is named: the key is the person's
        post(
            session,
            f"{subject.word}_settled",
            person,
            key=keys.settled(subject.word, asked.id, person),
            at=at,
            agreement=agreement,
            by=by,
            reason=reason,
            **subject.shown,
        )
