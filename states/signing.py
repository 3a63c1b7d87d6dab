"""Signing: the sealed version goes to every signatory, and signs itself with the last approval."""

from datetime import timedelta

from sqlmodel import Session

from config.policy import policy
from levels.verdicts import Verdict
from mail import keys
from mail.outbox import post
from models.actions import ActionKind
from models.agreements import Agreement
from models.approvals import Answer, ApprovalRequest, RequestState
from models.version_words import VersionStatus
from models.versions import AgreementVersion
from states import actions, approvals, monitoring, rounds, support_recheck, trial_offer
from states.calendars import settled_until
from states.drafts import (
    copy_as_draft,
    differences,
    draft_of,
    offered_version,
    seal,
    version_in_force,
)
from states.measures import measure_targets
from states.move import Move
from states.own_proposals import own_proposal_blockers
from states.promises import promise_of
from states.requirements import incomplete
from states.support_check import support_blockers
from states.term_blockers import term_blockers

_WEEKS_OF_EVIDENCE = 12  # looked at where a trial is skipped


def skip_blockers(move: Move) -> list[str]:
    """Gate of `skip_trial`: earlier evidence supports every target, or a reason is given as waiver.

    What carries the targets must add up in any case.
    """
    draft = draft_of(move.agreement)
    if draft is None:
        return ["there is no draft to sign"]
    blockers = incomplete(move.agreement, draft) + term_blockers(draft, move.at)
    in_force = version_in_force(move.agreement)
    if in_force is not None and not differences(in_force, draft):
        blockers.append("the draft does not differ from the version in force")
    blockers += support_blockers(move.session, move.agreement, draft, move.at)
    blockers += own_proposal_blockers(draft, move.actor)
    if blockers or move.reason:
        return blockers
    return [
        f"target {key}: {verdict} on the last {_WEEKS_OF_EVIDENCE} weeks; try it, or give a waiver's reason"
        for key, verdict in _verdicts_so_far(move, draft).items()
        if verdict != Verdict.MET
    ]


def _verdicts_so_far(move: Move, draft: AgreementVersion) -> dict[str, Verdict]:
    since = move.at - timedelta(weeks=_WEEKS_OF_EVIDENCE)
    until = settled_until(draft, move.at, policy().trial.longest_wait_days)
    figures = measure_targets(
        move.session, move.agreement, draft.targets, since, until, move.at, policy().verdicts.confidence
    )
    return {measured.target.key: measured.verdict for measured in figures}


def offer_without_trial(move: Move) -> None:
    """Effect of `skip_trial`: the waiver is printed in the version, which is sealed and sent out."""
    draft = draft_of(move.agreement)
    assert draft is not None, "the gate saw a draft"
    draft.waiver = (
        f"{move.reason} ({move.actor})"
        if move.reason
        else f"Supported by the evidence of the {_WEEKS_OF_EVIDENCE} weeks before {move.at:%Y-%m-%d}"
    )
    offer(move)


def offer(move: Move) -> None:
    """Effect of `offer`: the draft is sealed, and every signatory is asked about this very text."""
    draft = draft_of(move.agreement)
    assert draft is not None, "the gate saw a draft"
    draft.offered_by = move.actor
    seal(move.session, draft, move.at)
    rounds.begin(move.session, move.agreement, draft, move.at)


def sign_blockers(move: Move) -> list[str]:
    """Gate of `sign`: every required request is approved, for this hash, and the end is still to come."""
    version = offered_version(move.agreement)
    over = term_blockers(version, move.at) if version else []
    return sign_blockers_of(move.session, move.agreement) + over


def sign_blockers_of(session: Session, agreement: Agreement) -> list[str]:
    """Return whose approval the offered version still lacks; empty where it can be signed."""
    version = offered_version(agreement)
    if version is None:
        return ["no version is offered"]
    return rounds.missing(version, approvals.requests_for(session, version))


def sign(move: Move) -> None:
    """Effect of `sign`: the version is in force, the former superseded, the next dates are set."""
    agreement, version = move.agreement, offered_version(move.agreement)
    assert version is not None, "the gate saw an offered version"
    former = version_in_force(agreement)
    if former is not None:
        former.status, former.in_force_until = VersionStatus.SUPERSEDED, move.at
    version.status, version.in_force_from = VersionStatus.IN_FORCE, move.at
    approvals.void_open(move.session, agreement, move.at, "the version is signed", tell=False)
    if former is None:
        monitoring.open_period(move.session, agreement, version, move.at)
    actions.settle_all(
        move.session, agreement, ActionKind.REVISION, move.at, f"settled in version {version.number}"
    )
    support_recheck.recheck(move)
    targets = [{"key": target.key, "promise": promise_of(target)} for target in version.targets]
    for person in rounds.everyone(move.session, version):
        post(
            move.session,
            "signed",
            person,
            key=keys.signed(version, person),
            at=move.at,
            agreement=agreement,
            version=version,
            in_force_from=move.at,
            targets=targets,
        )


def decline_blockers(move: Move) -> list[str]:
    """Gate of `decline`: a signatory of the offered version has declined."""
    version = offered_version(move.agreement)
    if version is None:
        return ["no version is offered"]
    return [] if _decliner(move, version) else ["nobody has declined: to take the offer back, rework it"]


def _decliner(move: Move, version: AgreementVersion) -> ApprovalRequest | None:
    requests = approvals.requests_for(move.session, version)
    return next((row for row in requests if row.decision and row.decision.answer == Answer.DECLINE), None)


def take_back_declined(move: Move) -> None:
    """Effect of `decline`: the round stops, everyone is told, earlier signers too; a new draft opens."""
    version = offered_version(move.agreement)
    assert version is not None, "the gate saw an offered version"
    decliner = _decliner(move, version)
    assert decliner is not None and decliner.decision is not None, "the gate saw the decision"
    approvals.void_open(move.session, move.agreement, move.at, f"{decliner.person.name} declined", tell=False)
    for person in rounds.everyone(move.session, version):
        post(
            move.session,
            "declined",
            person,
            key=keys.declined(version, person),
            at=move.at,
            agreement=move.agreement,
            version=version,
            by=decliner.person.name,
            reason=decliner.decision.reason,
        )
    _replace_by_draft(move, version)


def take_back(move: Move) -> None:
    """Effect of `rework`: open requests are void; their holders, and those who answered already, are told."""
    trial_offer.end_by_rework(move)
    approvals.void_open(move.session, move.agreement, move.at, move.reason or "", tell=True)
    version = offered_version(move.agreement)
    if version is not None:
        for request in approvals.requests_for(move.session, version):
            if request.state == RequestState.DECIDED:
                approvals.tell_of_void(move.session, move.agreement, request, move.at, move.reason or "")
        _replace_by_draft(move, version)


def _replace_by_draft(move: Move, version: AgreementVersion) -> None:
    version.status = VersionStatus.ABANDONED
    copy_as_draft(move.session, version, move.at)
