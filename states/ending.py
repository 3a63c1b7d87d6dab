"""The end of an agreement: everything open is void."""

from mail import keys
from mail.outbox import post
from models.actions import ActionKind, ActionState
from models.exclusions import Exclusion
from models.version_words import VersionStatus
from states import actions, approvals, settling, support_recheck, survey_outcomes, trial_run
from states.drafts import draft_of, offered_version, version_in_force
from states.move import SWEEP, Move


def end(move: Move) -> None:
    """Effect of `end`: requests, drafts, trials, surveys and actions are closed, everyone is told."""
    agreement, reason = move.agreement, f"the agreement ended: {move.reason}"
    versions = [version_in_force(agreement), offered_version(agreement), draft_of(agreement)]
    signatories = [row for version in versions if version for row in version.signatories]
    trial_run.abandon_trial(move.session, agreement)
    approvals.void_open(move.session, agreement, move.at, reason, tell=False)
    for exclusion in settling.waiting(move.session, Exclusion, agreement):
        settling.close(move.session, agreement, exclusion, "withdrawn", SWEEP, move.at, reason, tell=False)
    survey_outcomes.close_all(move.session, agreement, move.at)
    for kind in ActionKind:
        actions.settle_all(move.session, agreement, kind, move.at, reason, state=ActionState.DROPPED)
    for row in agreement.versions:
        if row.status in (VersionStatus.DRAFT, VersionStatus.OFFERED):
            row.status = VersionStatus.ABANDONED
        elif row.status == VersionStatus.IN_FORCE:
            row.status, row.in_force_until = VersionStatus.SUPERSEDED, move.at
    support_recheck.recheck(move)
    for signatory in signatories:
        post(
            move.session,
            "ended",
            signatory.person,
            key=keys.ended(agreement, signatory.person),
            at=move.at,
            agreement=agreement,
            reason=move.reason,
        )
