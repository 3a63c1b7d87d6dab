"""Words that people read for the engine's own."""

from models.audit import AuditEvent
from states.move import POLICY, SWEEP

LETTERS = {
    "approval_request": "Request to sign",
    "approval_reminder": "Reminder to sign",
    "approval_escalation": "Escalation to the owner",
    "approval_void": "Request withdrawn",
    "declined": "Declined",
    "signed": "Signed",
    "trial_opened": "Trial opened",
    "trial_concluded": "Trial concluded",
    "survey_invitation": "Survey",
    "experience_report": "Experience report",
    "review_made": "Review ready",
    "revision_task": "Revision task",
    "revision_overdue": "Action overdue",
    "ended": "Agreement ended",
}


def trigger_title(trigger: str) -> str:
    """Return a trigger as people write it: "Start trial"."""
    return trigger.replace("_", " ").capitalize()


def letter_title(kind: str) -> str:
    """Return what a kind of letter is about, in a word or two."""
    return LETTERS.get(kind, kind.replace("_", " ").capitalize())


def actor_in_words(event: AuditEvent) -> str:
    """Return who is behind an event: a person's name, or what the engine did by itself."""
    return {SWEEP: "by itself", POLICY: "by policy"}.get(event.actor, event.actor)
