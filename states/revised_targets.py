"""Other terms for a target of the draft, and how its requirements are settled by them."""

from datetime import datetime

from sqlmodel import Session

from models.agreements import Agreement
from models.version_words import Settlement
from models.versions import Requirement, ServiceLevelTarget
from states import audit
from states.askers import lock_agreement
from states.promises import promise_of
from states.requirement_conversation import settle_by_target
from states.target_revisions import draft_touched, target_in_draft
from states.trial_offer import record_choice


def revise_target(
    session: Session,
    agreement: Agreement,
    key: str,
    terms: tuple[int, float],
    actor: str,
    reason: str,
    at: datetime,
) -> ServiceLevelTarget:
    """Give a target of the draft another threshold and objective, and settle what refers to it.

    A requirement is accepted where the new terms are all that it states, and reduced where they are less;
    one that was dropped stays dropped.

    Args:
        session: the caller's; nothing is committed.
        agreement: with a draft.
        key: of the target.
        terms: seconds of working time, and the share.
        actor: who approved it.
        reason: why.
        at: when.

    Raises:
        SlmError: if there is no draft.
        NotFoundError: if the draft has no such target.
    """
    lock_agreement(session, agreement)
    draft, target = target_in_draft(agreement, key)
    before, former = promise_of(target), (target.threshold_s, target.objective)
    target.threshold_s, target.objective = terms
    target.accepted_risk = ""
    settle_by_target(
        draft,
        key,
        lambda requirement: _settlement(requirement, former, terms),
        f"{promise_of(target)}: {reason} ({actor})",
        actor,
        at,
    )
    record_choice(session, agreement, key, f"revised to {promise_of(target)} by {actor}")
    draft_touched(session, agreement, at)
    audit.append(
        session,
        agreement,
        "target revised",
        actor,
        at,
        target=key,
        before=before,
        now=promise_of(target),
        reason=reason,
    )
    return target


def _settlement(requirement: Requirement, former: tuple[int, float], terms: tuple[int, float]) -> Settlement:
    """What a requirement states is what it asks for; where it states nothing, what the target said before."""
    longest = int(requirement.stated.get("threshold_s", former[0]))
    least = float(requirement.stated.get("objective", former[1]))
    return Settlement.ACCEPTED if terms[0] <= longest and terms[1] >= least else Settlement.REDUCED
