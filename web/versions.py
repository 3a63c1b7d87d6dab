"""The text of a version: sealed, by its SHA-256, and the draft while it is worked on."""

from sqlmodel import select
from starlette.requests import Request
from starlette.responses import Response

from config.errors import NotFoundError
from models.database import reading
from models.versions import AgreementVersion
from states.drafting import find_agreement
from states.drafts import draft_of
from states.version_text import document_of
from web.routing import DatabaseEngine, PageRouter, page
from web.security import Actor

router = PageRouter()


@router.page("/versions/{sha256}")
def version_page(request: Request, engine: DatabaseEngine, actor: Actor, sha256: str) -> Response:
    """Show a sealed version, read from the very text that its SHA-256 is of."""
    with reading(engine) as session:
        version = session.exec(select(AgreementVersion).where(AgreementVersion.sha256 == sha256)).first()
        if version is None or version.canonical is None:
            raise NotFoundError(f"there is no version with the SHA-256 {sha256}")
        shown = document_of(version)
        return page(request, "version", version=version, agreement=version.agreement, document=shown)


@router.page("/agreements/{reference}/draft")
def draft_page(request: Request, engine: DatabaseEngine, actor: Actor, reference: str) -> Response:
    """Show the draft as it stands now."""
    with reading(engine) as session:
        agreement = find_agreement(session, reference)
        draft = draft_of(agreement)
        if draft is None:
            raise NotFoundError(f"{reference} has no draft in {agreement.stage.title.lower()}")
        shown = document_of(draft)
        return page(request, "version", version=draft, agreement=agreement, document=shown)
