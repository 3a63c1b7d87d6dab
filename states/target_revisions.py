"""What a manager does about a target that does not hold: adopt the counter-offer, or accept the risk."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import chain, count
from typing import Any

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session

from config.errors import NotFoundError, SlmError
from config.plain_text import plain
from models.agreements import Agreement, Stage
from models.trials import TrialState
from models.version_words import Settlement
from models.versions import AgreementVersion, Requirement, ServiceLevelTarget
from states import audit
from states.askers import lock_agreement
from states.counter_offers import counter_offers
from states.document_values import POPULATION_ATTRIBUTES
from states.drafts import draft_of
from states.overtaken_proposals import withdraw_overtaken
from states.promises import offer_in_words, promise_of
from states.requirement_conversation import settle_by_target
from states.target_parts import Part
from states.trial_offer import record_choice
from states.trial_run import latest_trial


def adopt_counter_offer(
    session: Session, agreement: Agreement, key: str, actor: str, at: datetime
) -> ServiceLevelTarget:
    """Put a target's counter-offer into the draft, and reduce its requirements but dropped ones.

    Raises:
        SlmError: if there is no draft or no counter-offer for this target.
        NotFoundError: if the draft has no such target.
    """
    lock_agreement(session, agreement)
    draft, target = target_in_draft(agreement, key)
    offer = counter_offers(session, agreement).get(key)
    if offer is None:
        raise SlmError(f"{agreement.reference}: there is no counter-offer for target {key}")
    before = promise_of(target)
    target.threshold_s, target.objective = offer.threshold_s, offer.objective
    target.accepted_risk = ""
    settle_by_target(draft, key, _reduced, f"the evidence supports {offer_in_words(offer)}", actor, at)
    record_choice(session, agreement, key, f"counter-offer adopted: {offer_in_words(offer)}")
    draft_touched(session, agreement, at)
    audit.append(
        session,
        agreement,
        "counter-offer adopted",
        actor,
        at,
        target=key,
        before=before,
        now=promise_of(target),
    )
    return target


def accept_risk(
    session: Session, agreement: Agreement, key: str, by: str, reason: str, at: datetime
) -> ServiceLevelTarget:
    """Offer a target that the evidence does not bear out all the same, by name and with the reason.

    Raises:
        SlmError: if there is no draft, no reason is given, or the trial still runs.
        NotFoundError: if the draft has no such target.
    """
    lock_agreement(session, agreement)
    _, target = target_in_draft(agreement, key)
    trial = latest_trial(session, agreement)
    if agreement.stage == Stage.TRIAL_RUN and trial is not None and trial.state == TrialState.RUNNING:
        raise SlmError(
            f"{agreement.reference}: the trial still runs: what it shows of {key} is not known yet"
        )
    reason = plain(reason)
    if not reason:
        raise SlmError(f"to accept the risk of target {key}, give a reason: the agreement will print it")
    target.accepted_risk = f"{reason} ({by})"
    record_choice(session, agreement, key, f"risk accepted by {by}: {reason}")
    draft_touched(session, agreement, at)
    audit.append(session, agreement, "risk accepted", by, at, target=key, reason=reason)
    return target


def adopt_condition(
    session: Session, agreement: Agreement, key: str, actor: str, at: datetime
) -> list[ServiceLevelTarget]:
    """Split a target in two as its trial's condition says: the rest as stated, the part with its own offer.

    Returns:
        The rest, which keeps the key, and the part that is set apart.

    Raises:
        SlmError: there is no draft or no condition, or a population cannot tell the two parts.
        NotFoundError: the draft has no such target.
    """
    lock_agreement(session, agreement)
    draft, target = target_in_draft(agreement, key)
    trial = latest_trial(session, agreement)
    result = next((row for row in trial.results if row.target_key == key), None) if trial else None
    if result is None or not result.condition or result.condition.get("adopted"):
        raise SlmError(f"{agreement.reference}: there is no condition to adopt for target {key}")
    condition = result.condition
    column, value, others = condition["column"], condition["value"], condition["others"]
    if why := unadoptable(condition):
        raise SlmError(f"{agreement.reference}: {why}")
    before, tried = promise_of(target), Part.of(target)
    apart, rest = tried.apart(column, value), tried.rest(column, value, others[0])
    part = ServiceLevelTarget(
        **target.model_dump(exclude={"id", "version_id", "key", "population", "weekdays", "accepted_risk"})
        | {"threshold_s": condition["threshold_s"], "objective": condition["objective"]},
        key=_key_of_part(draft, key, value),
        population=apart.population,
        weekdays=apart.weekdays,
    )
    target.population, target.weekdays, target.accepted_risk = rest.population, rest.weekdays, ""
    draft.targets.append(part)
    adopted = {
        row.key: asdict(Part.of(row)) | {"threshold_s": row.threshold_s, "objective": row.objective}
        for row in (target, part)
    }
    result.condition = condition | {"adopted": adopted, "tried": asdict(tried)}
    settle_by_target(draft, key, _reduced, f"the evidence supports it {condition['sentence']}", actor, at)
    record_choice(session, agreement, key, f"condition adopted: {condition['sentence']}")
    draft_touched(session, agreement, at)
    now = [promise_of(target), promise_of(part)]
    audit.append(session, agreement, "condition adopted", actor, at, target=key, before=before, now=now)
    return [target, part]


def unadoptable(condition: Mapping[str, Any]) -> str:
    """Return why a target cannot be split by a condition; "" where its population can tell the two parts."""
    column = condition["column"]
    if column == "weekday":
        return ""
    if column not in POPULATION_ATTRIBUTES:
        return (
            f"a target's population cannot name a {column}, so it cannot be split by one "
            f'("{condition["sentence"]}"): adopt the counter-offer, or rework the targets'
        )
    if len(condition["others"]) != 1 or not condition["others"][0]:
        return (
            f"a population names one {column}, not all but {condition['value']}: rework the draft with a "
            f"target for each {column}"
        )
    return ""


def _key_of_part(draft: AgreementVersion, key: str, value: str) -> str:
    stem = f"{key}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', value).strip('-') or 'part'}"
    taken = {row.key for row in draft.targets}
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    return next(name for name in names if name not in taken)


def _reduced(_requirement: Requirement) -> Settlement:
    return Settlement.REDUCED


def draft_touched(session: Session, agreement: Agreement, at: datetime) -> None:
    """Follow up a change of the draft's targets: what was proposed about them is overtaken."""
    flag_modified(agreement, "title")  # counts the row version up: nobody moves a text they did not see
    session.flush()
    withdraw_overtaken(session, agreement, at)


def target_in_draft(agreement: Agreement, key: str) -> tuple[AgreementVersion, ServiceLevelTarget]:
    """Return the draft and its target of this key.

    Raises:
        SlmError: if there is no draft.
        NotFoundError: if it has no such target.
    """
    draft = draft_of(agreement)
    if draft is None:
        raise SlmError(f"{agreement.reference} has no draft in {agreement.stage.title.lower()}")
    for target in draft.targets:
        if target.key == key:
            return draft, target
    known = ", ".join(target.key for target in draft.targets) or "none"
    raise NotFoundError(f"{agreement.reference}: there is no target {key!r}; there are: {known}")
