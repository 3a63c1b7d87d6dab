"""What the decision page shows: the question, or where it ended."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from models.agreements import Agreement
from models.approvals import ApprovalRequest, RequestState
from models.parties import Person
from models.versions import AgreementVersion
from states.codes import usable_code
from states.drafts import version_in_force
from states.subjects import Subject, subject_of
from states.text_differences import text_differences
from states.typed_names import initials_of
from states.version_text import Document, document_of


@dataclass(frozen=True)
class Question:
    """A question to one person about one sealed version, or about something else under a version.

    Attributes:
        subject: what is asked about.
        version: that text, or the one under which it is asked; a draft where its target shall change.
        state: "open", "decided", "void" or "expired".
        changes: what it promises otherwise than the version in force; None where there is no such version.
        in_force: number of the version in force, None where there is none.
        replaced_by: the request that took the place of this one.
        code_until: until when the one-time code holds that was mailed last; None where none does.
    """

    request: ApprovalRequest
    subject: Subject
    agreement: Agreement
    version: AgreementVersion
    state: str
    changes: list[str] | None
    in_force: int | None
    document: Document
    replaced_by: ApprovalRequest | None = None
    code_until: datetime | None = None

    @property
    def initials(self) -> str:
        """What suffices to be typed where initials do."""
        return initials_of(self.request.person.name)

    @property
    def handed_to(self) -> Person | None:
        """Who is asked in this person's place, None where it was not handed over."""
        newer = self.replaced_by
        return newer.person if newer and newer.person_id != self.request.person_id else None

    @property
    def asked_anew(self) -> bool:
        """Whether the same person got a newer link."""
        return self.replaced_by is not None and self.handed_to is None

    @property
    def zone(self) -> str:
        """The time zone of the person who is asked."""
        return self.request.person.zone


def question(session: Session, request: ApprovalRequest, at: datetime) -> Question:
    """Return what one person is asked, and how it stands at `at`."""
    agreement = session.get_one(Agreement, request.agreement_id)
    version = session.get_one(AgreementVersion, request.version_id)
    in_force = version_in_force(agreement)
    former = in_force if in_force is not None and in_force.id != version.id else None
    run_out = request.state == RequestState.OPEN and at >= request.due_at
    return Question(
        request=request,
        subject=subject_of(session, request),
        agreement=agreement,
        version=version,
        state=RequestState.EXPIRED.value if run_out else request.state.value,
        changes=text_differences(former, version) if former else None,
        in_force=former.number if former else None,
        document=document_of(version),
        replaced_by=session.exec(
            select(ApprovalRequest).where(ApprovalRequest.replaces_id == request.id)
        ).one_or_none(),
        code_until=code.valid_until if (code := usable_code(session, request, at)) else None,
    )
