"""The history of an agreement in plain words, from its audit trail."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.agreements import Agreement, Stage
from models.audit import AuditEvent
from states.audit import events_of
from states.trial_terms import TrialTerms
from states.trial_words import terms_in_words
from templates.render import day, duration
from templates.spans import span
from web.views.words import actor_in_words, trigger_title

_KINDS = {
    "agreement written": "Agreement written",
    "draft rewritten": "Draft rewritten",
    "approval asked": "Asked to sign",
    "approval reminded": "Reminded to sign",
    "approval escalated": "Owner told that signatures are missing",
    "approval expired": "Request to sign ran out",
    "approval void": "Request to sign withdrawn",
    "approval handed over": "Request to sign handed over",
    "approval code mailed": "One-time code mailed",
    "approval code wrong": "Wrong one-time code typed",
    "approval question": "Question before signing",
    "approval answer": "Question answered",
    "approval address": "Address corrected",
    "approval not reminded": "No reminder",
    "trial concluded": "Trial concluded",
    "period assessed": "Period assessed",
    "experience report": "Experience report made",
    "assessment restated": "Figures restated",
    "mail decision": "Answered by mail",
    "mail intent": "Answered by mail, to be confirmed",
    "mail comment": "Comment by mail",
    "mail held": "Mailed answer held for a manager",
    "mail automatic": "Automatic reply",
    "mail accepted": "Held mail accepted",
    "mail dismissed": "Held mail dismissed",
    "letter bounced": "Letter came back",
    "letter delayed": "Letter is delayed",
    "letter complained about": "Complaint about a letter",
    "exclusion asked": "Exclusion asked for",
    "exclusion reminded": "Reminded of an exclusion",
    "exclusion escalated": "Owner told that an exclusion is not answered",
    "exclusion expired": "Request about an exclusion ran out",
    "exclusion void": "Request about an exclusion withdrawn",
    "exclusion handed over": "Request about an exclusion handed over",
    "exclusion code mailed": "One-time code mailed",
    "exclusion code wrong": "Wrong one-time code typed",
    "exclusion question": "Question about an exclusion",
    "exclusion answer": "Question answered",
    "exclusion address": "Address corrected",
    "exclusion approved": "Exclusion approved",
    "exclusion declined": "Exclusion declined",
    "exclusion withdrawn": "Exclusion withdrawn",
    "proposal asked": "Proposal made",
    "proposal reminded": "Reminded of a proposal",
    "proposal not reminded": "No reminder",
    "proposal escalated": "Owner told that a proposal is not answered",
    "proposal expired": "Request about a proposal ran out",
    "proposal void": "Request about a proposal withdrawn",
    "proposal handed over": "Request about a proposal handed over",
    "proposal code mailed": "One-time code mailed",
    "proposal code wrong": "Wrong one-time code typed",
    "proposal question": "Question about a proposal",
    "proposal answer": "Question answered",
    "proposal address": "Address corrected",
    "proposal approved": "Proposal approved",
    "proposal blocked": "Proposal approved, but blocked",
    "proposal declined": "Proposal declined",
    "proposal withdrawn": "Proposal withdrawn",
    "survey asked": "Survey sent",
    "survey closed": "Survey counted",
    "counter-offer adopted": "Counter-offer adopted",
    "risk accepted": "Risk accepted",
    "target divided": "Target divided among steps",
    "support gap": "Support no longer adds up",
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
        if event.kind.endswith("handed over"):
            names[data["to_request"]] = data["to"]
        if event.kind in ("exclusion asked", "proposal asked"):
            names |= {int(request): name for request, name in data["requests"].items()}
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
        answered = "Approved" if data["answer"] == "approve" else "Declined"
        about = [f"{word} {data[word]}" for word in ("exclusion", "proposal") if word in data]
        return ": ".join([answered, *about])
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
        lines.append(span(data["starts_at"], data["ends_at"], data.get("zone", "UTC")))
    if kind == "exclusion asked":
        lines.append(f"exclusion {data['exclusion']}, for {data['scope']}")
        lines.append(f"{day(data['starts_at'])} to {day(data['ends_at'])}")
    if kind == "proposal asked":
        lines.insert(0, f"proposal {data['proposal']}: {data['title']}")
    if kind == "assessment restated":
        lines.insert(0, f"{data['target']}: {data['now']}, instead of {data['before']}")
        lines.append(f"{day(data['starts_at'])} to {day(data['ends_at'])}")
    if kind in ("counter-offer adopted", "target revised"):
        lines.append(f"{data['target']}: {data['now']}, instead of {data['before']}")
    if kind == "condition adopted":
        lines.append(f"{data['target']}: {' and '.join(data['now'])}, instead of {data['before']}")
    if kind == "trial planned":
        lines.append(terms_in_words(TrialTerms(data["days"], data["confidence"], data["looks"])))
    if kind == "risk accepted":
        lines.insert(0, f"target {data['target']}")
    if kind == "survey asked":
        lines.append(str(data["occasion"]))
    if kind == "survey closed":
        lines.append(f"{data['hits']} of {data['known']} satisfied: {data['verdict']}")
    if kind == "target divided":
        steps = ", ".join(f"{row['step']} {duration(row['budget_s'])}" for row in data["steps"])
        lines.append(f"{data['target']}: {steps}")
    if kind == "support gap":
        lines += [f"{data['changed']} changed", *data["gaps"]]
    if kind.endswith("handed over"):
        lines.append(f"to {data['to']} ({data['email']})")
    if kind.endswith((" question", " answer")):
        lines.append(str(data["text"]))
    if kind.endswith(" address"):
        lines.append(f"{data['now']}, instead of {data['former']}")
    if kind == "decision" and data.get("in_place_of"):
        lines.append(f"in the place of {data['in_place_of']}")
    if kind == "action overdue":
        lines.append(str(data["title"]))
    return lines
