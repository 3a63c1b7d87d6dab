"""Rounds of signatures: groups one after the other, within a group at the same time, with a quorum."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import Answer, ApprovalRequest
from models.parties import Person
from models.versions import AgreementVersion, Signatory
from states import approvals
from states.approval_requests import open_request
from states.asking import ask
from states.promises import promise_of
from states.subjects import of_version


def begin(session: Session, agreement: Agreement, version: AgreementVersion, at: datetime) -> None:
    """Ask the first group of a sealed version's signatories, and tell the observers that it is offered."""
    targets = [{"key": target.key, "promise": promise_of(target)} for target in version.targets]
    for signatory in version.signatories:
        if signatory.observer:
            post(
                session,
                "approval_observed",
                signatory.person,
                key=keys.approval_observed(version, signatory.person),
                at=at,
                agreement=agreement,
                version=version,
                targets=targets,
            )
    ask_next(session, agreement, version, at)


def ask_next(session: Session, agreement: Agreement, version: AgreementVersion, at: datetime) -> None:
    """Ask every group whose turn it is: the first, and each whose former group is done."""
    for number in groups_of(version):
        requests = approvals.standing(approvals.requests_for(session, version))
        asked = {row.signatory_id for row in requests}
        for signatory in members(version, number):
            if signatory.id not in asked:
                request = open_request(session, agreement, version, signatory, of_version(version), at)
                ask(session, agreement, request, at)
                requests.append(request)
        if missing_in(version, number, requests):
            return


def groups_of(version: AgreementVersion) -> list[int]:
    """Return the numbers of the groups that are asked, in their order."""
    return sorted({row.group for row in version.signatories if not row.observer})


def members(version: AgreementVersion, number: int) -> list[Signatory]:
    """Return who belongs to a group, observers left out."""
    return [row for row in version.signatories if row.group == number and not row.observer]


def missing(version: AgreementVersion, requests: Sequence[ApprovalRequest]) -> list[str]:
    """Return whose approval a version still lacks, a sentence each, over all groups."""
    return [line for number in groups_of(version) for line in missing_in(version, number, requests)]


def missing_in(version: AgreementVersion, number: int, requests: Sequence[ApprovalRequest]) -> list[str]:
    """Return whose approval a group still lacks; empty once all required and the quorum have approved.

    A quorum counts people: who approves in two names counts once.
    """
    latest = {row.signatory_id: row for row in approvals.standing(requests)}
    lines, approved = [], set()
    for signatory in members(version, number):
        request = latest.get(signatory.id)
        if request is not None and approves(request, version.sha256):
            approved.add(request.person_id)
        elif signatory.required:
            lines.append(f"{_who(signatory, request)} has not approved")
    quorum = version.quorum.get(str(number), 0)
    if len(approved) < quorum:
        lines.append(f"{len(approved)} of the {quorum} approvals that group {number} needs are given")
    return lines


def approves(request: ApprovalRequest, sha256: str | None) -> bool:
    """Return whether a request is answered with an approval of the text with this hash."""
    decision = request.decision
    return decision is not None and decision.answer == Answer.APPROVE and decision.sha256 == sha256


def all_approve(requests: Sequence[ApprovalRequest], sha256: str) -> bool:
    """Return whether everybody who is asked now, others having taken some places, approves this text."""
    return all(approves(row, sha256) for row in approvals.standing(requests))


def everyone(session: Session, version: AgreementVersion) -> list[Person]:
    """Return everybody concerned with a version's signing: signatories, observers, those asked, the owner."""
    people = [row.person for row in version.signatories]
    people += [row.person for row in approvals.requests_for(session, version)]
    people.append(version.agreement.owner)
    return list({person.id: person for person in people}.values())


def _who(signatory: Signatory, request: ApprovalRequest | None) -> str:
    if request is None or request.in_place_of is None:
        return signatory.person.name
    return f"{request.person.name}, for {signatory.person.name},"
