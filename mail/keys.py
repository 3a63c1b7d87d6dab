"""Every deduplication key of outgoing mail, from ids and ISO dates, never from text meant for people."""

from datetime import datetime

from models.actions import Action
from models.agreements import Agreement
from models.approvals import ApprovalRequest
from models.parties import Person
from models.reviews import ExperienceReport, ReviewPack
from models.surveys import SurveyInvitation
from models.trials import Trial
from models.versions import AgreementVersion


def approval_request(request: ApprovalRequest) -> str:
    """One question per approval request."""
    return _key("approval-request", request.id)


def approval_reminder(request: ApprovalRequest, number: int) -> str:
    """One reminder per request and its count, 1 for the first."""
    return _key("approval-reminder", request.id, number)


def approval_escalation(request: ApprovalRequest) -> str:
    """One escalation per request whose reminders brought no answer, to the owner."""
    return _key("approval-escalation", request.id)


def approval_expired(request: ApprovalRequest) -> str:
    """One escalation per request that has run out, to the owner."""
    return _key("approval-expired", request.id)


def approval_void(request: ApprovalRequest) -> str:
    """One notice per request that is withdrawn."""
    return _key("approval-void", request.id)


def declined(version: AgreementVersion, person: Person) -> str:
    """One notice per declined version and person told; a declined version is never offered again."""
    return _key("declined", version.id, person.id)


def signed(version: AgreementVersion, person: Person) -> str:
    """One notice per signed version and person told."""
    return _key("signed", version.id, person.id)


def trial_opened(trial: Trial, person: Person) -> str:
    """One notice per trial, its planned end, and person told: an extended trial may be told again."""
    return _key("trial-opened", trial.id, trial.ends_at, person.id)


def trial_concluded(trial: Trial) -> str:
    """One notice per trial, to the agreement's owner."""
    return _key("trial-concluded", trial.id)


def survey_invitation(invitation: SurveyInvitation) -> str:
    """One letter per invitation."""
    return _key("survey-invitation", invitation.id)


def experience_report(report: ExperienceReport, person: Person) -> str:
    """One letter per report and receiver."""
    return _key("experience-report", report.id, person.id)


def review_made(pack: ReviewPack) -> str:
    """One notice per review pack, to the agreement's owner."""
    return _key("review-made", pack.id)


def revision_task(action: Action) -> str:
    """One notice per revision task, to its owner."""
    return _key("revision-task", action.id)


def revision_overdue(action: Action) -> str:
    """One notice per revision task and due day that has passed."""
    return _key("revision-overdue", action.id, action.due_at)


def ended(agreement: Agreement, person: Person) -> str:
    """One notice per agreement that ends and person told."""
    return _key("ended", agreement.id, person.id)


def _key(kind: str, *parts: int | datetime | None) -> str:
    """Return the kind and its parts with colons between; every id must have been given by the database."""
    if None in parts:
        raise ValueError(f"a letter '{kind}' needs rows that are flushed: {parts}")
    return ":".join([kind, *(_word(part) for part in parts)])


def _word(part: int | datetime | None) -> str:
    return part.date().isoformat() if isinstance(part, datetime) else str(part)
