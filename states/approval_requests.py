"""One approval request: opened with its dates, told of by letter, recorded, whatever it is about."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from config.policy import policy
from mail import keys, links
from mail.outbox import post
from mail.reply_addresses import reply_addresses
from models.agreements import Agreement
from models.approvals import ApprovalRequest, LinkPurpose
from models.parties import Person
from models.versions import AgreementVersion, Signatory
from states import absences, audit
from states.move import SWEEP
from states.own_proposals import is_own_proposal
from states.reminders import next_reminder
from states.subjects import Subject, subject_of


def open_request(
    session: Session,
    agreement: Agreement,
    version: AgreementVersion,
    signatory: Signatory,
    subject: Subject,
    at: datetime,
) -> ApprovalRequest:
    """Add an open request to one signatory of a version about a subject, its dates set by policy.

    Who is away is told that the delegate is asked in their name.
    """
    assert subject.sha256 is not None, "people are asked about a text that is fixed"
    person = absences.who_stands_in(session, signatory.person, at)
    if is_own_proposal(subject.proposer, person):
        person = signatory.person
    request = ApprovalRequest(
        agreement_id=agreement.id,
        version_id=version.id,
        **subject.columns,
        person=person,
        signatory=signatory,
        sha256=subject.sha256,
        required=signatory.required,
        assurance=subject.assurance or signatory.assurance,
        asked_at=at,
        due_at=answer_by(at),
        next_reminder_at=next_reminder(version, person, at),
    )
    session.add(request)
    session.flush()
    if (absent := request.in_place_of) is not None:
        absence = absences.absence_of(session, absent, at)
        tell_of_delegate(session, agreement, request, absent, absence.reason if absence else "", at)
    return request


def open_in_place_of(
    session: Session, former: ApprovalRequest, person: Person, at: datetime, due_at: datetime
) -> ApprovalRequest:
    """Add an open request to `person` that takes the place of `former`, about the same text."""
    request = ApprovalRequest(
        **former.model_dump(
            include={
                *("agreement_id", "version_id", "exclusion_id", "proposal_id", "signatory_id"),
                *("sha256", "required", "assurance"),
            }
        ),
        person=person,
        replaces_id=former.id,
        asked_at=at,
        due_at=due_at,
        next_reminder_at=next_reminder(session.get_one(AgreementVersion, former.version_id), person, at),
    )
    session.add(request)
    session.flush()
    session.refresh(request, ["signatory"])
    return request


def answer_by(at: datetime) -> datetime:
    """Return until when somebody who is asked at an instant may answer."""
    return at + timedelta(days=policy().approvals.days_to_answer)


def about(session: Session, request: ApprovalRequest) -> str:
    """Return what a request is about: "version 2", "exclusion 3" or "proposal 4"."""
    return subject_of(session, request).name


def tell_of_delegate(
    session: Session,
    agreement: Agreement,
    request: ApprovalRequest,
    person: Person,
    reason: str,
    at: datetime,
) -> None:
    """Write to `person` that the request's person is asked in their place."""
    post(
        session,
        "approval_handed_over",
        person,
        key=keys.approval_handed_over(request),
        at=at,
        agreement=agreement,
        about=about(session, request),
        delegate=request.person,
        reason=reason,
        due_at=request.due_at,
    )


def decision_link(session: Session, request: ApprovalRequest, at: datetime) -> str:
    """Return a new secret address at which the request's person decides."""
    return links.issue_link(session, LinkPurpose.DECISION, request.id, request.person, at)


def ways_to_answer(session: Session, request: ApprovalRequest, at: datetime) -> dict[str, Any]:
    """Return what a letter that asks for a decision tells: `link`, `by_mail`, `reply_to`, all of them new."""
    by_mail = reply_addresses(session, request, request.person, at)
    link, reply_to = decision_link(session, request, at), by_mail.comment if by_mail else ""
    return {"link": link, "by_mail": by_mail, "reply_to": reply_to}


def tell_of(
    session: Session,
    agreement: Agreement,
    request: ApprovalRequest,
    what: str,
    person: Person,
    key: str,
    at: datetime,
    **context: Any,
) -> None:
    """Write a letter about a request, such as its "reminder", in the words of what the request is about."""
    subject, version = subject_of(session, request), session.get_one(AgreementVersion, request.version_id)
    context |= {"version": version, **subject.shown}
    post(session, f"{subject.letters}_{what}", person, key=key, at=at, agreement=agreement, **context)


def record(
    session: Session,
    agreement: Agreement,
    request: ApprovalRequest,
    what: str,
    at: datetime,
    *,
    actor: str = SWEEP,
    **data: Any,
) -> None:
    """Append to the audit trail what happened to a request, such as that it "expired"."""
    subject = subject_of(session, request)
    data |= {"request": request.id, **subject.in_audit}
    audit.append(session, agreement, f"{subject.letters} {what}", actor, at, **data)
