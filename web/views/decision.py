"""What the decision page shows: the question, or where it ended."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.agreements import Agreement
from models.approvals import ApprovalRequest, RequestState
from models.exclusions import Exclusion
from models.versions import AgreementVersion
from states.drafts import differences, version_in_force
from states.exclusion_texts import scope_of
from web.views.document import Document, document


@dataclass(frozen=True)
class Question:
    """A question to one person about one sealed version, or about one exclusion under it.

    Attributes:
        exclusion: what is asked about; None where the version is.
        scope: whom the exclusion touches, in words.
        state: "open", "decided", "void" or "expired".
        changes: what it promises otherwise than the version in force; None where there is no such version.
        in_force: number of the version in force, None where there is none.
    """

    request: ApprovalRequest
    agreement: Agreement
    version: AgreementVersion
    state: str
    changes: list[str] | None
    in_force: int | None
    document: Document
    exclusion: Exclusion | None = None
    scope: str = ""

    @property
    def zone(self) -> str:
        """The time zone of the person who is asked."""
        return self.request.person.zone


def question(session: Session, request: ApprovalRequest, at: datetime) -> Question:
    """Return what one person is asked, and how it stands at `at`."""
    agreement = session.get_one(Agreement, request.agreement_id)
    version = session.get_one(AgreementVersion, request.version_id)
    assert version.canonical is not None, "only sealed versions are asked about"
    in_force = version_in_force(agreement)
    former = in_force if in_force is not None and in_force.id != version.id else None
    exclusion = session.get(Exclusion, request.exclusion_id) if request.exclusion_id is not None else None
    run_out = request.state == RequestState.OPEN and at >= request.due_at
    return Question(
        request=request,
        agreement=agreement,
        version=version,
        state=RequestState.EXPIRED.value if run_out else request.state.value,
        changes=differences(former, version) if former else None,
        in_force=former.number if former else None,
        document=document(json.loads(version.canonical)),
        exclusion=exclusion,
        scope=scope_of(exclusion) if exclusion else "",
    )
