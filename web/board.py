"""The cycle board: every agreement, by stage."""

from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from models.database import reading
from web.routing import DatabaseEngine, PageRouter, page
from web.security import Actor
from web.views.board import board

router = PageRouter()


@router.page("/")
def board_page(
    request: Request, engine: DatabaseEngine, actor: Actor, q: str = "", stage: str = ""
) -> Response:
    """Show the agreements by stage: all, those that `q` is found in, or those of one stage."""
    with reading(engine) as session:
        return page(request, "board", board=board(session, now(), q.strip(), stage), q=q)
