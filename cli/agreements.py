"""`slm agreements, show, apply, export, advance`: agreements and their moves."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.markup import escape
from sqlmodel import col, select

from cli.story import tell
from cli.terminal import AsJson, By, database, out, parse_instant, print_json, standard_input, table
from config.clock import now
from config.errors import NotFoundError
from config.texts import read_stream
from models.agreements import Agreement
from models.database import reading, transaction
from states import lifecycle
from states.agreement_document import parse_document, read_document
from states.agreement_export import export_document
from states.drafting import apply_document, find_agreement
from states.evidence_notes import missing_evidence
from states.move import Trigger
from states.overview import account, summary
from states.trial_run import latest_trial
from templates.render import moment

Reference = Annotated[str, typer.Argument(help="The agreement's reference.")]


_STANDARD_INPUT = Path("-")


def list_agreements(as_json: AsJson = False) -> None:
    """List the agreements with their stages.

    Example: slm agreements --json
    """
    with database() as engine, reading(engine) as session:
        rows = [
            summary(agreement)
            for agreement in session.exec(select(Agreement).order_by(col(Agreement.reference))).all()
        ]
    if as_json:
        print_json(rows)
        return
    if not rows:
        out.print("There are no agreements yet: `slm apply FILE` writes one, `slm up` starts with a sample.")
        return
    listed = table("", "reference", "customer", "stage", "since", "in force")
    for row in rows:
        version = f"version {row['version_in_force']}" if row["version_in_force"] else "none yet"
        listed.add_row(
            escape(row["reference"]), escape(row["customer"]), row["stage"], row["since"][:10], version
        )
    out.print(listed)


def show(reference: Reference, as_json: AsJson = False) -> None:
    """Show an agreement's life, and what blocks each way on.

    Example: slm show SLA-City-Hospital
    """
    with database() as engine, reading(engine) as session:
        agreement = find_agreement(session, reference)
        told = account(session, agreement) | {"row_version": agreement.row_version}
        told["notes"] = missing_evidence(session, agreement, now())
        told["ways_on"] = [
            {
                "trigger": way.transition.trigger.value,
                "to": way.transition.target.value,
                "blocked_by": way.blockers,
            }
            for way in lifecycle.ways_on(session, agreement, agreement.owner.name, now())
        ]
    if as_json:
        print_json(told)
        return
    tell(told)
    _tell_ways_on(told["ways_on"])
    for note in told["notes"]:
        out.print(f"note: {note}", markup=False)


def _tell_ways_on(ways: list[dict[str, Any]]) -> None:
    listed = table("Ways on", "trigger", "to", "blocked by")
    for way in ways:
        listed.add_row(way["trigger"], way["to"], escape("; ".join(way["blocked_by"])) or "open")
    out.print(listed)


def apply(
    file: Annotated[Path, typer.Argument(help="A YAML or JSON document; - is standard input.")],
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Write the agreement that a document describes, or replace its draft.

    Example: slm apply sla-e-mail.yaml --by "Service manager"
    """
    document = (
        parse_document(read_stream(standard_input(), "standard input"), "standard input")
        if file == _STANDARD_INPUT
        else read_document(file)
    )
    with database() as engine, transaction(engine) as session:
        agreement = apply_document(session, document, by, now())
        told = summary(agreement) | {"notes": missing_evidence(session, agreement, now())}
    if as_json:
        print_json(told)
    else:
        out.print(f"{reference_of(told)} is written; its stage is {told['stage']}", markup=False)
        for note in told["notes"]:
            out.print(f"  note: {note}", markup=False)


def reference_of(told: dict[str, Any]) -> str:
    """Return the reference of an agreement told as data."""
    return str(told["reference"])


def export(
    reference: Reference,
    version: Annotated[int | None, typer.Option(help="Its number; by default the newest.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print an agreement as the document that `slm apply` takes.

    Example: slm export SLA-City-Hospital > sla.yaml
    """
    with database() as engine, reading(engine) as session:
        agreement = find_agreement(session, reference)
        numbered = {row.number: row for row in agreement.versions}
        wanted = version if version is not None else max(numbered)
        if wanted not in numbered:
            raise NotFoundError(f"{reference} has no version {wanted}")
        document = export_document(agreement, numbered[wanted])
    if as_json:
        print_json(document)
    else:
        typer.echo(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), nl=False)


def advance_agreement(
    reference: Reference,
    trigger: Annotated[Trigger, typer.Argument(help="What to do.")],
    by: By = "command line",
    reason: Annotated[str | None, typer.Option(help="Why, where the move wants a reason.")] = None,
    until: Annotated[str | None, typer.Option(help="The new end, for extend_trial.")] = None,
    expected_version: Annotated[
        int | None, typer.Option(help="Refuse if the agreement's row_version is another by now.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Move an agreement through its cycle; a blocked move says everything that blocks it.

    Example: slm advance SLA-City-Hospital start_trial --by "Service manager" --dry-run
    """
    end = parse_instant(until) if until else None
    with database() as engine:
        if dry_run:
            _preview(engine, reference, trigger, by, reason, end, as_json)
            return
        with transaction(engine) as session:
            agreement = find_agreement(session, reference)
            before = agreement.stage.value
            lifecycle.advance(session, agreement, trigger, by, now(), reason, expected_version, end)
            told = summary(agreement)
            trial = latest_trial(session, agreement) if trigger == Trigger.EXTEND_TRIAL else None
            if trial is not None:
                told["trial"] = {
                    "ends_at": trial.ends_at.isoformat(),
                    "closes_at": trial.closes_at.isoformat(),
                }
    if as_json:
        print_json(told)
        return
    out.print(f"{reference}: {trigger}: {before} -> {told['stage']}", markup=False)
    if "trial" in told:
        ends, closes = moment(told["trial"]["ends_at"]), moment(told["trial"]["closes_at"])
        out.print(f"  the intake ends {ends}, concluded from {closes}", markup=False)


def _preview(
    engine: Any, reference: str, trigger: Trigger, by: str, reason: str | None, end: Any, as_json: bool
) -> None:
    with reading(engine) as session:
        agreement = find_agreement(session, reference)
        transition, blocked = lifecycle.blockers(session, agreement, trigger, by, now(), reason, end)
    if as_json:
        told = {"trigger": trigger, "from": transition.source.value, "to": transition.target.value}
        print_json(told | {"effect": transition.effect_words, "blocked_by": blocked})
    else:
        out.print(f"{reference}: {trigger}: {transition.source} -> {transition.target}", markup=False)
        out.print(f"  then: {transition.effect_words}", markup=False)
        for blocker in blocked:
            out.print(f"  blocked: {blocker}", markup=False)
    if blocked:
        raise typer.Exit(1)
