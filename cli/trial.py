"""`slm trial`: a trial's plan before it starts, how it stands, and its conclusion."""

from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session

from cli.terminal import AsJson, By, database, out, print_json
from cli.trial_text import tell_conclusion, tell_plan, tell_status
from config.clock import now
from config.errors import BadInputError, SlmError
from models.agreements import Agreement
from models.database import reading, transaction
from models.trials import Trial, TrialState
from models.versions import AgreementVersion
from states.document_values import Share
from states.drafting import find_agreement
from states.trial_conclusion import conclude_now
from states.trial_misses import misses_of
from states.trial_plan import plan_trial
from states.trial_run import latest_trial
from states.trial_status import trial_status
from states.trial_terms import TrialTerms, choose_terms, draft_to_try
from states.trial_told import conclusion_told, plan_told, status_told
from states.trial_words import terms_in_words

app = typer.Typer(help="Trial runs: planned, watched, concluded.", no_args_is_help=True)

Reference = Annotated[str, typer.Argument(help="The agreement's reference.")]
_SHARE: TypeAdapter[float] = TypeAdapter(Share)


@app.command()
def plan(
    reference: Reference,
    days: Annotated[int | None, typer.Option(help="Length of the intake; by default the draft's.")] = None,
    confidence: Annotated[
        str | None, typer.Option(help="Of the trial's verdicts, such as 0.9 or 90%; by default the draft's.")
    ] = None,
    looks: Annotated[
        int | None, typer.Option(help="How many times it may be judged in all, should it be extended.")
    ] = None,
    choose: Annotated[bool, typer.Option("--choose", help="Write these terms into the draft.")] = False,
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Say what the draft's trial would need and expect, and its chance to decide at all.

    Example: slm trial plan SLA-City-Hospital --days 42 --confidence 0.9
    """
    at = now()
    with database() as engine:
        with reading(engine) as session:
            agreement = find_agreement(session, reference)
            draft = draft_to_try(agreement)
            terms = _terms(TrialTerms.of(draft), days, confidence, looks)
            planned = plan_trial(session, agreement, draft, at, terms)
            told = {"agreement": reference, **plan_told(planned)}
        if choose:
            with transaction(engine) as session:
                choose_terms(session, find_agreement(session, reference), terms, by, at)
    if as_json:
        print_json(told)
        return
    tell_plan(reference, planned)
    if choose:
        out.print(f"Chosen for the draft: {terms_in_words(terms)}.")


@app.command()
def status(reference: Reference, as_json: AsJson = False) -> None:
    """Say how the newest trial stands: provisional figures while it runs, its verdicts and misses after.

    Example: slm trial status SLA-City-Hospital
    """
    at = now()
    with database() as engine, reading(engine) as session:
        agreement = find_agreement(session, reference)
        trial = latest_trial(session, agreement)
        if trial is None:
            raise SlmError(f"{reference} has had no trial yet: `slm trial plan {reference}` plans one")
        if trial.state == TrialState.RUNNING:
            running = trial_status(session, agreement, trial, at)
            told = {"agreement": reference, **status_told(running)}
            if not as_json:
                tell_status(reference, running)
        else:
            told = _concluded(session, agreement, trial)
            if not as_json:
                tell_conclusion(told)
    if as_json:
        print_json(told)


@app.command()
def conclude(reference: Reference, by: By = "command line", as_json: AsJson = False) -> None:
    """Conclude a trial whose wait for open tickets is over, as the next sweep would.

    Example: slm trial conclude SLA-City-Hospital --by "Service manager"
    """
    with database() as engine, transaction(engine) as session:
        agreement = find_agreement(session, reference)
        trial = conclude_now(session, agreement, by, now())
        told = _concluded(session, agreement, trial)
    if as_json:
        print_json(told)
    else:
        tell_conclusion(told)


def _terms(drafted: TrialTerms, days: int | None, confidence: str | None, looks: int | None) -> TrialTerms:
    """The draft's terms, with those that were given in their place."""
    sure = drafted.confidence
    if confidence is not None:
        try:
            sure = _SHARE.validate_python(confidence if "%" in confidence else float(confidence))
        except (ValidationError, ValueError):
            raise BadInputError(f"--confidence {confidence}: write a share like 0.9 or 90%") from None
    return TrialTerms(drafted.days if days is None else days, sure, drafted.looks if looks is None else looks)


def _concluded(session: Session, agreement: Agreement, trial: Trial) -> dict[str, Any]:
    assert trial.concluded_at is not None, "it is concluded"
    version = session.get_one(AgreementVersion, trial.version_id)
    misses = misses_of(session, agreement, trial, trial.concluded_at)
    return {"agreement": agreement.reference, **conclusion_told(trial, version, misses)}
