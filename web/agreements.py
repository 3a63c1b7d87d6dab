"""An agreement's page: everything about one agreement, and the ways on."""

from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from evidence.histories import ATTRIBUTES
from models.database import reading
from states.drafting import find_agreement
from web.routing import DatabaseEngine, PageRouter, page
from web.security import Actor
from web.views.agreement import agreement_view

router = PageRouter()


@router.page("/agreements/{reference}")
def agreement_page(request: Request, engine: DatabaseEngine, actor: Actor, reference: str) -> Response:
    """Show one agreement."""
    with reading(engine) as session:
        agreement = find_agreement(session, reference)
        view = agreement_view(session, agreement, actor, now())
        return page(request, "agreement", agreement=agreement, view=view, attributes=ATTRIBUTES)
