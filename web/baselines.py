"""An agreement's baseline: what the evidence says about the present service."""

from starlette.requests import Request
from starlette.responses import Response

from models.database import reading
from states.baselines import figures_in, latest_baseline
from states.drafting import find_agreement
from web.routing import DatabaseEngine, PageRouter, page
from web.security import Actor

router = PageRouter()


@router.page("/agreements/{reference}/baseline")
def baseline_page(request: Request, engine: DatabaseEngine, actor: Actor, reference: str) -> Response:
    """Show the newest baseline, or how to make one."""
    with reading(engine) as session:
        agreement = find_agreement(session, reference)
        baseline = latest_baseline(session, agreement)
        figures = figures_in(baseline) if baseline else None
        return page(request, "baseline", agreement=agreement, baseline=baseline, figures=figures)
