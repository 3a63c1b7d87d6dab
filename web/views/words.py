"""Words that people read for the engine's own."""

from models.audit import AuditEvent
from states.move import POLICY, SWEEP

LETTERS = {
    "approval_request": "Request to sign",
    "approval_reminder": "Reminder to sign",
    "approval_escalation": "Escalation to the owner",
    "approval_void": "Request withdrawn",
    "approval_handed_over": "Handed over",
    "approval_observed": "Offered, to an observer",
    "approval_receipt": "Receipt of a decision",
    "approval_code": "One-time code",
    "approval_question": "Question before a decision",
    "approval_answer": "Answer to a question",
    "approval_confirm": "Mailed answer to confirm",
    "approval_closed": "Mailed answer came too late",
    "declined": "Declined",
    "signed": "Signed",
    "trial_opened": "Trial opened",
    "trial_concluded": "Trial concluded",
    "survey_invitation": "Survey",
    "experience_report": "Experience report",
    "exclusion_request": "Request about an exclusion",
    "exclusion_reminder": "Reminder of an exclusion",
    "exclusion_escalation": "Escalation of an exclusion",
    "exclusion_void": "Request about an exclusion withdrawn",
    "exclusion_settled": "Exclusion settled",
    "proposal_request": "Request about a proposal",
    "proposal_reminder": "Reminder of a proposal",
    "proposal_escalation": "Escalation of a proposal",
    "proposal_void": "Request about a proposal withdrawn",
    "proposal_settled": "Proposal settled",
    "restatement": "Restatement",
    "review_made": "Review ready",
    "term_ending": "Agreement comes to its end",
    "revision_task": "Revision task",
    "revision_overdue": "Action overdue",
    "support_gap": "Support no longer adds up",
    "letter_failed": "Letter not delivered",
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
