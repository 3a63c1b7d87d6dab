"""The sweeps: each finds what is due, claims it row by row, and acts, one transaction a row.

A sweep is idempotent, and may run many times at once: rows are locked as they are claimed
(`FOR UPDATE SKIP LOCKED`; on SQLite the transaction holds the write lock from its start), and what
was done is not due any more. A row that fails is set aside for this run and does not stop the rest.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col
from sqlmodel.sql.expression import SelectOfScalar

from config.errors import UnreachableError
from config.settings import settings
from mail.imap import fetch_letters
from mail.links import blot_out
from models.agreements import Agreement, Stage
from models.assessments import ServicePeriod
from models.database import transaction
from models.trials import Trial
from models.versions import AgreementVersion
from states import (
    actions,
    approvals,
    exclusion_outcomes,
    lifecycle,
    monitoring,
    review,
    signed_documents,
    survey_outcomes,
    survey_schedule,
    surveys,
    trial_conclusion,
    trial_run,
)
from states.letters import deliver
from states.mailed_answers import ingest
from states.move import POLICY, SWEEP, Trigger
from templates.render import day

Row = TypeVar("Row", bound=SQLModel)
_log = logging.getLogger(__name__)


@dataclass
class SweepReport:
    """What a sweep did.

    Attributes:
        done: a line for each thing done.
        problems: a line for each thing that failed and was set aside.
    """

    sweep: str
    done: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def sweep_trials(engine: Engine, at: datetime) -> SweepReport:
    """Conclude every trial whose wait for open tickets is over."""
    report = SweepReport("trials")

    def conclude(session: Session, trial: Trial) -> str:
        agreement = session.get_one(Agreement, trial.agreement_id)
        trial_conclusion.conclude(session, agreement, trial, at)
        return f"{agreement.reference}: trial concluded"

    _each(engine, report, trial_run.trials_due(at), conclude)
    return report


def sweep_approvals(engine: Engine, at: datetime) -> SweepReport:
    """Remind signatories who have not answered, escalate, and close requests that ran out."""
    report = SweepReport("approvals")

    def remind(session: Session, request: Any) -> str:
        approvals.remind(session, request, at)
        return f"{request.person.name}: reminded"

    def expire(session: Session, request: Any) -> str:
        expiring = approvals if request.exclusion_id is None else exclusion_outcomes
        expiring.expire(session, request, at)
        return f"{request.person.name}: request ran out"

    _each(engine, report, approvals.requests_run_out(at), expire)
    _each(engine, report, approvals.reminders_due(at), remind)
    return report


def sweep_reviews(engine: Engine, at: datetime) -> SweepReport:
    """Assess every period that is over, begin the reviews that are due, renew what is green."""
    report = SweepReport("reviews")

    def assess(session: Session, period: ServicePeriod) -> str:
        agreement = session.get_one(Agreement, period.agreement_id)
        monitoring.close_period(session, agreement, period, at)
        return f"{agreement.reference}: period from {day(period.starts_at)} assessed"

    def begin(session: Session, agreement: Agreement) -> str:
        lifecycle.advance(session, agreement, Trigger.BEGIN_REVIEW, SWEEP, at)
        if not review.renewal_blockers_by_policy(session, agreement, at):
            lifecycle.advance(session, agreement, Trigger.RENEW, POLICY, at)
            return f"{agreement.reference}: reviewed and renewed, all green"
        return f"{agreement.reference}: review begun"

    _each(engine, report, monitoring.due_periods(at), assess)
    _each(engine, report, review.reviews_due(at), begin)
    return report


def sweep_surveys(engine: Engine, at: datetime) -> SweepReport:
    """Send the surveys that are due and count the ones whose time is over."""
    report = SweepReport("surveys")

    def ask(session: Session, agreement: Agreement, stage: Stage, subject: int, occasion: str) -> str:
        surveys.ask(session, agreement, stage, subject, occasion, at)
        return f"{agreement.reference}: asked about {occasion}"

    def ask_first(session: Session, agreement: Agreement) -> str:
        return ask(session, agreement, Stage.REQUIREMENTS, agreement.id, "the present service")

    def ask_about_trial(session: Session, trial: Trial) -> str:
        number = session.get_one(AgreementVersion, trial.version_id).number
        agreement = session.get_one(Agreement, trial.agreement_id)
        return ask(session, agreement, Stage.TRIAL_RUN, trial.id, f"the trial run of version {number}")

    def ask_about_period(session: Session, period: ServicePeriod) -> str:
        occasion = f"the service from {day(period.starts_at)} to {day(period.ends_at)}"
        agreement = session.get_one(Agreement, period.agreement_id)
        return ask(session, agreement, Stage.MONITORING, period.id, occasion)

    def close(session: Session, survey: Any) -> str:
        survey_outcomes.close(session, survey, at)
        return f"{survey.occasion}: {survey.known} answers counted"

    _each(engine, report, survey_schedule.agreements_to_ask(at), ask_first)
    _each(engine, report, survey_schedule.trials_to_ask_about(at), ask_about_trial)
    _each(engine, report, survey_schedule.periods_to_ask_about(at), ask_about_period)
    _each(engine, report, survey_schedule.due_surveys(at), close)
    return report


def sweep_revisions(engine: Engine, at: datetime) -> SweepReport:
    """Tell the owners of actions and target-revision tasks that are past due."""
    report = SweepReport("revisions")

    def remind(session: Session, action: Any) -> str:
        actions.remind_owner(session, action, at)
        return f"{action.title}: owner told that it is overdue"

    _each(engine, report, actions.overdue_actions(at), remind)
    return report


def sweep_mail(engine: Engine, at: datetime) -> SweepReport:
    """Send the letters that wait in the outbox, and print and seal the agreements that are newly signed."""
    sending = deliver(engine, at)
    report = SweepReport("mail")
    if sending.sent:
        report.done.append(f"{sending.sent} letters sent")
    if sending.failed:
        report.problems.append(f"{sending.failed} letters refused for good")
    if sending.problem:
        report.problems.append(sending.problem)
    report.done += signed_documents.make_unmade(engine, at)
    return report


def sweep_inbox(engine: Engine, at: datetime) -> SweepReport:
    """Fetch the answers that wait in the mailbox for them, if there is one; one that fails comes again."""
    report = SweepReport("inbox")
    if not settings().imap_host:
        return report

    def take_in(raw: bytes) -> bool:
        try:
            ingested = ingest(engine, raw, None, at)
        except UnreachableError:
            raise
        except Exception as error:
            # the database names in its errors what it was given: secrets, too
            told = blot_out(str(error).partition("\n")[0])[:200] or type(error).__name__
            _log.warning("inbox: a letter set aside: %s: %s", type(error).__name__, told)
            report.problems.append(f"a letter: {told}")
            return False
        report.done.append(f"{ingested.outcome.value}: {ingested.reason}")
        return True

    try:
        fetch_letters(take_in)
    except UnreachableError as error:
        report.problems.append(str(error))
    return report


SWEEPS: dict[str, Callable[[Engine, datetime], SweepReport]] = {
    "trials": sweep_trials,
    "approvals": sweep_approvals,
    "surveys": sweep_surveys,
    "reviews": sweep_reviews,
    "revisions": sweep_revisions,
    "mail": sweep_mail,
    "inbox": sweep_inbox,
}


def _each(
    engine: Engine,
    report: SweepReport,
    due: SelectOfScalar[Row],
    act: Callable[[Session, Row], str],
) -> None:
    """Claim and act on due rows, one transaction each, until none is left but those that failed."""
    model: Any = due.column_descriptions[0]["entity"]
    locked = [model]
    if model is not Agreement:
        # a move locks its agreement first: whoever locks in another order may wait for it crosswise
        held = aliased(Agreement)
        due = due.join(held, col(held.id) == model.agreement_id)
        locked.append(held)
    failed: set[int] = set()
    while True:
        claimed: int | None = None
        try:
            with transaction(engine) as session:
                row = session.exec(
                    due.where(col(model.id).not_in(failed))
                    .limit(1)
                    .with_for_update(skip_locked=True, of=locked)
                ).first()
                if row is None:
                    return
                claimed = row.id  # type: ignore[attr-defined]
                line = act(session, row)
        except Exception as error:
            if claimed is None:
                raise
            _log.warning("%s: row %s set aside: %s", report.sweep, claimed, error, exc_info=True)
            failed.add(claimed)
            told = str(error) or type(error).__name__
            report.problems.append(f"{model.__tablename__} {claimed}: {told}")
        else:
            report.done.append(line)
