"""Questions to one person about one sealed version, the answers, and the secret links between them."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Relationship, SQLModel

from models.columns import refers_to, word
from models.parties import Person


class RequestState(StrEnum):
    """An approval request is open until it is answered, voided or runs out."""

    OPEN = "open"
    DECIDED = "decided"
    VOID = "void"
    EXPIRED = "expired"


class Answer(StrEnum):
    """What a signatory decides."""

    APPROVE = "approve"
    DECLINE = "decline"


class LinkPurpose(StrEnum):
    """What a secret link opens."""

    DECISION = "decision"
    SURVEY = "survey"
    REPORT = "report"


class ApprovalRequest(SQLModel, table=True):
    """A question to one person about one sealed version, or about one exclusion under it.

    Attributes:
        version_id: the version asked about; of an exclusion, the one it is asked under.
        exclusion_id: the exclusion asked about, None where the version itself is.
        sha256: of the text it is about; a decision counts for this text only.
        due_at: when it expires.
        next_reminder_at: when the next reminder is due; None when there will be none.
    """

    __tablename__ = "approval_requests"

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    version_id: int = refers_to("agreement_versions.id", index=True)
    exclusion_id: int | None = Field(default=None, foreign_key="exclusions.id", index=True)
    person_id: int = refers_to("people.id")
    sha256: str
    required: bool = True
    state: RequestState = word(RequestState, RequestState.OPEN, index=True)
    asked_at: datetime
    due_at: datetime
    next_reminder_at: datetime | None = Field(default=None, index=True)
    reminders: int = 0
    void_reason: str = ""
    person: Person = Relationship()
    decision: "Decision" = Relationship(back_populates="request", sa_relationship_kwargs={"uselist": False})


class Decision(SQLModel, table=True):
    """The answer to an approval request: one, for good.

    Attributes:
        typed: what the person typed to sign: the full name.
        via: "page", or "simulated" in a replay.
    """

    __tablename__ = "decisions"

    id: int = Field(default=None, primary_key=True)
    request_id: int = refers_to("approval_requests.id", unique=True)
    answer: Answer = word(Answer)
    typed: str
    reason: str = ""
    sha256: str
    decided_at: datetime
    via: str
    address: str = ""
    user_agent: str = ""
    request: ApprovalRequest = Relationship(back_populates="decision")


class SecretLink(SQLModel, table=True):
    """A secret address that a letter carried; only the SHA-256 of its token is kept.

    Attributes:
        subject_id: the approval request, survey invitation or experience report it opens.
    """

    __tablename__ = "secret_links"

    token_sha256: str = Field(primary_key=True)
    purpose: LinkPurpose = word(LinkPurpose)
    subject_id: int = Field(index=True)
    person_id: int = refers_to("people.id")
    created_at: datetime
