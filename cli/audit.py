"""`slm audit`: the audit trail."""

import typer
from sqlmodel import col, select

from cli.terminal import AsJson, database, err, out, print_json
from models.agreements import Agreement
from models.database import reading
from states.audit import events_of, faults

app = typer.Typer(help="The audit trail.", no_args_is_help=True)


@app.callback()
def _audit() -> None:
    """The audit trail."""


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Check every agreement's chain: a changed, missing or swapped event is found. Exit code 1 if one is.

    Example: slm audit verify
    """
    with database() as engine, reading(engine) as session:
        agreements = session.exec(select(Agreement).order_by(col(Agreement.reference))).all()
        found = [fault for agreement in agreements for fault in faults(session, agreement)]
        events = sum(len(events_of(session, agreement)) for agreement in agreements)
    if as_json:
        print_json({"agreements": len(agreements), "events": events, "faults": found})
    for fault in [] if as_json else found:
        err.print(fault, soft_wrap=True, markup=False)
    if found:
        raise typer.Exit(1)
    if not as_json:
        out.print(f"{events} events of {len(agreements)} agreements: every chain is whole")
