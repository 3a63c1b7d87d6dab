"""Handing over: the person asked names somebody else of the same party, who gets a request of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError
from sqlmodel import Session, select

from config.plain_text import plain, plain_line
from models.agreements import Agreement
from models.approvals import ApprovalRequest
from models.parties import Person
from models.version_words import Assurance
from states import approvals, codes
from states.approval_requests import open_in_place_of, record, tell_of_delegate
from states.asking import ask
from states.document_parts import PersonPart
from states.open_requests import DecisionRefusedError, lock_open_request, refuse_own_proposal
from templates.languages.telling import told

LONGEST_CHAIN = 3


@dataclass(frozen=True)
class Delegation:
    """What somebody types to hand a request over.

    Attributes:
        name, email: of the delegate; one whom the party does not know yet is added to it.
        reason: why, which the delegate reads.
        code: the one-time code, where a decision takes one: else a link alone could give it to anybody.
        evidence: where it came from, for the audit trail.
    """

    name: str
    email: str
    reason: str
    code: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)


def hand_over(
    session: Session, request: ApprovalRequest, delegation: Delegation, at: datetime
) -> ApprovalRequest:
    """Void a request and ask the delegate in its place, until the same day; both get letters.

    Raises:
        DecisionRefusedError: if the request is closed, something is missing or no address, the delegate is
            of another party, had it before, offered it, or it was handed over three times already.
        WrongCodeError: as `states.decisions.decide`.
    """
    agreement = lock_open_request(session, request, at)
    part = _read(delegation)
    line = _line_of(session, request)
    if len(line) > LONGEST_CHAIN:
        raise DecisionRefusedError(
            told("it was handed over %(times)s times: decide, or ask a question", times=LONGEST_CHAIN)
        )
    known = session.exec(select(Person).where(Person.email == part.email)).one_or_none()
    if known is not None and known.party_id != request.person.party_id:
        raise DecisionRefusedError(
            told(
                "%(email)s is not of %(party)s: it can be handed over within a party alone",
                email=part.email,
                party=request.person.party.name,
            )
        )
    if known is not None and known.id in {person.id for person in line}:
        raise DecisionRefusedError(
            told("%(name)s was asked before: it cannot be handed back", name=known.name)
        )
    refuse_own_proposal(session, request, part.name, part.email)
    if known is not None:
        refuse_own_proposal(session, request, known.name, known.email)
    if request.assurance == Assurance.L3:
        codes.spend(session, request, delegation.code, at)
    delegate = known or Person(
        party=request.person.party,
        name=part.name,
        email=part.email,
        zone=request.person.zone,
        language=request.person.language,
    )
    session.add(delegate)
    session.flush()
    return _replace(session, agreement, request, delegate, delegation, at)


def _read(delegation: Delegation) -> PersonPart:
    name, email = plain_line(delegation.name), plain_line(delegation.email).lower()
    if not name or not email:
        raise DecisionRefusedError(
            told("to hand it over, give the name and the e-mail address of the other person")
        )
    if not plain(delegation.reason):
        raise DecisionRefusedError(told("to hand it over, give a reason: the other person will read it"))
    try:
        return PersonPart(name=name, email=email)
    except ValidationError:
        raise DecisionRefusedError(told("'%(email)s' is no e-mail address", email=email)) from None


def _line_of(session: Session, request: ApprovalRequest) -> list[Person]:
    """The people who were asked one after the other, the signatory first; each once."""
    line, row = [request.person], request
    while row.replaces_id is not None:
        row = session.get_one(ApprovalRequest, row.replaces_id)
        line.append(row.person)
    line.append(request.signatory.person)
    return list({person.id: person for person in line[::-1]}.values())


def _replace(
    session: Session,
    agreement: Agreement,
    request: ApprovalRequest,
    delegate: Person,
    delegation: Delegation,
    at: datetime,
) -> ApprovalRequest:
    reason = plain(delegation.reason)
    new = open_in_place_of(session, request, delegate, at, request.due_at)
    record(
        session,
        agreement,
        request,
        "handed over",
        at,
        actor=request.person.name,
        to=delegate.name,
        email=delegate.email,
        to_request=new.id,
        reason=reason,
        **delegation.evidence,
    )
    approvals.void(session, agreement, request, at, f"handed over to {delegate.name}", tell=False)
    ask(session, agreement, new, at, reason)
    tell_of_delegate(session, agreement, new, request.person, reason, at)
    return new
