"""`slm proposals`: what is put to the customer's people before it is done."""

from typing import Annotated, Any, Literal

import typer
from rich.markup import escape
from sqlmodel import col, select

from cli.listing import Listing
from cli.terminal import AsJson, By, database, out, print_json, table
from config.clock import now
from models.agreements import Agreement
from models.database import reading, transaction
from models.proposals import Proposal, ProposalState
from models.reviews import ReviewDecision
from states import settling
from states.askers import asker_named
from states.document_values import Share, WorkingTime, read_value
from states.drafting import find_agreement
from states.proposal_accounts import proposal_told
from states.proposal_choice import Wanted, propose

app = typer.Typer(
    cls=Listing,
    help="What is put to the customer before it is done; without a command: the list.",
)
Every = Annotated[bool, typer.Option("--all", help="Also the ones that are settled.")]


@app.callback(invoke_without_command=True)
def proposals(context: typer.Context, every: Every = False, as_json: AsJson = False) -> None:
    """What is put to the customer before it is done; without a command: the list.

    Example: slm proposals --all --json
    """
    if context.invoked_subcommand is None:
        list_proposals("", every, as_json)


@app.command("list")
def list_proposals(
    reference: Annotated[str, typer.Argument(help="Only those of the agreement of this reference.")] = "",
    every: Every = False,
    as_json: AsJson = False,
) -> None:
    """List the proposals that wait for their approval.

    `slm proposals REFERENCE` lists those of one agreement alike.

    Example: slm proposals list SLA-Granite-Works --all --json
    """
    wanted = select(Proposal).order_by(col(Proposal.id))
    if not every:
        wanted = wanted.where(Proposal.state == ProposalState.ASKED)
    with database() as engine, reading(engine) as session:
        if reference:
            wanted = wanted.where(Proposal.agreement_id == find_agreement(session, reference).id)
        rows = [
            {"agreement": session.get_one(Agreement, row.agreement_id).reference}
            | proposal_told(session, row)
            for row in session.exec(wanted)
        ]
    if as_json:
        print_json(rows)
    elif rows:
        _print(rows)
    else:
        out.print("Nothing is put to a customer." if every else "No proposal waits for an answer.")


def _print(rows: list[dict[str, Any]]) -> None:
    listed = table("", "no.", "agreement", "proposed", "would be", "reason", "state", right=("no.",))
    for row in rows:
        by = f" by {', '.join(row['approved_by'])}" if row["state"] == "approved" else ""
        why = f": {row['outcome']}" if row["outcome"] else ""
        listed.add_row(
            str(row["number"]),
            escape(row["agreement"]),
            escape(row["title"]),
            escape(str(row["then"])),
            escape(row["reason"]),
            escape(row["state"] + by + why),
        )
    out.print(listed)


@app.command()
def ask(
    reference: Annotated[str, typer.Argument(help="The agreement's reference.")],
    reason: Annotated[str, typer.Option(help="Why; everybody who is asked reads it.")],
    counter_offer: Annotated[
        str | None, typer.Option("--counter-offer", help="The target whose counter-offer is put to them.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="The target that shall have other terms.")] = None,
    threshold: Annotated[str | None, typer.Option(help="Of --target: the working time, like 8h.")] = None,
    objective: Annotated[str | None, typer.Option(help="Of --target: the share, like 85%.")] = None,
    review: Annotated[
        Literal["renew", "renegotiate"] | None, typer.Option(help="What the review shall end in.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Who asks: a person of the agreement; by default its owner.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put a counter-offer, other terms for a target, or a review's outcome to the customer's signatories.

    Once all of them have approved, it is done.

    Example: slm proposals ask SLA-City-Hospital --target P2 --threshold 8h --reason "as the wards asked"
    """
    wanted = Wanted(
        counter_offer,
        target,
        read_value(WorkingTime, threshold, "--threshold"),
        read_value(Share, objective, "--objective"),
        ReviewDecision(review) if review else None,
    )
    with database() as engine, transaction(engine) as session:
        agreement = find_agreement(session, reference)
        asker = asker_named(session, agreement, by)
        told = proposal_told(session, propose(session, agreement, wanted, asker, reason, now()))
    if as_json:
        print_json(told)
    else:
        asked = ", ".join(row["person"] for row in told["requests"])
        line = f"{reference}: proposal {told['number']}, {told['title']}: asked {asked}"
        out.print(line, markup=False, soft_wrap=True)


@app.command()
def withdraw(
    number: Annotated[int, typer.Argument(help="The proposal's number.")],
    reason: Annotated[str, typer.Option(help="Why; whoever was asked is told.")],
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Take back a proposal that still waits for its approval.

    Example: slm proposals withdraw 3 --reason "decided in the meeting"
    """
    with database() as engine, transaction(engine) as session:
        proposal = settling.find(session, Proposal, number)
        settling.withdraw(session, proposal, by, reason, now())
        told = proposal_told(session, proposal)
    if as_json:
        print_json(told)
    else:
        out.print(f"proposal {number} is withdrawn")
