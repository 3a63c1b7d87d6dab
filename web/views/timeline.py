"""The history of an agreement in plain words, from its audit trail."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.agreements import Agreement, Stage
from models.audit import AuditEvent
from states.audit import events_of
from templates.render import day
from web.views.words import actor_in_words, trigger_title

_KINDS = {
    "agreement written": "Agreement written",
    "draft rewritten": "Draft rewritten",
    "approval asked": "Asked to sign",
    "approval reminded": "Reminded to sign",
    "approval escalated": "Owner told that signatures are missing",
    "approval expired": "Request to sign ran out",
    "approval void": "Request to sign withdrawn",
    "trial concluded": "Trial concluded",
    "period assessed": "Period assessed",
    "experience report": "Experience report sent",
    "survey asked": "Survey sent",
    "survey closed": "Survey counted",
    "counter-offer adopted": "Counter-offer adopted",
    "risk accepted": "Risk accepted",
    "action overdue": "Owner told of an overdue action",
}


@dataclass(frozen=True)
class Happening:
    """One event.

    Attributes:
        title: what happened, in a few words.
        details: more about it, a line each.
        move: (from, to) as stages, where the agreement moved.
        simulated: the answer of a replay, not of a person.
    """

    sequence: int
    at: datetime
    actor: str
    title: str
    details: list[str]
    move: tuple[Stage, Stage] | None
    simulated: bool


def timeline(session: Session, agreement: Agreement) -> list[Happening]:
    """Return what happened to the agreement, newest first."""
    names: dict[int, str] = {}
    told = []
    for event in events_of(session, agreement):
        data = json.loads(event.data)
        if event.kind == "approval asked":
            names[data["request"]] = data["person"]
        told.append(_happening(event, data, names))
    return told[::-1]


def _happening(event: AuditEvent, data: dict[str, Any], names: dict[int, str]) -> Happening:
    moved = event.kind == "move"
    return Happening(
        sequence=event.sequence,
        at=event.at,
        actor=actor_in_words(event),
        title=_title(event, data, names),
        details=_details(event.kind, data),
        move=(Stage(data["source"]), Stage(data["target"])) if moved else None,
        simulated=data.get("via") == "simulated",
    )


def _title(event: AuditEvent, data: dict[str, Any], names: dict[int, str]) -> str:
    if event.kind == "move":
        return trigger_title(data["trigger"])
    if event.kind == "decision":
        return "Approved" if data["answer"] == "approve" else "Declined"
    title = _KINDS.get(event.kind, event.kind.capitalize())
    person = names.get(data.get("request", 0))
    return f"{title}: {person}" if person else title


def _details(kind: str, data: dict[str, Any]) -> list[str]:
    lines = [str(data["reason"])] if data.get("reason") else []
    if data.get("until"):
        lines.append(f"until {day(data['until'])}")
    if kind == "trial concluded":
        lines += [f"{key}: {verdict}" for key, verdict in data["verdicts"].items()]
    if kind == "period assessed":
        lines.append(f"{day(data['starts_at'])} to {day(data['ends_at'])}")
    if kind == "counter-offer adopted":
        lines.append(f"{data['target']}: {data['now']}, instead of {data['before']}")
    if kind == "risk accepted":
        lines.insert(0, f"target {data['target']}")
    if kind == "survey asked":
        lines.append(str(data["occasion"]))
    if kind == "survey closed":
        lines.append(f"{data['hits']} of {data['known']} satisfied: {data['verdict']}")
    if kind == "action overdue":
        lines.append(str(data["title"]))
    return lines
