"""Trials by page: choosing the terms of the next one, and splitting a target as the last one suggests."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from config.clock import now
from config.errors import BadInputError
from models.database import transaction
from states.drafting import find_agreement
from states.target_revisions import adopt_condition
from states.trial_terms import TrialTerms, choose_terms
from states.trial_words import terms_in_words
from web.routing import DatabaseEngine, PageRouter, see_other
from web.security import Actor

router = PageRouter()
Field = Annotated[str, Form(max_length=20)]


@router.form("/agreements/{reference}/trial-terms")
def choose(
    request: Request,
    engine: DatabaseEngine,
    actor: Actor,
    reference: str,
    days: Field = "",
    confidence: Field = "",
    looks: Field = "",
) -> Response:
    """Write the length of the next trial, its confidence in percent and its looks into the draft."""
    try:
        terms = TrialTerms(int(days), round(float(confidence) / 100, 12), int(looks))
    except ValueError:
        raise BadInputError("a trial's days, confidence in percent and looks are numbers") from None
    with transaction(engine) as session:
        choose_terms(session, find_agreement(session, reference), terms, actor, now())
    address = f"/agreements/{quote(reference)}#trial"
    return see_other(request, address, f"The next trial: {terms_in_words(terms)}.")


@router.form("/agreements/{reference}/targets/{key}/adopt-condition")
def split(request: Request, engine: DatabaseEngine, actor: Actor, reference: str, key: str) -> Response:
    """Split a target in two, as the condition says that its trial found."""
    with transaction(engine) as session:
        parts = adopt_condition(session, find_agreement(session, reference), key, actor, now())
        keys = " and ".join(row.key for row in parts)
    return see_other(request, f"/agreements/{quote(reference)}#targets", f"{key} is split into {keys}.")
