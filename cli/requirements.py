"""`slm requirements`: what is needed, what the evidence says about it, how it was settled, as a document."""

from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from cli.terminal import AsJson, By, database, out, print_json
from config.clock import now
from models.agreements import Agreement
from models.database import reading, transaction
from models.version_words import Origin, Settlement
from models.versions import Requirement
from states import requirements_document
from states.demands import demand_of, demands
from states.document_values import Demanded, WorkingTime, read_value
from states.drafting import find_agreement
from states.drafts import draft_of
from states.requirement_conversation import challenge, settle, state_requirement
from templates.printing import to_pdf
from web.views.requirements import requirements_page

app = typer.Typer(
    help="Service level requirements: stated, challenged, settled, printed.", no_args_is_help=True
)

Reference = Annotated[str, typer.Argument(help="The agreement's reference.")]
Number = Annotated[int, typer.Argument(help="The requirement's number, as `slm requirements list` has it.")]


@app.command("list")
def list_requirements(reference: Reference, as_json: AsJson = False) -> None:
    """List the requirements of the newest version, each against the last weeks of evidence.

    Example: slm requirements list SLA-City-Hospital
    """
    with database() as engine, reading(engine) as session:
        rows = _rows(session, find_agreement(session, reference))
    if as_json:
        print_json(rows)
        return
    if not rows:
        out.print(f"No requirement is stated yet: `slm requirements state {reference} TEXT` adds one.")
    for row in rows:
        _tell(row)


@app.command("state")
def state(
    reference: Reference,
    text: Annotated[str, typer.Argument(help="What is needed, in the words of who needs it.")],
    origin: Annotated[Origin, typer.Option(help="Who states it.")] = Origin.CUSTOMER,
    business_reason: Annotated[str, typer.Option(help="What the business needs it for.")] = "",
    target: Annotated[str | None, typer.Option(help="The id of the target that it asks for.")] = None,
    threshold: Annotated[str | None, typer.Option(help="The working time asked for, such as 4 h.")] = None,
    objective: Annotated[str | None, typer.Option(help="The share asked for, such as 95 %.")] = None,
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Add a requirement to the draft.

    Example: slm requirements state SLA-Granite-Works "Wards are served at night" --origin "senior management"
    """
    threshold_s: int | None = read_value(WorkingTime, threshold, "--threshold")
    share: float | None = read_value(Demanded, objective, "--objective")
    with database() as engine, transaction(engine) as session:
        agreement = find_agreement(session, reference)
        state_requirement(
            session,
            agreement,
            text,
            origin,
            by,
            now(),
            business_reason=business_reason,
            target_key=target,
            threshold_s=threshold_s,
            objective=share,
        )
        row = _rows(session, agreement)[-1]
    _print(row, as_json)


@app.command("challenge")
def challenge_requirement(
    reference: Reference, number: Number, by: By = "command line", as_json: AsJson = False
) -> None:
    """Hold a requirement against the evidence of the last weeks, and write that into its conversation.

    Example: slm requirements challenge SLA-City-Hospital 1 --by "Service manager"
    """
    with database() as engine, transaction(engine) as session:
        agreement = find_agreement(session, reference)
        challenge(session, agreement, number, by, now())
        row = _rows(session, agreement)[number - 1]
    _print(row, as_json)


@app.command("settle")
def settle_requirement(
    reference: Reference,
    number: Number,
    settlement: Annotated[Settlement, typer.Argument(help="accepted, reduced or dropped")],
    reason: Annotated[str, typer.Option(help="Why; the agreement prints it.")],
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Accept, reduce or drop a requirement, with the reason.

    Example: slm requirements settle SLA-City-Hospital 1 reduced --reason "nights cost more than they save"
    """
    with database() as engine, transaction(engine) as session:
        agreement = find_agreement(session, reference)
        settle(session, agreement, number, settlement, reason, by, now())
        row = _rows(session, agreement)[number - 1]
    _print(row, as_json)


@app.command("document")
def document(
    reference: Reference,
    number: Annotated[int | None, typer.Option(help="Of an issued one; by default the newest text.")] = None,
    html: Annotated[Path | None, typer.Option(help="File for the document as a page.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="File for the document as PDF.")] = None,
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Issue the service level requirements document as it stands, and write it to files.

    Where no file is named, nor --json given, it is written as PDF into this folder.

    Example: slm requirements document SLA-City-Hospital --pdf requirements.pdf
    """
    with database() as engine, transaction(engine) as session:
        agreement = find_agreement(session, reference)
        if number is None and draft_of(agreement) is not None:
            issued = requirements_document.issue(session, agreement, by, now())
        else:
            issued = requirements_document.find_document(session, agreement, number)
        told = {"agreement": reference, **requirements_document.as_data(issued)}
    if not (html or pdf or as_json):
        pdf = Path(f"{reference}-requirements-{told['number']}.pdf")
    page = requirements_page(told)
    # printed before anything is written, so that what cannot be printed leaves no half
    printed = to_pdf(page) if pdf else b""
    if html:
        html.write_text(page, "utf-8")
    if pdf:
        pdf.write_bytes(printed)
    if as_json:
        print_json(told)
    else:
        files = " and ".join(str(path) for path in (html, pdf) if path)
        written = f", written to {files}" if files else ""
        out.print(
            f"{reference}: requirements document {told['number']}, SHA-256 {told['sha256'][:12]}{written}",
            markup=False,
            soft_wrap=True,
        )


def _rows(session: Session, agreement: Agreement) -> list[dict[str, Any]]:
    version, at = draft_of(agreement) or agreement.versions[-1], now()
    figures = demands(session, agreement, version, at)
    rows = []
    for number, requirement in enumerate(version.requirements, 1):
        demand = demand_of(version, requirement, figures, at)
        rows.append(_row(number, requirement) | {"demand": demand.as_data() if demand else None})
    return rows


def _row(number: int, requirement: Requirement) -> dict[str, Any]:
    return {
        "number": number,
        "text": requirement.text,
        "origin": requirement.origin.value,
        "business_reason": requirement.business_reason,
        "target": requirement.target_key,
        "settlement": requirement.settlement.value,
        "reason": requirement.reason,
        "conversation": requirement.conversation,
    }


def _print(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(row)
    else:
        _tell(row)


def _tell(row: dict[str, Any]) -> None:
    settled = f"{row['settlement']}: {row['reason']}" if row["reason"] else row["settlement"]
    lines = [f"{row['number']}. {row['text']} ({row['origin']}), {settled}"]
    if row["demand"]:
        warning = "excessive: " if row["demand"]["verdict"] == "not met" else ""
        lines.append(f"   {warning}{row['demand']['sentence']}")
    lines += [
        f"   {remark['at'][:10]} {remark['act']} by {remark['by']}: {remark['text']}"
        for remark in row["conversation"]
    ]
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)
