"""Proposals: what the manager puts to the customer's people by letter before it is done."""

from datetime import datetime

from sqlmodel import Session

from models.agreements import Agreement, Stage
from models.parties import Person
from models.proposals import Proposal, ProposalKind
from models.reviews import ReviewDecision
from models.versions import AgreementVersion, ServiceLevelTarget
from states.askers import lock_agreement
from states.counter_offers import counter_offers
from states.drafts import version_in_force
from states.lifecycle import blockers
from states.move import MoveError, Trigger
from states.promises import promise_of
from states.proposal_asking import ProposalRefusedError, put
from states.proposal_evidence import concluded_trial, evidence_for
from states.proposal_standing import contents_of
from states.review import latest_pack
from states.target_revisions import target_in_draft

TRIGGERS = {ReviewDecision.RENEW: Trigger.RENEW, ReviewDecision.RENEGOTIATE: Trigger.RENEGOTIATE}
"""The move that makes each outcome of a review."""

_WITH_DRAFT = (Stage.REQUIREMENTS, Stage.TRIAL_RUN, Stage.RENEGOTIATION)


def propose_counter_offer(
    session: Session, agreement: Agreement, key: str, asked_by: Person, reason: str, at: datetime
) -> Proposal:
    """Put a target's counter-offer to the customer: what its trial, or its revision task, says is supported.

    Once every required signatory of the customer has approved it, it is adopted into the draft.

    Raises:
        ProposalRefusedError: there is no counter-offer, it is in the draft already, a proposal about the
            target waits, no reason is given, or there is nobody to ask.
        NotFoundError: the draft has no such target.
        SlmError: there is no draft.
    """
    lock_agreement(session, agreement)
    draft, target = target_in_draft(agreement, key)
    offer = counter_offers(session, agreement).get(key)
    if offer is None:
        raise ProposalRefusedError(f"{agreement.reference}: there is no counter-offer for target {key}")
    terms = offer.threshold_s, offer.objective
    return _put_terms(
        session, agreement, draft, target, terms, ProposalKind.COUNTER_OFFER, asked_by, reason, at
    )


def propose_terms(
    session: Session,
    agreement: Agreement,
    key: str,
    asked_by: Person,
    reason: str,
    at: datetime,
    *,
    threshold_s: int | None = None,
    objective: float | None = None,
) -> Proposal:
    """Put other terms for a target of the draft to the customer, who get them into the draft by approving.

    Args:
        session: the caller's; nothing is committed.
        agreement: in requirements, in renegotiation, or in trial run after the trial.
        key: of the target.
        asked_by: a person of the agreement, who is told how it ends.
        reason: why, which everybody reads who is asked.
        at: when.
        threshold_s: seconds of working time; None to leave it.
        objective: the share; None to leave it.

    Raises:
        ProposalRefusedError: as `propose_counter_offer`; or the stage has no draft to change, the trial still
            runs, or the target promises no time that could change.
        NotFoundError, SlmError: as `propose_counter_offer`.
    """
    lock_agreement(session, agreement)
    draft, target = target_in_draft(agreement, key)
    if threshold_s is not None and not target.threshold_s:
        raise ProposalRefusedError(
            f"{agreement.reference}: target {key} promises no time, so none can change"
        )
    terms = (
        target.threshold_s if threshold_s is None else threshold_s,
        target.objective if objective is None else objective,
    )
    return _put_terms(
        session, agreement, draft, target, terms, ProposalKind.REVISED_TARGET, asked_by, reason, at
    )


def propose_outcome(
    session: Session,
    agreement: Agreement,
    decision: ReviewDecision,
    asked_by: Person,
    reason: str,
    at: datetime,
) -> Proposal:
    """Put to the customer what the review shall end in, with its findings; approval makes the move.

    Raises:
        ProposalRefusedError: no review waits for a decision, the move is blocked, an outcome is proposed
            already, no reason is given, or there is nobody to ask.
    """
    lock_agreement(session, agreement)
    pack, in_force = latest_pack(session, agreement), version_in_force(agreement)
    if agreement.stage != Stage.REVIEW or pack is None or in_force is None:
        raise ProposalRefusedError(f"{agreement.reference}: no review waits for a decision")
    trigger = TRIGGERS[decision]
    try:
        _, blocked = blockers(session, agreement, trigger, asked_by.name, at, reason.strip() or None)
    except MoveError as refusal:
        raise ProposalRefusedError(str(refusal)) from None
    if blocked:
        raise ProposalRefusedError(f"{agreement.reference}: {trigger} is blocked: {'; '.join(blocked)}")
    terms = {
        "decision": decision.value,
        "recommendation": pack.recommendation.value,
        "findings": pack.findings,
        "figures": pack.figures,
        "pack": pack.sha256,
    }
    return put(
        session, agreement, in_force, ProposalKind.REVIEW_OUTCOME, terms, asked_by, reason, at, pack=pack
    )


def _put_terms(
    session: Session,
    agreement: Agreement,
    draft: AgreementVersion,
    target: ServiceLevelTarget,
    terms: tuple[int, float],
    kind: ProposalKind,
    asked_by: Person,
    reason: str,
    at: datetime,
) -> Proposal:
    where = agreement.reference
    if agreement.stage not in _WITH_DRAFT:
        raise ProposalRefusedError(f"{where} is in {agreement.stage.title.lower()}: no target can change")
    if agreement.stage == Stage.TRIAL_RUN and concluded_trial(session, agreement, draft) is None:
        raise ProposalRefusedError(
            f"{where}: the trial still runs: what it shows of {target.key} is not known yet"
        )
    if terms == (target.threshold_s, target.objective):
        raise ProposalRefusedError(f"{where}: target {target.key} says so already: {promise_of(target)}")
    now, new = contents_of(target), {"threshold_s": terms[0], "objective": terms[1], "accepted_risk": ""}
    frozen = {
        "stage": agreement.stage.value,
        "now": now,
        "then": now | new,
        "evidence": evidence_for(session, agreement, draft, target, terms, at),
    }
    return put(session, agreement, draft, kind, frozen, asked_by, reason, at, key=target.key)
