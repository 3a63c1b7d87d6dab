"""Evidence pushed: POST JSON lines or a JSON list of updates, and what they add is kept at once."""

import re
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request

from config.errors import BadInputError
from evidence.importer import import_content
from evidence.mappings import shipped_mapping
from evidence.packed import Content
from web.routing import DatabaseEngine
from web.security import ProgramActor

router = APIRouter(prefix="/api")

_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


async def _bytes(request: Request) -> bytes:
    return await request.body()


@router.post("/evidence/{source}")
def push_evidence(
    engine: DatabaseEngine,
    actor: ProgramActor,
    source: str,
    body: Annotated[bytes, Depends(_bytes)],
    mapping: str = "feed",
) -> dict[str, Any]:
    """Import the body into the evidence source, and tell what that did.

    The mapping is one that comes with the product and reads JSON; `feed` has the store's own words.
    """
    if not _SOURCE.fullmatch(source):
        raise BadInputError(f"{source[:100]!r} is no evidence source: letters, digits, - and _ are taken")
    described = shipped_mapping(mapping)
    if described.format not in ("detect", "json", "jsonl"):
        raise BadInputError(f"the mapping {mapping} reads {described.format}; JSON is what is pushed")
    if body.lstrip()[:1] not in (b"{", b"["):
        raise BadInputError("the body: JSON lines or a JSON list of records are wanted")
    named = described.model_copy(update={"source": source, "format": "detect"})
    summary = import_content(engine, Content(Path(f"{source}.push"), body), named)
    return {
        "source": summary.source,
        "rows": summary.rows,
        "tickets": summary.tickets,
        "new_tickets": summary.new_tickets,
        "new_intervals": summary.new_intervals,
        "new_values": summary.new_values,
        "rejected": summary.rejected,
        "rejected_first": [
            {"line": line, "column": column, "reason": reason}
            for line, column, reason in summary.rejected_first
        ],
        "assumed": summary.assumed,
    }
