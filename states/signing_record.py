"""The signing record: how a version came to be signed, as plain data, up to the instant of its signing.

It is printed behind the text as a certificate page and attached to the file. What came after the signing is
not in it, so it can be made at any time later and says the same: what may change by itself, such as where a
letter stands or what somebody is called, is taken from the audit trail as it was then.
"""

import json
from datetime import datetime
from importlib.metadata import version as installed_version
from typing import Any

from sqlmodel import Session

from config.errors import SlmError
from models.agreements import Agreement
from models.approvals import ApprovalRequest, Decision
from models.audit import AuditEvent
from models.versions import AgreementVersion
from states import approvals, audit
from states.asking import asked_person
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
    asked = [_asked(row, version.in_force_from, events) for row in approvals.requests_for(session, version)]
    return {
        "agreement": agreement.reference,
        "version": version.number,
        "sha256": version.sha256,
        "sealed_at": version.sealed_at.isoformat(),
        "signed_at": version.in_force_from.isoformat(),
        "simulated": any(row["decision"] and row["decision"]["via"] == SIMULATED for row in asked),
        "software": f"slmcycle {installed_version('slmcycle')}",
        "asked": asked,
        "letters": _letters([row for row in events if row.at >= version.sealed_at]),
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
        return str(data.get("letter_kind", "")).startswith(_LETTERS)
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


def _asked(request: ApprovalRequest, signed_at: datetime, events: list[AuditEvent]) -> dict[str, Any]:
    told = [json.loads(row.data) for row in events if row.kind == f"{_LETTERS} asked"]
    then = next(data for data in told if data["request"] == request.id)
    decided = request.decision
    return {
        **then.get("asked", asked_person(request.person)),  # events of the first release name nobody else
        "side": request.signatory.side.value,
        "in_place_of": then.get("in_place_of", ""),
        "required": request.required,
        "asked_at": request.asked_at.isoformat(),
        "due_at": request.due_at.isoformat(),
        "reminders": request.reminders,
        "void_reason": request.void_reason,
        "decision": _decision(decided) if decided and decided.decided_at <= signed_at else None,
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "answer": decision.answer.value,
        "page_sent_at": decision.opened_at.isoformat() if decision.opened_at else None,
        "at": decision.decided_at.isoformat(),
        "assurance": decision.assurance,
        "typed": decision.typed,
        "reason": decision.reason,
        "via": decision.via,
        "address": decision.address,
        "user_agent": decision.user_agent,
        "headers": decision.headers,
        "sha256": decision.sha256,
    }


def _letters(events: list[AuditEvent]) -> list[dict[str, Any]]:
    """What had become of each letter by the signing; of those that waited still there is nothing to say."""
    letters: dict[int, dict[str, Any]] = {}
    for event in events:
        data = json.loads(event.data)
        if event.kind in ("letter sent", "letter not sent"):
            sent = event.kind == "letter sent"
            letters[data["letter"]] = {
                "kind": data["letter_kind"].removeprefix(f"{_LETTERS}_"),
                "to": data["to"],
                "at": event.at.isoformat(),
                "state": "sent" if sent else "not sent",
                "reply": data["reply"],
                "message_id": data["message_id"],
            }
        elif event.kind == "letter bounced" and data["letter"] in letters and data["proven"]:
            letters[data["letter"]]["state"] = "sent, then came back"
    return list(letters.values())
