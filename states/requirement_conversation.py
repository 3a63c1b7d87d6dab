"""The conversation about each requirement: stated, challenged with the evidence, settled with a reason."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session

from config.clock import as_utc
from config.errors import NotFoundError, SlmError
from config.plain_text import plain
from models.agreements import Agreement
from models.version_words import Origin, Settlement
from models.versions import AgreementVersion, Requirement
from states import audit
from states.demands import Demand, demand_of, demands
from states.drafts import draft_of


def state_requirement(
    session: Session,
    agreement: Agreement,
    text: str,
    origin: Origin,
    by: str,
    at: datetime,
    *,
    business_reason: str = "",
    target_key: str | None = None,
    threshold_s: int | None = None,
    objective: float | None = None,
) -> Requirement:
    """Add a requirement to the draft, with the target that is asked for where one is.

    Raises:
        SlmError: if there is no draft, or the text is empty or there already.
        NotFoundError: if the draft has no such target.
    """
    draft = _draft(agreement)
    text = plain(text)
    if not text:
        raise SlmError("a requirement needs a text: what is needed, in the words of who needs it")
    if any(row.text == text for row in draft.requirements):
        raise SlmError(f"{agreement.reference}: this requirement is stated already")
    keys = [target.key for target in draft.targets]
    if target_key is not None and target_key not in keys:
        known = ", ".join(keys) or "none"
        raise NotFoundError(f"{agreement.reference}: there is no target {target_key!r}; there are: {known}")
    asked = {"threshold_s": threshold_s, "objective": objective}
    requirement = Requirement(
        text=text,
        origin=origin,
        business_reason=plain(business_reason),
        target_key=target_key,
        stated={name: value for name, value in asked.items() if value is not None},
    )
    draft.requirements.append(requirement)
    _say(requirement, "stated", by, requirement.business_reason or requirement.text, at)
    _written(session, agreement, "requirement stated", by, at, requirement)
    return requirement


def challenge(session: Session, agreement: Agreement, number: int, by: str, at: datetime) -> Demand:
    """Hold a requirement against the evidence of the last weeks, and say so in its conversation.

    Raises:
        SlmError: if there is no draft, or the requirement is tied to no target that could be measured.
        NotFoundError: if the draft has no requirement of this number.
    """
    draft, requirement = requirement_numbered(agreement, number)
    demand = demand_of(draft, requirement, demands(session, agreement, draft, at), at)
    if demand is None:
        raise SlmError(
            f'{agreement.reference}: requirement {number}, "{requirement.text}", is tied to no target: '
            "there is nothing to measure"
        )
    _say(requirement, "challenged", by, demand.sentence(), at)
    _written(session, agreement, "requirement challenged", by, at, requirement)
    return demand


def settle(
    session: Session,
    agreement: Agreement,
    number: int,
    settlement: Settlement,
    reason: str,
    by: str,
    at: datetime,
) -> Requirement:
    """Accept, reduce or drop a requirement, with the reason.

    What the history contradicts is challenged first, so that nobody accepts it without having seen that.

    Raises:
        SlmError: if there is no draft, no reason, or the settlement is none.
        NotFoundError: if the draft has no requirement of this number.
    """
    draft, requirement = requirement_numbered(agreement, number)
    if settlement == Settlement.OPEN:
        raise SlmError("a requirement is settled as accepted, reduced or dropped")
    reason = plain(reason)
    if not reason:
        raise SlmError(f"requirement {number}: say why it is {settlement}; the agreement prints it")
    demand = demand_of(draft, requirement, demands(session, agreement, draft, at), at)
    challenged = any(remark["act"] == "challenged" for remark in requirement.conversation)
    if demand is not None and demand.excessive and not challenged:
        _say(requirement, "challenged", by, demand.sentence(), at)
    requirement.settlement, requirement.reason = settlement, reason
    _say(requirement, settlement.value, by, reason, at)
    _written(session, agreement, "requirement settled", by, at, requirement)
    return requirement


def requirement_numbered(agreement: Agreement, number: int) -> tuple[AgreementVersion, Requirement]:
    """Return the draft and its requirement of that number, counted from 1.

    Raises:
        SlmError: if there is no draft.
        NotFoundError: if it has no requirement of this number.
    """
    draft = _draft(agreement)
    if not 1 <= number <= len(draft.requirements):
        raise NotFoundError(
            f"{agreement.reference} has no requirement {number}: "
            f"`slm requirements list {agreement.reference}` numbers them"
        )
    return draft, draft.requirements[number - 1]


def _draft(agreement: Agreement) -> AgreementVersion:
    draft = draft_of(agreement)
    if draft is None:
        raise SlmError(
            f"{agreement.reference} has no draft in {agreement.stage.title.lower()}: "
            "its requirements are sealed"
        )
    return draft


def settle_by_target(
    draft: AgreementVersion,
    key: str,
    settled: Callable[[Requirement], Settlement],
    words: str,
    by: str,
    at: datetime,
) -> None:
    """Settle what refers to a target by the target's new terms; what was dropped stays dropped.

    The reason that a person gave is kept, and the new words follow it.

    Args:
        draft: with the target.
        key: of the target.
        settled: how the new terms settle a requirement.
        words: why, as the agreement prints it.
        by: who changed the terms.
        at: when.
    """
    for requirement in draft.requirements:
        if requirement.target_key != key or requirement.settlement == Settlement.DROPPED:
            continue
        requirement.settlement = settled(requirement)
        if not requirement.reason.endswith(words):
            requirement.reason = "; ".join(part for part in (requirement.reason, words) if part)
        _say(requirement, requirement.settlement.value, by, words, at)


def _say(requirement: Requirement, act: str, by: str, text: str, at: datetime) -> None:
    remark = {"at": as_utc(at).isoformat(), "by": by, "act": act, "text": text}
    requirement.conversation = [*requirement.conversation, remark]


def _written(
    session: Session, agreement: Agreement, kind: str, by: str, at: datetime, requirement: Requirement
) -> None:
    flag_modified(agreement, "title")  # counts the row version up: nobody moves a text they did not see
    session.flush()
    last = requirement.conversation[-1]
    audit.append(session, agreement, kind, by, at, requirement=requirement.text, text=last["text"])
