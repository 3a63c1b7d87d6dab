"""Every deduplication key of outgoing mail, from ids and ISO dates, never from text meant for people."""

from datetime import datetime

from models.actions import Action
from models.agreements import Agreement
from models.approvals import ApprovalQuestion, ApprovalRequest, MailedCode
from models.assessments import Assessment
from models.letters import InboxLetter, OutboxLetter
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


def approval_handed_over(request: ApprovalRequest) -> str:
    """One notice per request that somebody gets in another's place, to that other."""
    return _key("approval-handed-over", request.id)


def approval_observed(version: AgreementVersion, person: Person) -> str:
    """One notice per offered version and observer."""
    return _key("approval-observed", version.id, person.id)


def approval_receipt(request: ApprovalRequest) -> str:
    """One receipt per request that is decided."""
    return _key("approval-receipt", request.id)


def approval_code(code: MailedCode) -> str:
    """One letter per one-time code."""
    return _key("approval-code", code.id)


def approval_question(question: ApprovalQuestion) -> str:
    """One letter per question, to the agreement's owner."""
    return _key("approval-question", question.id)


def approval_answer(question: ApprovalQuestion) -> str:
    """One letter per answered question, to whoever asked."""
    return _key("approval-answer", question.id)


def approval_void(request: ApprovalRequest) -> str:
    """One notice per request that is withdrawn."""
    return _key("approval-void", request.id)


def approval_confirm(request: ApprovalRequest, at: datetime) -> str:
    """One link to confirm a mailed answer per request and day, however many answers come."""
    return _key("approval-confirm", request.id, at)


def approval_confirm_accepted(letter: InboxLetter) -> str:
    """One link to confirm per held answer that a manager accepts."""
    return _key("approval-confirm-accepted", letter.id)


def approval_closed(request: ApprovalRequest) -> str:
    """One notice per request that a mailed answer came to when it was closed."""
    return _key("approval-closed", request.id)


def settled(word: str, number: int, person: Person) -> str:
    """One notice per exclusion or proposal, and person told how it ended."""
    return _key(f"{word}-settled", number, person.id)


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
    """One notice per look at a trial, to the agreement's owner."""
    return _key("trial-concluded", trial.id, trial.looks_taken)


def survey_invitation(invitation: SurveyInvitation) -> str:
    """One letter per invitation."""
    return _key("survey-invitation", invitation.id)


def experience_report(report: ExperienceReport, person: Person) -> str:
    """One letter per report and receiver."""
    return _key("experience-report", report.id, person.id)


def restatement(newest: Assessment, person: Person) -> str:
    """One letter per round of restated figures of a period, named by the last of them, and receiver."""
    return _key("restatement", newest.id, person.id)


def review_made(pack: ReviewPack) -> str:
    """One notice per review pack, to the agreement's owner."""
    return _key("review-made", pack.id)


def revision_task(action: Action) -> str:
    """One notice per revision task, to its owner."""
    return _key("revision-task", action.id)


def revision_overdue(action: Action) -> str:
    """One notice per revision task and due day that has passed."""
    return _key("revision-overdue", action.id, action.due_at)


def support_gap(version: AgreementVersion, action: Action) -> str:
    """One notice per version whose support no longer adds up and action that follows, to its owner."""
    return _key("support-gap", version.id, action.id)


def letter_failed(letter: OutboxLetter, at: datetime) -> str:
    """One notice per letter and day on which it was given up, to the agreement's owner."""
    return _key("letter-failed", letter.id, at)


def ended(agreement: Agreement, person: Person) -> str:
    """One notice per agreement that ends and person told."""
    return _key("ended", agreement.id, person.id)


def term_ending(version: AgreementVersion) -> str:
    """One notice per version that comes to its end."""
    return _key("term-ending", version.id)


def _key(kind: str, *parts: int | datetime | None) -> str:
    """Return the kind and its parts with colons between; every id must have been given by the database."""
    if None in parts:
        raise ValueError(f"a letter '{kind}' needs rows that are flushed: {parts}")
    return ":".join([kind, *(_word(part) for part in parts)])


def _word(part: int | datetime | None) -> str:
    return part.date().isoformat() if isinstance(part, datetime) else str(part)
