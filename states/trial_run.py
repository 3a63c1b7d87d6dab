"""The trial run: the proposed targets measured before anyone signs. Here: its opening, and which one it is.

What comes before, during and after stands beside it: `trial_plan`, `trial_status`, `trial_extension`,
`trial_conclusion` and `trial_offer`.
"""

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.trials import Trial, TrialResult, TrialState
from models.versions import AgreementVersion
from states.promises import promise_of
from states.trial_plan import TargetPlan, plan_trial
from states.trial_words import outlook_in_words


def latest_trial(session: Session, agreement: Agreement) -> Trial | None:
    """Return the agreement's newest trial that was not abandoned, None where there is none."""
    return session.exec(
        select(Trial)
        .where(Trial.agreement_id == agreement.id, Trial.state != TrialState.ABANDONED)
        .order_by(col(Trial.id).desc())
        .limit(1)
    ).first()


def open_trial(session: Session, agreement: Agreement, draft: AgreementVersion, at: datetime) -> Trial:
    """Open a trial of the draft's targets: its end, the wait, the confidence and the plan are fixed now."""
    plan = plan_trial(session, agreement, draft, at)
    trial = Trial(
        agreement_id=agreement.id,
        version_id=draft.id,
        starts_at=at,
        ends_at=plan.ends_at,
        closes_at=plan.closes_at,
        confidence=plan.terms.confidence_of_each,
        looks=plan.terms.looks,
    )
    trial.results = [_planned(row) for row in plan.targets]
    session.add(trial)
    session.flush()
    rows = [
        {
            "key": row.target.key,
            "promise": promise_of(row.target),
            "needed": row.needed[0] if row.needed else 0,
            "expected": row.expected,
            "outlook": outlook_in_words(row),
        }
        for row in plan.targets
    ]
    for signatory in draft.signatories:
        post(
            session,
            "trial_opened",
            signatory.person,
            key=keys.trial_opened(trial, signatory.person),
            at=at,
            agreement=agreement,
            trial=trial,
            targets=rows,
        )
    return trial


def _planned(plan: TargetPlan) -> TrialResult:
    return TrialResult(
        target_key=plan.target.key,
        threshold_s=plan.target.threshold_s,
        objective=plan.target.objective,
        tickets_needed=plan.needed[0] if plan.needed else 0,
        tickets_expected=round(plan.expected, 1),
        baseline_share=plan.baseline_share,
        chance_met=plan.outlook.mixed.met if plan.outlook else None,
    )


def trials_due(at: datetime) -> SelectOfScalar[Trial]:
    """Select the running trials whose wait for open tickets is over, the longest overdue first."""
    return (
        select(Trial)
        .where(Trial.state == TrialState.RUNNING, Trial.closes_at <= at)
        .order_by(col(Trial.closes_at), col(Trial.id))
    )


def abandon_trial(session: Session, agreement: Agreement) -> None:
    """Give up the running trial, if there is one."""
    trial = latest_trial(session, agreement)
    if trial is not None and trial.state == TrialState.RUNNING:
        trial.state = TrialState.ABANDONED
