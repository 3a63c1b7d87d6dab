"""`slm exclusions`: time that shall not count, asked for, listed, taken back."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from sqlmodel import col, select

from cli.terminal import AsJson, By, database, out, parse_instant, print_json, table
from config.clock import now
from config.errors import BadInputError
from models.agreements import Agreement
from models.database import reading, transaction
from models.exclusions import Exclusion
from states import settling
from states.askers import asker_named
from states.drafting import find_agreement
from states.exclusion_accounts import exclusion_told
from states.exclusions import ask_exclusion

app = typer.Typer(help="Time that does not count, once the customer has approved.", no_args_is_help=True)


@app.command()
def ask(
    reference: Annotated[str, typer.Argument(help="The agreement's reference.")],
    start: Annotated[str, typer.Option("--from", help="The first instant that shall not count.")],
    end: Annotated[str, typer.Option("--to", help="The first instant that counts again.")],
    reason: Annotated[str, typer.Option(help="Why; the report prints it.")],
    ticket: Annotated[str, typer.Option(help="Only for the ticket of this number.")] = "",
    population: Annotated[
        list[str] | None,
        typer.Option(help="Only where an attribute is so: priority=2; may be given several times."),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Who asks: a person of the agreement; by default its owner.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the customer that a stretch of time shall not count; its signatories get letters.

    Example: slm exclusions ask SLA-City-Hospital --from 2026-03-17 --to 2026-03-18 --reason "strike"
    """
    starts_at, ends_at = parse_instant(start), parse_instant(end)
    narrowed = dict(_attribute(text) for text in population or [])
    with database() as engine, transaction(engine) as session:
        agreement = find_agreement(session, reference)
        asker = asker_named(session, agreement, by)
        exclusion = ask_exclusion(
            session, agreement, asker, reason, starts_at, ends_at, now(), ticket=ticket, population=narrowed
        )
        told = exclusion_told(session, exclusion)
    if as_json:
        print_json(told)
    else:
        asked = ", ".join(row["person"] for row in told["requests"])
        out.print(
            f"{reference}: exclusion {told['number']}, for {told['scope']}: asked {asked}",
            markup=False,
            soft_wrap=True,
        )


def _attribute(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name.strip() and equals and value.strip()):
        raise BadInputError(f"'{text}' is no attribute with its value: write it like priority=2")
    return name.strip(), value.strip()


@app.command("list")
def list_exclusions(
    reference: Annotated[str | None, typer.Argument(help="One agreement; by default all.")] = None,
    as_json: AsJson = False,
) -> None:
    """List exclusions with what the customer answered, the newest first.

    Example: slm exclusions list SLA-City-Hospital --json
    """
    wanted = select(Exclusion).order_by(col(Exclusion.id).desc())
    with database() as engine, reading(engine) as session:
        if reference:
            wanted = wanted.where(Exclusion.agreement_id == find_agreement(session, reference).id)
        rows = [
            {"agreement": session.get_one(Agreement, row.agreement_id).reference}
            | exclusion_told(session, row)
            for row in session.exec(wanted)
        ]
    if as_json:
        print_json(rows)
    elif rows:
        _print(rows)
    else:
        out.print("No exclusion has been asked for.")


def _print(rows: list[dict[str, Any]]) -> None:
    listed = table("", "no.", "agreement", "from", "to", "for", "reason", "state", right=("no.",))
    for row in rows:
        by = f" by {', '.join(row['approved_by'])}" if row["state"] == "approved" else ""
        listed.add_row(
            str(row["number"]),
            escape(row["agreement"]),
            row["from"][:16],
            row["to"][:16],
            escape(row["scope"]),
            escape(row["reason"]),
            escape(row["state"] + by),
        )
    out.print(listed)


@app.command()
def withdraw(
    number: Annotated[int, typer.Argument(help="The exclusion's number.")],
    reason: Annotated[str, typer.Option(help="Why; whoever was asked is told.")],
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Take back an exclusion that still waits for its approval.

    Example: slm exclusions withdraw 3 --reason "asked for the wrong day"
    """
    with database() as engine, transaction(engine) as session:
        exclusion = settling.find(session, Exclusion, number)
        settling.withdraw(session, exclusion, by, reason, now())
        told = exclusion_told(session, exclusion)
    if as_json:
        print_json(told)
    else:
        out.print(f"exclusion {number} is withdrawn")
