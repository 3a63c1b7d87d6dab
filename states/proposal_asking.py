"""Putting a proposal to the customer: who is asked, in letters that all say the same frozen text."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from config.errors import SlmError
from config.plain_text import plain
from models.agreements import Agreement
from models.parties import Person
from models.proposals import Proposal, ProposalKind
from models.reviews import ReviewPack
from models.versions import AgreementVersion
from states import audit, settling
from states.approval_requests import open_request
from states.asking import ask
from states.own_proposals import deciders
from states.proposal_texts import sha256_of_proposal, title_of
from states.subjects import of_proposal


class ProposalRefusedError(SlmError):
    """The proposal cannot be made; the message says why."""


def put(
    session: Session,
    agreement: Agreement,
    version: AgreementVersion,
    kind: ProposalKind,
    terms: dict[str, Any],
    asked_by: Person,
    reason: str,
    at: datetime,
    *,
    key: str = "",
    pack: ReviewPack | None = None,
) -> Proposal:
    """Write a proposal and ask everybody who decides on it.

    Args:
        session: the caller's; nothing is committed.
        agreement: locked by the caller.
        version: whose signatories are asked: the draft, or the one in force that is under review.
        kind: what is put to them.
        terms: what is proposed, as plain data that never changes again.
        asked_by: a person of the agreement.
        reason: why.
        at: when.
        key: the target's, "" for a review's outcome.
        pack: of the review.

    Raises:
        ProposalRefusedError: no reason is given, there is nobody to ask, or a proposal about the same waits.
    """
    if not plain(reason):
        raise ProposalRefusedError(f"{agreement.reference}: say why; everybody who is asked reads it")
    asked_people = deciders(version, asked_by)
    if not asked_people:
        raise ProposalRefusedError(f"{agreement.reference}: nobody of the customer is there to decide on it")
    alike = (row for row in settling.waiting(session, Proposal, agreement) if row.target_key == key)
    if (waiting := next(alike, None)) is not None:
        raise ProposalRefusedError(
            f"{agreement.reference}: proposal {waiting.id}, {title_of(waiting)}, waits for its answer: "
            "withdraw it first"
        )
    proposal = Proposal(
        agreement_id=agreement.id,
        version_id=version.id,
        pack_id=pack.id if pack else None,
        kind=kind,
        target_key=key,
        terms=terms,
        reason=plain(reason),
        asked_by_id=asked_by.id,
        asked_at=at,
        sha256="",
    )
    proposal.sha256 = sha256_of_proposal(agreement, proposal)
    session.add(proposal)
    session.flush()
    subject = of_proposal(agreement, proposal)
    asked = [open_request(session, agreement, version, row, subject, at) for row in asked_people]
    for request in asked:
        ask(session, agreement, request, at)
    audit.append(
        session,
        agreement,
        "proposal asked",
        asked_by.name,
        at,
        proposal=proposal.id,
        title=title_of(proposal),
        reason=proposal.reason,
        terms=terms,
        sha256=proposal.sha256,
        requests={str(request.id): request.person.name for request in asked},
    )
    return proposal
