"""Whether a proposal still stands, or was overtaken by what happened since it was put to the customer."""

from typing import Any

from sqlmodel import Session

from levels.counter_offers import CounterOffer
from models.agreements import Agreement, Stage
from models.proposals import Proposal, ProposalKind
from models.reviews import ReviewDecision, ReviewPack
from models.version_words import VersionStatus
from models.versions import AgreementVersion, ServiceLevelTarget
from states.counter_offers import counter_offers
from states.promises import promise_of
from states.proposal_evidence import concluded_trial
from templates.languages.kept import stored
from templates.languages.telling import marked, told


def contents_of(target: ServiceLevelTarget) -> dict[str, Any]:
    """Return all that a target says, as plain data, as a proposal freezes it."""
    return target.model_dump(mode="json", exclude={"id", "version_id"})


def overtaken_by(session: Session, agreement: Agreement, proposal: Proposal) -> str:
    """Return what overtook a proposal that waits, in words; "" while it can still be done."""
    if proposal.kind == ProposalKind.REVIEW_OUTCOME:
        return _overtaken_outcome(session, agreement, proposal)
    draft = session.get_one(AgreementVersion, proposal.version_id)
    if agreement.stage.value != proposal.terms["stage"]:
        return _moved_on(agreement)
    if draft.status != VersionStatus.DRAFT:
        another = marked("version %(number)s is %(status)s, and its text another by now")
        return told(another, number=draft.number, status=stored(draft.status.value))
    return _overtaken_terms(session, agreement, draft, proposal)


def _overtaken_outcome(session: Session, agreement: Agreement, proposal: Proposal) -> str:
    pack = session.get_one(ReviewPack, proposal.pack_id)
    if pack.decision != ReviewDecision.NONE:
        return told("the review ended already: %(decision)s", decision=stored(pack.decision.value))
    return "" if agreement.stage == Stage.REVIEW else _moved_on(agreement)


def _moved_on(agreement: Agreement) -> str:
    stage = stored(agreement.stage.title.lower())
    return told("the agreement moved on, to %(stage)s", stage=stage)


def _overtaken_terms(
    session: Session, agreement: Agreement, draft: AgreementVersion, proposal: Proposal
) -> str:
    key, then = proposal.target_key, proposal.terms["then"]
    target = next((row for row in draft.targets if row.key == key), None)
    if target is None:
        return told("there is no target %(key)s any more", key=key)
    if target.accepted_risk != proposal.terms["now"]["accepted_risk"]:
        return told("the risk of target %(key)s was accepted as it stands", key=key)
    if contents_of(target) != proposal.terms["now"]:
        changed = marked("target %(key)s was changed meanwhile: %(promise)s")
        return told(changed, key=key, promise=promise_of(target))
    if agreement.stage == Stage.TRIAL_RUN and concluded_trial(session, agreement, draft) is None:
        return told("the trial goes on")
    if proposal.kind == ProposalKind.COUNTER_OFFER:
        offered = counter_offers(session, agreement).get(key)
        if offered != CounterOffer(then["threshold_s"], then["objective"]):
            return told("the evidence supports something else for target %(key)s by now", key=key)
    return ""
