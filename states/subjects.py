"""What an approval request is about: a version to sign, an exclusion, or a proposal."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col

from config.policy import policy
from models.agreements import Agreement
from models.approvals import ApprovalRequest
from models.exclusions import Exclusion, ExclusionState
from models.proposals import Proposal, ProposalState
from models.version_words import Assurance, VersionStatus
from models.versions import AgreementVersion
from states.exclusion_texts import scope_of, sha256_of_exclusion
from states.proposal_texts import promises_of, sha256_of_proposal, title_of
from templates.languages.kept import stored
from templates.languages.telling import told


@dataclass(frozen=True)
class Subject:
    """What people are asked about, in what all of it has in common.

    Attributes:
        row: the version, the exclusion or the proposal.
        word: "version", "exclusion" or "proposal".
        number: of it, as people name it.
        letters: what the kinds of its letters, and of its events in the audit trail, begin with.
        proposer: the name of whoever put it to the people; "" where nobody has yet.
        sha256: of its text as it stands now; None where the text is not fixed yet.
        waits: it is still put to the people.
        assurance: what policy wants of an answer; None where each signatory's own level counts.
        shown: what letters about it show of it.
    """

    row: AgreementVersion | Exclusion | Proposal
    word: str
    number: int
    letters: str
    proposer: str
    sha256: str | None
    waits: bool
    assurance: Assurance | None
    shown: dict[str, Any]

    @property
    def name(self) -> str:
        """What it is called: "version 2", "exclusion 3", "proposal 4"."""
        return told("%(word)s %(number)s", word=stored(self.word), number=self.number)

    @property
    def columns(self) -> dict[str, Any]:
        """The column of a request that says what it is about, with its value; none for a version to sign."""
        return {} if isinstance(self.row, AgreementVersion) else {f"{self.word}_id": self.row.id}

    @property
    def in_audit(self) -> dict[str, int]:
        """What an event of the audit trail says about it; nothing of a version to sign."""
        return {} if isinstance(self.row, AgreementVersion) else {self.word: self.row.id}


def subject_of(session: Session, request: ApprovalRequest) -> Subject:
    """Return what a request is about."""
    agreement = session.get_one(Agreement, request.agreement_id)
    if request.exclusion_id is not None:
        return of_exclusion(agreement, session.get_one(Exclusion, request.exclusion_id))
    if request.proposal_id is not None:
        return of_proposal(agreement, session.get_one(Proposal, request.proposal_id))
    return of_version(session.get_one(AgreementVersion, request.version_id))


def of_version(version: AgreementVersion) -> Subject:
    """Return a version as what its signatories are asked about."""
    return Subject(
        version,
        word="version",
        number=version.number,
        letters="approval",
        proposer=version.offered_by,
        sha256=version.sha256,
        waits=version.status == VersionStatus.OFFERED,
        assurance=None,
        shown={},
    )


def of_exclusion(agreement: Agreement, exclusion: Exclusion) -> Subject:
    """Return an exclusion as what the customer's people are asked about."""
    return Subject(
        exclusion,
        word="exclusion",
        number=exclusion.id,
        letters="exclusion",
        proposer=exclusion.asked_by.name,
        sha256=sha256_of_exclusion(agreement, exclusion),
        waits=exclusion.state == ExclusionState.ASKED,
        assurance=Assurance(policy().approvals.exclusion_assurance),
        shown={"exclusion": exclusion, "scope": scope_of(exclusion)},
    )


def of_proposal(agreement: Agreement, proposal: Proposal) -> Subject:
    """Return a proposal as what the customer's people are asked about."""
    return Subject(
        proposal,
        word="proposal",
        number=proposal.id,
        letters="proposal",
        proposer=proposal.asked_by.name,
        sha256=sha256_of_proposal(agreement, proposal),
        waits=proposal.state == ProposalState.ASKED,
        assurance=Assurance(policy().approvals.proposal_assurance),
        shown={"proposal": proposal, "title": title_of(proposal), "promises": promises_of(proposal)},
    )


def of_asked(agreement: Agreement, asked: Exclusion | Proposal) -> Subject:
    """Return what was put to the customer's people beside versions as what they are asked about."""
    return of_exclusion(agreement, asked) if isinstance(asked, Exclusion) else of_proposal(agreement, asked)


def word_of(kind: type[Exclusion] | type[Proposal]) -> str:
    """Return what one of its kind is called: "exclusion" or "proposal"."""
    return "exclusion" if kind is Exclusion else "proposal"


def to_sign() -> ColumnElement[bool]:
    """Return the condition that a request is to sign its version, and about nothing else under it."""
    return and_(col(ApprovalRequest.exclusion_id).is_(None), col(ApprovalRequest.proposal_id).is_(None))


def about_the_same(request: ApprovalRequest) -> ColumnElement[bool]:
    """Return the condition that a request is about what this one is about."""
    return and_(
        col(ApprovalRequest.version_id) == request.version_id,
        col(ApprovalRequest.exclusion_id).is_not_distinct_from(request.exclusion_id),
        col(ApprovalRequest.proposal_id).is_not_distinct_from(request.proposal_id),
    )
