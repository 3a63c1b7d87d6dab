"""`slm targets`: what to do about a target that the evidence does not bear out."""

from typing import Annotated

import typer

from cli.terminal import AsJson, By, database, out, print_json
from config.clock import now
from models.database import transaction
from states.drafting import find_agreement
from states.promises import promise_of
from states.target_revisions import accept_risk, adopt_counter_offer

app = typer.Typer(help="Service level targets of a draft.", no_args_is_help=True)

Reference = Annotated[str, typer.Argument(help="The agreement's reference.")]
Target = Annotated[str, typer.Argument(help="The target's id within the agreement.")]


@app.command()
def adopt(reference: Reference, target: Target, by: By = "command line", as_json: AsJson = False) -> None:
    """Put a target's counter-offer into the draft.

    Example: slm targets adopt SLA-City-Hospital P2 --by "Service manager"
    """
    with database() as engine, transaction(engine) as session:
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
        print_json({"reference": reference, "target": target, "promise": promise, "accepted_risk": risk})
    else:
        words = f"; risk accepted: {risk}" if risk else ""
        out.print(f"{reference}: {target}: {promise}{words}", markup=False)
