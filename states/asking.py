"""The letter that asks for a decision, about a version or about an exclusion."""

from datetime import datetime

from sqlmodel import Session

from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import ApprovalRequest
from models.exclusions import Exclusion
from models.versions import AgreementVersion
from states.approval_requests import record, ways_to_answer
from states.drafts import differences, version_in_force
from states.exclusion_texts import scope_of
from states.promises import promise_of


def ask(
    session: Session, agreement: Agreement, request: ApprovalRequest, at: datetime, reason: str = ""
) -> None:
    """Write the letter with the request's secret address, and what it is about.

    Args:
        session: the caller's; nothing is committed.
        agreement: what it is about.
        request: open, in the database.
        at: when it is asked.
        reason: why this person is asked in another's place.
    """
    if request.exclusion_id is None:
        _about_version(session, agreement, request, at, reason)
        told = {"sha256": request.sha256}
        if request.in_place_of is not None:
            told["in_place_of"] = request.in_place_of.name
        record(session, agreement, request, "asked", at, person=request.person.name, **told)
    else:
        _about_exclusion(session, agreement, request, at, reason)


def _about_version(
    session: Session, agreement: Agreement, request: ApprovalRequest, at: datetime, reason: str
) -> None:
    version = session.get_one(AgreementVersion, request.version_id)
    in_force = version_in_force(agreement)
    post(
        session,
        "approval_request",
        request.person,
        key=keys.approval_request(request),
        at=at,
        agreement=agreement,
        version=version,
        due_at=request.due_at,
        changes=differences(in_force, version) if in_force else [],
        targets=[{"key": target.key, "promise": promise_of(target)} for target in version.targets],
        waiver=version.waiver,
        risks=[f"{row.key}: {row.accepted_risk}" for row in version.targets if row.accepted_risk],
        in_place_of=request.in_place_of,
        handed_over=reason,
        **ways_to_answer(session, request, at),
    )


def _about_exclusion(
    session: Session, agreement: Agreement, request: ApprovalRequest, at: datetime, reason: str
) -> None:
    exclusion = session.get_one(Exclusion, request.exclusion_id)
    post(
        session,
        "exclusion_request",
        request.person,
        key=keys.approval_request(request),
        at=at,
        agreement=agreement,
        exclusion=exclusion,
        scope=scope_of(exclusion),
        due_at=request.due_at,
        in_place_of=request.in_place_of,
        handed_over=reason,
        **ways_to_answer(session, request, at),
    )
