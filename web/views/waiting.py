"""What each agreement waits for, and when that is: two look-ups a stage, however many agreements."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.actions import Action, ActionKind, ActionState
from models.agreements import Agreement, Stage
from models.approvals import ApprovalRequest, RequestState
from models.assessments import ServicePeriod
from models.reviews import ReviewDecision, ReviewPack
from models.trials import Trial, TrialState
from states.approvals import standing
from states.drafts import draft_of, offered_version
from states.requirements import incomplete
from states.subjects import to_sign

Steps = dict[int, "NextStep"]


@dataclass(frozen=True)
class NextStep:
    """What an agreement waits for.

    Attributes:
        waits: in words.
        label, at: what happens at the next date, and when; None where no date is set.
        ours: it waits for a manager, not for time or for others.
    """

    waits: str
    label: str = ""
    at: datetime | None = None
    ours: bool = False


def next_steps(session: Session, stage: Stage, agreements: Sequence[Agreement], at: datetime) -> Steps:
    """Return what agreements of one stage wait for, by id."""
    ids = [row.id for row in agreements if row.id is not None]
    found = _BY_STAGE[stage](session, agreements, ids, at) | _proposed(session, ids)
    return {row_id: found.get(row_id, NextStep("nothing waits")) for row_id in ids}


def _proposed(session: Session, ids: list[int]) -> Steps:
    """What agreements wait for of which something is put to the customer first."""
    due: dict[int, dict[int | None, datetime]] = defaultdict(dict)
    asked = select(ApprovalRequest).where(
        col(ApprovalRequest.agreement_id).in_(ids),
        col(ApprovalRequest.proposal_id).is_not(None),
        ApprovalRequest.state == RequestState.OPEN,
    )
    for row in session.exec(asked):
        due[row.agreement_id][row.proposal_id] = row.due_at
    return {
        row_id: NextStep(
            f"{_count(len(dates), 'proposal')} before the customer", "answer due", min(dates.values())
        )
        for row_id, dates in due.items()
    }


def _requirements(session: Session, agreements: Sequence[Agreement], ids: list[int], at: datetime) -> Steps:
    steps = {}
    for row in agreements:
        assert row.id is not None, "it was read from the database"
        draft = draft_of(row)
        missing = len(incomplete(row, draft)) if draft else 1
        words = f"{_count(missing, 'thing')} missing before the trial" if missing else "ready for its trial"
        steps[row.id] = NextStep(words, ours=True)
    return steps


def _trial_run(session: Session, agreements: Sequence[Agreement], ids: list[int], at: datetime) -> Steps:
    trials = session.exec(
        select(Trial)
        .where(col(Trial.agreement_id).in_(ids), Trial.state != TrialState.ABANDONED)
        .order_by(col(Trial.id))
    )
    return {trial.agreement_id: _of_trial(trial, at) for trial in trials}


def _of_trial(trial: Trial, at: datetime) -> NextStep:
    if trial.state == TrialState.CONCLUDED:
        return NextStep("verdicts are in: offer, revise or rework", ours=True)
    if at < trial.ends_at:
        return NextStep("tickets are being counted", "intake ends", trial.ends_at)
    return NextStep("open tickets may still end", "trial closes", trial.closes_at)


def _signing(session: Session, agreements: Sequence[Agreement], ids: list[int], at: datetime) -> Steps:
    offered = {version.id for row in agreements if (version := offered_version(row)) is not None}
    by_agreement: dict[int, list[ApprovalRequest]] = defaultdict(list)
    asked = select(ApprovalRequest).where(col(ApprovalRequest.version_id).in_(offered), to_sign())
    for request in session.exec(asked):
        by_agreement[request.agreement_id].append(request)
    return {agreement_id: _of_requests(requests) for agreement_id, requests in by_agreement.items()}


def _of_requests(requests: list[ApprovalRequest]) -> NextStep:
    requests = standing(requests)
    waiting = [row for row in requests if row.state == RequestState.OPEN]
    if not waiting:
        return NextStep("nobody can sign any more: rework it", ours=True)
    names = ", ".join(row.person.name for row in waiting[:2]) + (" and others" if len(waiting) > 2 else "")
    words = f"{len(waiting)} of {len(requests)} still to sign: {names}"
    return NextStep(words, "approval due", min(row.due_at for row in waiting))


def _monitoring(session: Session, agreements: Sequence[Agreement], ids: list[int], at: datetime) -> Steps:
    periods = session.exec(
        select(ServicePeriod)
        .where(col(ServicePeriod.agreement_id).in_(ids), col(ServicePeriod.closed_at).is_(None))
        .order_by(col(ServicePeriod.starts_at).desc())
    )
    return {
        period.agreement_id: NextStep("the period is running", "period closes", period.closes_at)
        if at < period.ends_at
        else NextStep("open tickets may still end", "period closes", period.closes_at)
        for period in periods
    }


def _review(session: Session, agreements: Sequence[Agreement], ids: list[int], at: datetime) -> Steps:
    packs = session.exec(
        select(ReviewPack).where(
            col(ReviewPack.agreement_id).in_(ids), ReviewPack.decision == ReviewDecision.NONE
        )
    )
    return {
        pack.agreement_id: NextStep(
            f"{_count(len(pack.findings), 'finding')} to decide on" if pack.findings else "all green: renew",
            "under review since",
            pack.made_at,
            ours=True,
        )
        for pack in packs
    }


def _renegotiation(session: Session, agreements: Sequence[Agreement], ids: list[int], at: datetime) -> Steps:
    due: dict[int, list[datetime]] = defaultdict(list)
    for action in session.exec(
        select(Action).where(
            col(Action.agreement_id).in_(ids),
            Action.kind == ActionKind.REVISION,
            Action.state == ActionState.OPEN,
        )
    ):
        due[action.agreement_id].append(action.due_at)
    drafting = NextStep("the draft is being worked on", ours=True)
    return dict.fromkeys(ids, drafting) | {
        row_id: NextStep(f"{_count(len(dates), 'target')} to revise", "revision due", min(dates), ours=True)
        for row_id, dates in due.items()
    }


def _ended(session: Session, agreements: Sequence[Agreement], ids: list[int], at: datetime) -> Steps:
    return {
        row.id: NextStep("nothing any more", "ended", row.stage_since)
        for row in agreements
        if row.id is not None
    }


_BY_STAGE: dict[Stage, Callable[[Session, Sequence[Agreement], list[int], datetime], Steps]] = {
    Stage.REQUIREMENTS: _requirements,
    Stage.TRIAL_RUN: _trial_run,
    Stage.SIGNING: _signing,
    Stage.MONITORING: _monitoring,
    Stage.REVIEW: _review,
    Stage.RENEGOTIATION: _renegotiation,
    Stage.ENDED: _ended,
}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
