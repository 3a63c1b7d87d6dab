"""Experience reports: for managers by number, for the customer behind a secret link."""

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.errors import NotFoundError
from mail.links import find_link
from models.agreements import Agreement
from models.approvals import LinkPurpose
from models.database import reading
from models.parties import Person
from models.reviews import ExperienceReport
from states.restated_figures import restated_told, restatements_of
from templates.languages.telling import told
from web.routing import DatabaseEngine, PageRouter, page
from web.security import Actor

router = PageRouter()


@router.page("/reports/{report_id}")
def report_page(request: Request, engine: DatabaseEngine, actor: Actor, report_id: int) -> Response:
    """Show a report to a manager."""
    with reading(engine) as session:
        report = session.get(ExperienceReport, report_id)
        if report is None:
            raise NotFoundError(f"there is no report {report_id}")
        return page(request, "report", report=report, restated=_restated(session, report))


@router.page("/r/{token}")
def customer_report_page(request: Request, engine: DatabaseEngine, token: str) -> Response:
    """Show a report to the person whose letter led here."""
    with reading(engine) as session:
        report, person = _report_of(request, session, token)
        restated, zone = _restated(session, report), person.zone
        return page(request, "report", language=person.language, report=report, restated=restated, zone=zone)


def _report_of(request: Request, session: Session, token: str) -> tuple[ExperienceReport, Person]:
    link = find_link(session, LinkPurpose.REPORT, token)
    if link is None:
        request.app.state.unknown_tokens.count(request)
        raise NotFoundError(told("this address leads nowhere: use the whole link of the letter"))
    return session.get_one(ExperienceReport, link.subject_id), session.get_one(Person, link.person_id)


def _restated(session: Session, report: ExperienceReport) -> list[dict[str, Any]]:
    """What was restated since the report was sent, oldest first."""
    agreement = session.get_one(Agreement, report.agreement_id)
    return [restated_told(row) for row in restatements_of(session, agreement, period_id=report.period_id)]
