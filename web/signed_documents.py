"""Signed agreements as sealed PDF files: for managers, and behind the secret links of those who signed."""

from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.errors import NotFoundError
from models.approvals import ApprovalRequest
from models.database import reading
from models.versions import AgreementVersion
from states import signed_documents
from states.open_requests import find_request
from states.subjects import subject_of
from templates.languages.telling import told
from web.routing import DatabaseEngine, PageRouter, page, see_other
from web.security import Actor

router = PageRouter()
_MINUTE = "60"


@router.page("/versions/{sha256}/pdf")
def signed_version(request: Request, engine: DatabaseEngine, actor: Actor, sha256: str) -> Response:
    """Show the sealed file of a signed version, or a button that makes it."""
    with reading(engine) as session:
        return _file(request, session, _version(session, sha256), 200)


@router.form("/versions/{sha256}/pdf")
def make_signed_document(request: Request, engine: DatabaseEngine, actor: Actor, sha256: str) -> Response:
    """Print and seal a signed version, unless that was done already."""
    with reading(engine) as session:
        version_id = _version(session, sha256).id
    signed_documents.ensure(engine, version_id, now())
    return see_other(request, request.url.path)


@router.page("/d/{token}/signed.pdf")
def signed_for_signatory(request: Request, engine: DatabaseEngine, token: str) -> Response:
    """Show the sealed file to somebody who was asked to sign it; nothing is changed."""
    with reading(engine) as session:
        asked = _request_of(request, session, token)
        return _file(request, session, _version_asked_about(session, asked), 202, asked.person.language)


def _version(session: Session, sha256: str) -> AgreementVersion:
    version = session.exec(select(AgreementVersion).where(AgreementVersion.sha256 == sha256)).first()
    if version is None:
        raise NotFoundError(f"there is no version with the SHA-256 {sha256}")
    return version


def _request_of(request: Request, session: Session, token: str) -> ApprovalRequest:
    try:
        return find_request(session, token)
    except NotFoundError:
        request.app.state.unknown_tokens.count(request)
        raise


def _version_asked_about(session: Session, asked: ApprovalRequest) -> AgreementVersion:
    taken = session.exec(select(ApprovalRequest.id).where(ApprovalRequest.replaces_id == asked.id)).first()
    if taken is not None:
        raise NotFoundError(told("another link took the place of this one: use the newest letter"))
    if (subject := subject_of(session, asked)).columns:
        raise NotFoundError(
            told("this link is about %(what)s, not about an agreement to sign", what=subject.name)
        )
    return session.get_one(AgreementVersion, asked.version_id)


def _file(
    request: Request, session: Session, version: AgreementVersion, unmade: int, language: str | None = None
) -> Response:
    """The file, or with status `unmade` the page that says it is not printed yet."""
    if version.in_force_from is None:
        raise NotFoundError(f"version {version.number} of {version.agreement.reference} is not signed")
    kept = signed_documents.find(session, version)
    if kept is None:
        waiting = page(
            request,
            "signed_document",
            unmade,
            language=language,
            version=version,
            agreement=version.agreement,
        )
        waiting.headers["Retry-After"] = _MINUTE
        return waiting
    name = signed_documents.file_name(version)
    headers = {"Content-Disposition": f'inline; filename="{name}"', "ETag": f'"{kept.sha256}"'}
    return Response(kept.pdf, media_type="application/pdf", headers=headers)
