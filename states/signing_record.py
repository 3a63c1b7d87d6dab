"""The signing record: how a version came to be signed, as plain data, up to the instant of its signing.

It is printed behind the text as a certificate page and attached to the file. What came after the signing is
not in it, so it can be made at any time later and says the same.
"""

import json
from datetime import datetime
from importlib.metadata import version as installed_version
from typing import Any

from sqlmodel import Session, col, select

from config.errors import SlmError
from models.agreements import Agreement
from models.approvals import ApprovalRequest, Decision
from models.audit import AuditEvent
from models.letters import OutboxLetter
from models.versions import AgreementVersion
from states import approvals, audit
from states.move import Trigger

SIMULATED = "simulated"
# what happens beside the making and signing of a version
_ELSEWHERE = ("survey", "period", "assessment", "experience", "exclusion", "action ", "baseline", "support")
_LETTERS = "approval"
_UNTOLD = {
    "request",
    "letter",
    "user_agent",
    "headers",
    "inputs",
    "message_id",
    "version",
    "exclusion",
    "source",
}
_BARE = {"person", "answer", "reason", "text", "requirement", "move", "assurance", "about"}


class NotSignedError(SlmError):
    """The version was never signed."""


def signing_record(session: Session, version: AgreementVersion) -> dict[str, Any]:
    """Return how a version was asked about, answered and signed.

    Returns:
        `agreement`, `version`, `sha256`, `sealed_at`, `signed_at`, `simulated` (a replay, signed by nobody),
        `software`; `asked`: a row for each request to sign; `letters`; `events`: those of the audit chain
        that led to the signing; `chain`: its `length` and head `hash` at the signing. Instants are ISO 8601
        in UTC.

    Raises:
        NotSignedError: if it is not signed.
    """
    agreement = version.agreement
    if version.in_force_from is None or version.sealed_at is None:
        raise NotSignedError(f"version {version.number} of {agreement.reference} is not signed")
    events, signing = _events_until(session, agreement, version.in_force_from)
    asked = [_asked(row, version.in_force_from) for row in approvals.requests_for(session, version)]
    return {
        "agreement": agreement.reference,
        "version": version.number,
        "sha256": version.sha256,
        "sealed_at": version.sealed_at.isoformat(),
        "signed_at": version.in_force_from.isoformat(),
        "simulated": any(row["decision"] and row["decision"]["via"] == SIMULATED for row in asked),
        "software": f"slmcycle {installed_version('slmcycle')}",
        "asked": asked,
        "letters": [
            _letter(row) for row in _letters(session, agreement, version.sealed_at, version.in_force_from)
        ],
        "events": [_event(row) for row in events],
        "chain": {"length": signing.sequence, "hash": signing.hash},
    }


def _events_until(
    session: Session, agreement: Agreement, signed_at: datetime
) -> tuple[list[AuditEvent], AuditEvent]:
    """The events that led to a signing, from the former one on, and the signing itself."""
    found: list[AuditEvent] = []
    for event in audit.events_of(session, agreement):
        data = json.loads(event.data)
        signs = event.kind == "move" and data["trigger"] == Trigger.SIGN
        if _led_to_signing(event.kind, data):
            found.append(event)
        if signs and event.at == signed_at:
            return found, event
        if signs:
            found = []
    raise SlmError(f"{agreement.reference}: the audit trail has no signing at {signed_at.isoformat()}")


def _led_to_signing(kind: str, data: dict[str, Any]) -> bool:
    if kind.startswith("letter"):
        return str(data.get("about", "")).startswith(_LETTERS)
    return not kind.startswith(_ELSEWHERE) and "exclusion" not in data


def _event(event: AuditEvent) -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "actor": event.actor,
        "told": _told(json.loads(event.data)),
        "hash": event.hash,
    }


def _told(data: dict[str, Any]) -> str:
    """The data of an event in a line, without what is told elsewhere in the record."""
    if "trigger" in data:
        data = {"move": f"{data['trigger']} to {data['target']}".replace("_", " "), "reason": data["reason"]}
    words = []
    for name, value in data.items():
        if name in _UNTOLD or isinstance(value, dict | list) or value in (None, "", False):
            continue
        short = f"{value[:12]}…" if name.endswith("sha256") else str(value)
        words.append(short if name in _BARE else f"{name.replace('_', ' ')} {short}")
    return "; ".join(words)


def _asked(request: ApprovalRequest, signed_at: datetime) -> dict[str, Any]:
    person, absent = request.person, request.in_place_of
    decided = request.decision is not None and request.decision.decided_at <= signed_at
    return {
        "name": person.name,
        "email": person.email,
        "party": person.party.name,
        "zone": person.zone,
        "side": request.signatory.side.value,
        "in_place_of": absent.name if absent else "",
        "required": request.required,
        "asked_at": request.asked_at.isoformat(),
        "due_at": request.due_at.isoformat(),
        "reminders": request.reminders,
        "void_reason": request.void_reason,
        "decision": _decision(request.decision) if decided else None,
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "answer": decision.answer.value,
        "at": decision.decided_at.isoformat(),
        "assurance": decision.assurance,
        "typed": decision.typed,
        "reason": decision.reason,
        "via": decision.via,
        "address": decision.address,
        "user_agent": decision.user_agent,
        "sha256": decision.sha256,
    }


def _letters(session: Session, agreement: Agreement, since: datetime, until: datetime) -> list[OutboxLetter]:
    wanted = select(OutboxLetter).where(
        OutboxLetter.agreement_id == agreement.id,
        col(OutboxLetter.kind).startswith(_LETTERS),
        OutboxLetter.created_at >= since,
        OutboxLetter.created_at <= until,
    )
    return list(session.exec(wanted.order_by(col(OutboxLetter.id))))


def _letter(letter: OutboxLetter) -> dict[str, Any]:
    return {
        "kind": letter.kind.removeprefix(f"{_LETTERS}_"),
        "to": letter.to_address,
        "written_at": letter.created_at.isoformat(),
        "sent_at": letter.sent_at.isoformat() if letter.sent_at else None,
        "state": letter.state.value,
        "smtp_reply": letter.smtp_reply,
        "message_id": letter.message_id,
    }
