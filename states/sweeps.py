"""The sweeps: each finds what is due, claims it and acts; many may run at once (see `states.due_rows`)."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from config.errors import UnreachableError
from config.settings import settings
from mail.error_lines import in_one_line
from mail.imap import fetch_letters
from models.agreements import Agreement, Stage
from models.assessments import ServicePeriod
from models.database import reading
from models.trials import Trial
from models.versions import AgreementVersion
from states import (
    actions,
    approvals,
    closing,
    lifecycle,
    monitoring,
    review,
    settling,
    signed_documents,
    survey_outcomes,
    survey_schedule,
    surveys,
    terms,
    trial_conclusion,
    trial_run,
)
from states.due_rows import SweepReport, Work, act_on_each, act_together
from states.letters import deliver
from states.mailed_answers import ingest
from states.move import POLICY, SWEEP, Trigger
from templates.languages.telling import told
from templates.render import span

_log = logging.getLogger(__name__)


def sweep_trials(engine: Engine, at: datetime) -> SweepReport:
    """Conclude every trial whose wait for open tickets is over."""
    report = SweepReport("trials")

    def conclude(session: Session, trial: Trial) -> str:
        agreement = session.get_one(Agreement, trial.agreement_id)
        trial_conclusion.conclude(session, agreement, trial, at)
        return f"{agreement.reference}: trial concluded"

    act_on_each(engine, report, trial_run.trials_due(at), conclude)
    return report


def sweep_approvals(engine: Engine, at: datetime) -> SweepReport:
    """Remind signatories who have not answered, escalate, and close requests that ran out."""
    report = SweepReport("approvals")

    def remind(session: Session, request: Any) -> str:
        reminded = approvals.remind_on_a_working_day(session, request, at)
        return f"{request.person.name}: {'reminded' if reminded else 'not reminded on a free day'}"

    def expire(session: Session, request: Any) -> str:
        settling.expire(session, request, at)
        return f"{request.person.name}: request ran out"

    act_on_each(engine, report, approvals.requests_run_out(at), expire)
    act_on_each(engine, report, approvals.reminders_due(at), remind)
    return report


def sweep_reviews(engine: Engine, at: datetime) -> SweepReport:
    """Assess what is over, end what reached its term, begin the reviews that are due, renew what is green."""
    report = SweepReport("reviews")

    def assess(session: Session, periods: Sequence[ServicePeriod]) -> Work:
        return closing.closings(session, periods, at)

    def begin(session: Session, agreement: Agreement) -> str:
        lifecycle.advance(session, agreement, Trigger.BEGIN_REVIEW, SWEEP, at)
        if not review.renewal_blockers_by_policy(session, agreement, at):
            lifecycle.advance(session, agreement, Trigger.RENEW, POLICY, at)
            return f"{agreement.reference}: reviewed and renewed, all green"
        return f"{agreement.reference}: review begun"

    def end(session: Session, agreement: Agreement) -> str:
        terms.end_at_term(session, agreement, at)
        return f"{agreement.reference}: ended with its term"

    def tell_of_end(session: Session, version: AgreementVersion) -> str:
        terms.tell_of_end(session, version, at)
        return f"{version.agreement.reference}: {version.agreement.owner.name} told of its end"

    act_together(engine, report, monitoring.due_periods(at), assess, closing.PERIODS_AT_A_TIME)
    with reading(engine) as session:
        ends = terms.ends_to_tell(session, at)
    act_on_each(engine, report, ends, tell_of_end)
    act_on_each(engine, report, terms.terms_over(at), end)
    act_on_each(engine, report, review.reviews_due(at), begin)
    return report


def sweep_surveys(engine: Engine, at: datetime) -> SweepReport:
    """Send the surveys that are due and count the ones whose time is over."""
    report = SweepReport("surveys")

    def ask(
        session: Session,
        agreement: Agreement,
        stage: Stage,
        subject: int,
        occasion: str,
        latest: datetime | None = None,
    ) -> str:
        surveys.ask(session, agreement, stage, subject, occasion, at, latest)
        return f"{agreement.reference}: asked about {occasion}"

    def ask_first(session: Session, agreement: Agreement) -> str:
        return ask(session, agreement, Stage.REQUIREMENTS, agreement.id, told("the present service"))

    def ask_about_trial(session: Session, trial: Trial) -> str:
        number = session.get_one(AgreementVersion, trial.version_id).number
        agreement = session.get_one(Agreement, trial.agreement_id)
        return ask(
            session,
            agreement,
            Stage.TRIAL_RUN,
            trial.id,
            told("the trial run of version %(number)s", number=number),
        )

    def ask_about_period(session: Session, period: ServicePeriod) -> str:
        agreement = session.get_one(Agreement, period.agreement_id)
        zone = monitoring.period_zone(agreement, period)
        occasion = told("the service (%(period)s)", period=span(period.starts_at, period.ends_at, zone))
        return ask(session, agreement, Stage.MONITORING, period.id, occasion, period.closes_at)

    def close(session: Session, survey: Any) -> str:
        survey_outcomes.close(session, survey, at)
        return f"{survey.occasion}: {survey.known} answers counted"

    act_on_each(engine, report, survey_schedule.agreements_to_ask(at), ask_first)
    act_on_each(engine, report, survey_schedule.trials_to_ask_about(at), ask_about_trial)
    act_on_each(engine, report, survey_schedule.periods_to_ask_about(at), ask_about_period)
    act_on_each(engine, report, survey_schedule.due_surveys(at), close)
    return report


def sweep_revisions(engine: Engine, at: datetime) -> SweepReport:
    """Tell the owners of actions and target-revision tasks that are past due."""
    report = SweepReport("revisions")

    def remind(session: Session, action: Any) -> str:
        actions.remind_owner(session, action, at)
        return f"{action.title}: owner told that it is overdue"

    act_on_each(engine, report, actions.overdue_actions(at), remind)
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
            told = in_one_line(error)
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
