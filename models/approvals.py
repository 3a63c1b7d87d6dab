"""Questions to one person about one sealed version, the answers, and the secret links between them."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Relationship, SQLModel

from models.columns import json_field, refers_to, word
from models.parties import Person
from models.version_words import Assurance
from models.versions import Signatory


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
    """What a secret link opens, or what a letter to a secret address means."""

    DECISION = "decision"
    SURVEY = "survey"
    REPORT = "report"
    UNSUBSCRIBE = "unsubscribe"
    YES = "yes"
    NO = "no"
    REPLY = "reply"
    BOUNCE = "bounce"


class ApprovalRequest(SQLModel, table=True):
    """A question to one person about one sealed version, or about an exclusion or a proposal under it.

    Attributes:
        version_id: the version asked about; of an exclusion or a proposal, the one it is asked under.
        exclusion_id: the exclusion asked about, None where it is something else.
        proposal_id: the proposal asked about, None where it is something else.
        signatory_id: whose signature it is for, also where somebody else is asked in their place.
        replaces_id: the request that this one took the place of: handed over, or asked anew.
        assurance: what the answer takes on the page; a mailed answer is final at L1 alone.
        sha256: of the text it is about; a decision counts for this text only.
        due_at: when it expires.
        next_reminder_at: when the next reminder is due; None when there will be none.
    """

    __tablename__ = "approval_requests"

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    version_id: int = refers_to("agreement_versions.id", index=True)
    exclusion_id: int | None = Field(default=None, foreign_key="exclusions.id", index=True)
    proposal_id: int | None = Field(default=None, foreign_key="proposals.id", index=True)
    person_id: int = refers_to("people.id")
    signatory_id: int = refers_to("signatories.id")
    replaces_id: int | None = Field(default=None, foreign_key="approval_requests.id", unique=True)
    sha256: str
    required: bool = True
    assurance: Assurance = word(Assurance, Assurance.L2)
    state: RequestState = word(RequestState, RequestState.OPEN, index=True)
    asked_at: datetime
    due_at: datetime
    next_reminder_at: datetime | None = Field(default=None, index=True)
    reminders: int = 0
    void_reason: str = ""
    person: Person = Relationship()
    signatory: Signatory = Relationship()
    decision: "Decision" = Relationship(back_populates="request", sa_relationship_kwargs={"uselist": False})
    questions: list["ApprovalQuestion"] = Relationship(
        sa_relationship_kwargs={"order_by": "ApprovalQuestion.id"}
    )

    @property
    def in_place_of(self) -> Person | None:
        """The signatory in whose name somebody else is asked, None where they are asked themselves."""
        return self.signatory.person if self.signatory.person_id != self.person_id else None


class Decision(SQLModel, table=True):
    """The answer to an approval request: one, for good.

    Attributes:
        typed: what the person typed to sign: initials or full name; of a mailed answer, the sender's address.
        assurance: what was really done to make sure of the person, in words.
        via: "page", "mail", or "simulated" in a replay.
        headers: what the browser said about the request, such as Sec-Fetch-Mode.
        opened_at: when the page that the answer was given on had been sent; None where there was no page.
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
    assurance: str = ""
    address: str = ""
    user_agent: str = ""
    headers: dict[str, str] = json_field()
    opened_at: datetime | None = None
    request: ApprovalRequest = Relationship(back_populates="decision")


class ApprovalQuestion(SQLModel, table=True):
    """What somebody wants to know before deciding, and what the agreement's owner answered."""

    __tablename__ = "approval_questions"

    id: int = Field(default=None, primary_key=True)
    request_id: int = refers_to("approval_requests.id", index=True)
    text: str
    asked_at: datetime
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


class MailedCode(SQLModel, table=True):
    """A one-time code that was mailed to the person of a request; only a keyed hash of it is kept.

    Attributes:
        digest: HMAC-SHA-256 of the request and the code under the installation's secret key.
        attempts: how often a wrong code was typed against it.
        used_at: when it was typed rightly; it counts once.
    """

    __tablename__ = "mailed_codes"

    id: int = Field(default=None, primary_key=True)
    request_id: int = refers_to("approval_requests.id", index=True)
    digest: str
    mailed_at: datetime
    valid_until: datetime
    attempts: int = 0
    used_at: datetime | None = None


class SecretLink(SQLModel, table=True):
    """A secret address that a letter carried; only the SHA-256 of its token is kept.

    Attributes:
        subject_id: the approval request, survey invitation or experience report it opens; of an address for
            bounces, the letter in the outbox.
    """

    __tablename__ = "secret_links"

    token_sha256: str = Field(primary_key=True)
    purpose: LinkPurpose = word(LinkPurpose)
    subject_id: int = Field(index=True)
    person_id: int = refers_to("people.id")
    created_at: datetime
