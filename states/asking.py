"""The letter that asks for a decision, about a version, an exclusion or a proposal."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from mail import keys
from models.agreements import Agreement
from models.approvals import ApprovalRequest
from models.parties import Person
from models.versions import AgreementVersion
from states.approval_requests import record, tell_of, ways_to_answer
from states.drafts import version_in_force
from states.promises import promise_of
from states.subjects import subject_of
from states.text_differences import text_differences


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
    row = subject_of(session, request).row
    tell_of(
        session,
        agreement,
        request,
        "request",
        request.person,
        keys.approval_request(request),
        at,
        due_at=request.due_at,
        in_place_of=request.in_place_of,
        handed_over=reason,
        **(_text_of(agreement, row) if isinstance(row, AgreementVersion) else {}),
        **ways_to_answer(session, request, at),
    )
    if isinstance(row, AgreementVersion):  # of all else one event names everybody who is asked
        told: dict[str, Any] = {"sha256": request.sha256, "asked": asked_person(request.person)}
        if request.in_place_of is not None:
            told["in_place_of"] = request.in_place_of.name
        record(session, agreement, request, "asked", at, person=request.person.name, **told)


def asked_person(person: Person) -> dict[str, str]:
    """Return who somebody is while they are asked: a person may have another name or address later."""
    return {
        "name": person.name,
        "email": person.email,
        "party": person.party.name,
        "zone": person.zone,
    }


def _text_of(agreement: Agreement, version: AgreementVersion) -> dict[str, Any]:
    """What a letter tells of a text that is to be signed."""
    in_force = version_in_force(agreement)
    return {
        "changes": text_differences(in_force, version) if in_force else [],
        "targets": [{"key": target.key, "promise": promise_of(target)} for target in version.targets],
        "waiver": version.waiver,
        "risks": [f"{row.key}: {row.accepted_risk}" for row in version.targets if row.accepted_risk],
    }
