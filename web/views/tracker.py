"""The approval tracker: who is asked, what became of the letter, and what was answered, by signatory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import not_
from sqlmodel import Session, col, select

from config.policy import policy
from mail import keys
from models.agreements import Agreement
from models.approvals import ApprovalRequest, RequestState
from models.letters import LetterState, OutboxLetter
from models.parties import Person
from models.version_words import VersionStatus
from models.versions import AgreementVersion, Signatory
from states.approvals import requests_for, standing
from states.subjects import subject_of, to_sign

_LETTERS = {
    LetterState.QUEUED: "not sent yet",
    LetterState.CLAIMED: "being sent",
    LetterState.SENT: "sent",
    LetterState.BOUNCED: "came back",
    LetterState.FAILED: "could not be sent",
    LetterState.WITHDRAWN: "not sent: not asked any more",
    LetterState.SIMULATED: "simulated",
}


@dataclass(frozen=True)
class Tracked:
    """One signatory's place in a round, or one person asked about an exclusion or a proposal.

    Attributes:
        about: "" for the version's round, else "exclusion 3" or "proposal 4".
        group: the signatory's group in its order.
        person: who is asked, or will be.
        in_place_of: the signatory in whose name, None where they are asked themselves.
        letter: what became of the request's letter, "" where nobody was asked yet.
        letter_at: when it was sent, None before.
        problem: why the letter did not arrive.
        former: what became of the requests before this one, a line each.
        open: an answer is waited for.
    """

    about: str
    group: int
    signatory: Signatory
    person: Person
    in_place_of: Person | None
    request: ApprovalRequest | None
    letter: str = ""
    letter_at: datetime | None = None
    problem: str = ""
    former: tuple[str, ...] = ()
    open: bool = False
    can_remind: bool = False
    can_ask_anew: bool = False


def tracker(
    session: Session, agreement: Agreement, version: AgreementVersion | None, at: datetime
) -> list[Tracked]:
    """Return the round of a version, group by group, and then who is asked about all else now."""
    rows: list[Tracked] = []
    if version is not None:
        requests = requests_for(session, version)
        latest = {row.signatory_id: row for row in standing(requests)}
        letters = _letters(session, requests)
        offered = version.status == VersionStatus.OFFERED
        for signatory in sorted(version.signatories, key=lambda row: (row.group, row.observer, row.id)):
            chain = [row for row in requests if row.signatory_id == signatory.id]
            rows.append(_tracked(signatory, latest.get(signatory.id), chain, letters, at, offered=offered))
    beside = session.exec(
        select(ApprovalRequest)
        .where(
            ApprovalRequest.agreement_id == agreement.id,
            not_(to_sign()),
            ApprovalRequest.state == RequestState.OPEN,
        )
        .order_by(col(ApprovalRequest.id))
    ).all()
    letters = _letters(session, beside)
    return rows + [
        _tracked(row.signatory, row, [row], letters, at, offered=True, about=subject_of(session, row).name)
        for row in beside
    ]


def _letters(session: Session, requests: Sequence[ApprovalRequest]) -> dict[str, OutboxLetter]:
    wanted = [keys.approval_request(row) for row in requests]
    found = session.exec(select(OutboxLetter).where(col(OutboxLetter.deduplication_key).in_(wanted)))
    return {row.deduplication_key: row for row in found}


def _tracked(
    signatory: Signatory,
    request: ApprovalRequest | None,
    chain: list[ApprovalRequest],
    letters: dict[str, OutboxLetter],
    at: datetime,
    *,
    offered: bool,
    about: str = "",
) -> Tracked:
    if request is None:
        return Tracked("", signatory.group, signatory, signatory.person, None, None)
    letter = letters.get(keys.approval_request(request))
    is_open = request.state == RequestState.OPEN and at < request.due_at
    return Tracked(
        about=about,
        group=signatory.group,
        signatory=signatory,
        person=request.person,
        in_place_of=request.in_place_of,
        request=request,
        letter=_LETTERS[letter.state] if letter else "",
        letter_at=letter.sent_at if letter else None,
        problem=letter.last_error if letter else "",
        former=tuple(f"{row.person.name}: {row.void_reason}" for row in chain if row.id != request.id),
        open=is_open,
        can_remind=is_open and request.reminders < policy().approvals.most_reminders,
        can_ask_anew=offered and request.state != RequestState.DECIDED,
    )
