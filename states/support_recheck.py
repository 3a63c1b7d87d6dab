"""When an agreement changes, what rests on it is looked at again, and its owner told what no longer holds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlmodel import col, select

from mail import keys
from mail.outbox import post
from models.actions import Action, ActionKind, ActionState
from models.agreements import Agreement
from models.version_words import VersionStatus
from models.versions import AgreementVersion, ProcessTarget
from states import actions, audit
from states.drafts import draft_of, offered_version, version_in_force
from states.move import Move
from states.support_check import SupportGap, support_gaps
from states.supporting import SUPPORTING_KINDS

SUPPORT = "support"
"""What an action about gaps in support serves: no single target, which its figures alone would settle."""

_LATELY = timedelta(seconds=1)  # instants are kept in whole seconds


def recheck(move: Move) -> None:
    """Look at what rests on an agreement of which another version is in force now, or none any more.

    For each agreement that names it, in the text in force or at work, the gaps that were not there before
    make an improvement action and a letter to its owner; an action whose gaps are gone is settled.
    """
    _settle_if_it_adds_up(move)
    if move.agreement.kind in SUPPORTING_KINDS:
        move.session.flush()
        told: set[tuple[int, str]] = set()
        for version in _resting_on(move):
            told |= _recheck_version(move, version, told)


def _resting_on(move: Move) -> Sequence[AgreementVersion]:
    at_work = (VersionStatus.DRAFT, VersionStatus.OFFERED, VersionStatus.IN_FORCE)
    naming = select(ProcessTarget.version_id).where(ProcessTarget.carried_by == move.agreement.reference)
    return move.session.exec(
        select(AgreementVersion)
        .where(col(AgreementVersion.id).in_(naming), col(AgreementVersion.status).in_(at_work))
        .order_by(col(AgreementVersion.id))
    ).all()


def _recheck_version(
    move: Move, version: AgreementVersion, told: set[tuple[int, str]]
) -> set[tuple[int, str]]:
    """Tell what is new about a version and not told already; return what was told, by agreement."""
    session, resting = move.session, version.agreement
    before = support_gaps(session, resting, version, move.at, seen=move.at - _LATELY)
    known = {gap.sentence for gap in before}
    gaps = [gap for gap in support_gaps(session, resting, version, move.at) if gap.blocks]
    new = [gap for gap in gaps if gap.sentence not in known and (resting.id, gap.sentence) not in told]
    there = replace(move, agreement=resting)
    if new:
        _tell(there, version, move.agreement, new)
    elif not gaps:
        _settle_if_it_adds_up(there)
    return {(resting.id, gap.sentence) for gap in new}


def _tell(there: Move, version: AgreementVersion, changed: Agreement, new: list[SupportGap]) -> None:
    sentences = [gap.sentence for gap in new]
    targets = ", ".join(dict.fromkeys(gap.target_key for gap in new))
    action = actions.open_action(
        there,
        ActionKind.IMPROVEMENT,
        SUPPORT,
        f"{changed.reference} changed: what carries {targets} in version {version.number} no longer adds up",
        before={"version": version.number, "gaps": sentences},
    )
    audit.append(
        there.session,
        there.agreement,
        "support gap",
        there.actor,
        there.at,
        version=version.number,
        changed=changed.reference,
        action=action.id,
        gaps=sentences,
    )
    post(
        there.session,
        "support_gap",
        there.agreement.owner,
        key=keys.support_gap(version, action),
        at=there.at,
        agreement=there.agreement,
        version=version,
        changed=changed.reference,
        gaps=sentences,
        action=action,
    )


def _settle_if_it_adds_up(move: Move) -> None:
    """Settle the agreement's open actions about support once nothing is missing in the text that counts."""
    open_ones = [
        row for row in actions.actions_of(move.session, move.agreement) if _is_open_about_support(row)
    ]
    agreement = move.agreement
    version = version_in_force(agreement) or offered_version(agreement) or draft_of(agreement)
    if not open_ones or version is None:
        return
    if any(gap.blocks for gap in support_gaps(move.session, agreement, version, move.at)):
        return
    for row in open_ones:
        row.state, row.settled_at = ActionState.DONE, move.at
        row.settlement = f"what carries version {version.number} adds up"


def _is_open_about_support(action: Action) -> bool:
    return action.target_key == SUPPORT and action.state == ActionState.OPEN
