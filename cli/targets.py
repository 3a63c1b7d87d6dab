"""`slm targets`: what to do about a target that the evidence does not bear out."""

from typing import Annotated

import typer

from cli import process_targets
from cli.terminal import AsJson, By, database, out, print_json
from config.clock import now
from models.database import transaction
from states.drafting import find_agreement
from states.promises import promise_of
from states.target_revisions import accept_risk, adopt_condition, adopt_counter_offer

app = typer.Typer(help="Service level targets of a draft.", no_args_is_help=True)
app.command("decompose")(process_targets.decompose)
app.command("check")(process_targets.check)

Reference = Annotated[str, typer.Argument(help="The agreement's reference.")]
Target = Annotated[str, typer.Argument(help="The target's id within the agreement.")]


@app.command()
def adopt(
    reference: Reference,
    target: Target,
    condition: Annotated[
        bool, typer.Option("--condition", help="Split the target as its trial's condition says instead.")
    ] = False,
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Put a target's counter-offer into the draft, or split it in two by the condition that its trial found.

    Example: slm targets adopt SLA-City-Hospital P2 --by "Service manager"
    """
    with database() as engine, transaction(engine) as session:
        if condition:
            parts = adopt_condition(session, find_agreement(session, reference), target, by, now())
            told = [(row.key, promise_of(row), row.accepted_risk) for row in parts]
            if as_json:
                print_json([_told(reference, *row) for row in told])
            for row in [] if as_json else told:
                _print(reference, *row, as_json)
            return
        revised = adopt_counter_offer(session, find_agreement(session, reference), target, by, now())
        _print(reference, target, promise_of(revised), revised.accepted_risk, as_json)


@app.command("accept-risk")
def accept(
    reference: Reference,
    target: Target,
    reason: Annotated[str, typer.Option(help="Why; the agreement prints it.")],
    by: Annotated[str, typer.Option("--by", help="By whose name the risk is accepted.")],
    as_json: AsJson = False,
) -> None:
    """Offer a target all the same, by name and with the reason.

    Example: slm targets accept-risk SLA-City-Hospital P1 --by "Head of delivery" --reason "more staff in May"
    """
    with database() as engine, transaction(engine) as session:
        revised = accept_risk(session, find_agreement(session, reference), target, by, reason, now())
        _print(reference, target, promise_of(revised), revised.accepted_risk, as_json)


def _print(reference: str, target: str, promise: str, risk: str, as_json: bool) -> None:
    if as_json:
        print_json(_told(reference, target, promise, risk))
    else:
        words = f"; risk accepted: {risk}" if risk else ""
        out.print(f"{reference}: {target}: {promise}{words}", markup=False)


def _told(reference: str, target: str, promise: str, risk: str) -> dict[str, str]:
    return {"reference": reference, "target": target, "promise": promise, "accepted_risk": risk}
