"""The service level requirements document (SLR): needs, evidence and settlements, fixed and numbered."""

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from config.errors import NotFoundError
from models.agreements import Agreement, Stage
from models.requirements_documents import RequirementsDocument
from models.sealing import canonical_json, sha256_of, version_contents
from models.surveys import Survey, SurveyState
from models.version_words import Settlement
from models.versions import AgreementVersion, Requirement
from states import audit, survey_outcomes, surveys
from states.baselines import latest_baseline
from states.demands import demand_of, demands
from states.drafts import draft_of
from states.promises import promise_of


def contents_of(
    session: Session, agreement: Agreement, version: AgreementVersion, at: datetime
) -> dict[str, Any]:
    """Return what the document says about a version as of an instant, as plain data."""
    text = version_contents(version)
    figures = demands(session, agreement, version, at)
    baseline = latest_baseline(session, agreement)
    survey = surveys.survey_of(session, agreement, Stage.REQUIREMENTS, agreement.id)
    return {
        **{name: text[name] for name in ("agreement", "kind", "title", "provider", "customer", "services")},
        **{name: text[name] for name in ("version", "calendars", "responsibilities", "trial_days")},
        "requirements": [
            {
                "number": number,
                **_requirement(row),
                "demand": demand.as_data()
                if (demand := demand_of(version, row, figures, at)) is not None
                else None,
            }
            for number, row in enumerate(version.requirements, 1)
        ],
        "targets": [
            {"key": target.key, "promise": promise_of(target), "calendar": target.calendar}
            for target in version.targets
        ],
        "not_expressed": [
            row.text
            for row in version.requirements
            if row.target_key is None and row.settlement != Settlement.DROPPED
        ],
        "baseline": baseline.figures if baseline else None,
        "satisfaction": _satisfaction(session, survey) if survey else None,
    }


def issue(session: Session, agreement: Agreement, by: str, at: datetime) -> RequirementsDocument:
    """Fix the document of the draft as it stands, with the next number; the same contents only once.

    Raises:
        NotFoundError: if the agreement has no draft.
    """
    draft = draft_of(agreement)
    if draft is None:
        raise NotFoundError(f"{agreement.reference} has no draft in {agreement.stage.title.lower()}")
    canonical = canonical_json(contents_of(session, agreement, draft, at))
    former = latest(session, agreement)
    if former is not None and former.canonical == canonical:
        return former
    baseline = latest_baseline(session, agreement)
    issued = RequirementsDocument(
        agreement_id=agreement.id,
        version_id=draft.id,
        baseline_id=baseline.id if baseline else None,
        number=former.number + 1 if former else 1,
        made_at=at,
        canonical=canonical,
        sha256=sha256_of(canonical),
    )
    session.add(issued)
    session.flush()
    audit.append(
        session,
        agreement,
        "requirements document issued",
        by,
        at,
        number=issued.number,
        version=draft.number,
        sha256=issued.sha256,
    )
    return issued


def latest(session: Session, agreement: Agreement) -> RequirementsDocument | None:
    """Return the newest document of an agreement, None before the first."""
    return session.exec(
        select(RequirementsDocument)
        .where(RequirementsDocument.agreement_id == agreement.id)
        .order_by(col(RequirementsDocument.number).desc())
        .limit(1)
    ).first()


def documents_of(session: Session, agreement: Agreement) -> list[RequirementsDocument]:
    """Return every document of an agreement, in the order of their numbers."""
    return list(
        session.exec(
            select(RequirementsDocument)
            .where(RequirementsDocument.agreement_id == agreement.id)
            .order_by(col(RequirementsDocument.number))
        )
    )


def find_document(session: Session, agreement: Agreement, number: int | None = None) -> RequirementsDocument:
    """Return a document by its number, the newest where none is given.

    Raises:
        NotFoundError: if there is none.
    """
    if number is None:
        found = latest(session, agreement)
    else:
        found = session.exec(
            select(RequirementsDocument).where(
                RequirementsDocument.agreement_id == agreement.id, RequirementsDocument.number == number
            )
        ).one_or_none()
    if found is None:
        which = "" if number is None else f" {number}"
        raise NotFoundError(f"{agreement.reference} has no requirements document{which} yet")
    return found


def as_data(document: RequirementsDocument) -> dict[str, Any]:
    """Return an issued document as plain data: its number, when it was made, SHA-256 and contents."""
    return {
        "number": document.number,
        "made_at": document.made_at.isoformat(),
        "sha256": document.sha256,
        "contents": json.loads(document.canonical),
    }


def _satisfaction(session: Session, survey: Survey) -> dict[str, Any]:
    """How good the service is now, in the eyes of each group; figures of an open survey are none yet."""
    if survey.state == SurveyState.OPEN:
        return {"open": True, "asked": len(survey.invitations)}
    seen = {name: list(counts) for name, counts in survey_outcomes.views(session, survey).items()}
    return {"open": False, **survey_outcomes.survey_figures(survey), "views": seen}


def _requirement(row: Requirement) -> dict[str, Any]:
    return {
        "text": row.text,
        "origin": row.origin.value,
        "business_reason": row.business_reason,
        "target": row.target_key,
        "settlement": row.settlement.value,
        "reason": row.reason,
        "conversation": row.conversation,
    }
