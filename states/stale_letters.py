"""Letters that wait although what they ask is over, such as after an outage: they are withdrawn, not sent."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, and_, or_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from mail.blotting import blotted
from models.agreements import Agreement
from models.approvals import ApprovalRequest, RequestState
from models.database import transaction
from models.letters import LetterState, OutboxLetter
from models.reviews import ReviewDecision, ReviewPack
from models.surveys import Survey, SurveyInvitation, SurveyState
from states import audit
from states.move import SWEEP


def withdraw_stale(engine: Engine, at: datetime) -> int:
    """Withdraw the letters that wait and whose question is over at `at`; return how many they are.

    One that somebody is sending just now is left alone.
    """
    with transaction(engine) as session:
        waiting = session.execute(
            select(OutboxLetter.id, OutboxLetter.deduplication_key).where(
                _waits(at),
                or_(*(col(OutboxLetter.deduplication_key).startswith(f"{kind}:") for kind in _OVER)),
            )
        ).all()
        asked: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for letter_id, key in waiting:
            kind, subject = key.split(":")[:2]  # as `mail.keys` builds them
            asked[kind][int(subject)].append(letter_id)
        withdrawn = 0
        for kind, letters in asked.items():
            select_over, reason = _OVER[kind]
            over = session.scalars(select_over(letters, at)).all()
            stale = [letter for subject in over for letter in letters[subject]]
            withdrawn += sum(_withdraw(session, letter, reason, at) for letter in sorted(stale))
        return withdrawn


def _waits(at: datetime) -> ColumnElement[bool]:
    state = col(OutboxLetter.state)
    return or_(
        state == LetterState.QUEUED,
        and_(state == LetterState.CLAIMED, col(OutboxLetter.claimed_until) <= at),
    )


def _withdraw(session: Session, number: int, reason: str, at: datetime) -> bool:
    """Settle a letter as withdrawn, its secrets blotted out; false where it is being sent by now."""
    letter = session.scalars(
        update(OutboxLetter)
        .where(col(OutboxLetter.id) == number, _waits(at))
        .values(state=LetterState.WITHDRAWN, claimed_until=None, last_error=reason)
        .returning(OutboxLetter)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if letter is None:
        return False
    for column, text in blotted(letter).items():
        setattr(letter, column, text)
    if letter.agreement_id is not None:
        agreement = session.get_one(Agreement, letter.agreement_id)
        told = {"letter": letter.id, "letter_kind": letter.kind, "to": letter.to_address, "reason": reason}
        audit.append(session, agreement, "letter withdrawn", SWEEP, at, **told)
    return True


def _surveys(invitations: Collection[int], at: datetime) -> SelectOfScalar[int]:
    over = or_(
        col(Survey.state) == SurveyState.CLOSED,
        col(Survey.closes_at) <= at,
        col(SurveyInvitation.answered_at).is_not(None),
    )
    found = select(SurveyInvitation.id).join(Survey, col(Survey.id) == SurveyInvitation.survey_id)
    return found.where(col(SurveyInvitation.id).in_(invitations), over)


def _requests(requests: Collection[int], at: datetime) -> SelectOfScalar[int]:
    over = or_(col(ApprovalRequest.state) != RequestState.OPEN, col(ApprovalRequest.due_at) <= at)
    return select(ApprovalRequest.id).where(col(ApprovalRequest.id).in_(requests), over)


def _reviews(packs: Collection[int], _at: datetime) -> SelectOfScalar[int]:
    decided = col(ReviewPack.decision) != ReviewDecision.NONE
    return select(ReviewPack.id).where(col(ReviewPack.id).in_(packs), decided)


_OVER = {
    "survey-invitation": (_surveys, "the survey is over, or answered"),
    "approval-request": (_requests, "the decision is not asked any more"),
    "approval-reminder": (_requests, "the decision is not asked any more"),
    "approval-confirm": (_requests, "the decision is not asked any more"),
    "review-made": (_reviews, "the review is decided"),
}
"""By the kind of a deduplication key: what selects those of its subjects that are over, and the reason."""
