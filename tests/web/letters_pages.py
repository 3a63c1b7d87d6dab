"""The pages that a letter leads to, each made for a test, in a state in which it has something to click."""

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session

from config.clock import now
from models.agreements import Stage
from models.approvals import LinkPurpose
from states import signed_documents, surveys
from states.proposals import propose_terms
from tests.states.builders import (
    CUSTOMER_OWNER,
    contents,
    in_review,
    monitored,
    offered,
    token_to,
    written,
)
from tests.states.test_exclusions import ask

HOUR = timedelta(hours=1)
PROVIDER_SIGNS, OWNER_SIGNS = contents()["signatories"]


def decision_at(assurance: str) -> Callable[[Session], str]:
    """The decision page of a request at this level of assurance."""

    def address(session: Session) -> str:
        signatories = [PROVIDER_SIGNS, {**OWNER_SIGNS, "assurance": assurance}]
        offered(session, now() - HOUR, reference=f"SLA-{assurance}", signatories=signatories)
        return f"/d/{token_to(session, CUSTOMER_OWNER)}"

    return address


def survey(session: Session) -> str:
    """The survey of what is there before an agreement."""
    agreement = written(session, now() - HOUR, reference="SLA-survey")
    surveys.ask(session, agreement, Stage.REQUIREMENTS, agreement.id, "the present service", now())
    return f"/s/{token_to(session, CUSTOMER_OWNER, LinkPurpose.SURVEY)}"


def unsubscribing(session: Session) -> str:
    """The page on which no more surveys are wanted."""
    survey(session)
    return f"/u/{token_to(session, CUSTOMER_OWNER, LinkPurpose.UNSUBSCRIBE)}"


def report(session: Session) -> str:
    """The report of a period that was not met."""
    in_review(session, reference="SLA-report")
    return f"/r/{token_to(session, CUSTOMER_OWNER, LinkPurpose.REPORT)}"


def exclusion(session: Session) -> str:
    """The question whether an hour counts."""
    start = now() - 10 * HOUR
    agreement = monitored(session, start, reference="SLA-exclusion")
    ask(session, agreement, starts_at=start + HOUR, ends_at=start + 2 * HOUR, at=now() - HOUR)
    return f"/d/{token_to(session, CUSTOMER_OWNER)}"


def proposal(session: Session) -> str:
    """The question whether other terms will do."""
    agreement = written(session, now() - HOUR, reference="SLA-proposal")
    propose_terms(session, agreement, "P2", agreement.owner, "nights are quiet", now(), objective=0.8)
    return f"/d/{token_to(session, CUSTOMER_OWNER)}"


def signed(session: Session) -> str:
    """The signed agreement as a file, printed before."""
    agreement = monitored(session, now() - 10 * HOUR, reference="SLA-signed")
    signed_documents.keep(session, signed_documents.make(session, agreement.versions[0], now()))
    return f"/d/{token_to(session, CUSTOMER_OWNER)}/signed.pdf"


LETTERS_PAGES: dict[str, Callable[[Session], str]] = {
    "survey": survey,
    "unsubscribing": unsubscribing,
    "report": report,
    "exclusion": exclusion,
    "proposal": proposal,
    "signed": signed,
}
