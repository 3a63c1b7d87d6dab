"""`slm tick`: every sweep once, without Prefect."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.terminal import AsJson, database, err, out, print_json
from config.clock import now
from states.sweeps import SWEEPS


def tick(
    only: Annotated[list[str] | None, typer.Option(help="A sweep; may be given several times.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run each sweep once: trials, approvals, surveys, reviews, revisions, mail, inbox. Exit 1 on trouble.

    Example: slm tick --only reviews --only mail
    """
    for name in only or []:
        if name not in SWEEPS:
            raise typer.BadParameter(
                f"there is no sweep {name!r}; there are: {', '.join(SWEEPS)}", param_hint="'--only'"
            )
    with database() as engine:
        reports = [SWEEPS[name](engine, now()) for name in SWEEPS if not only or name in only]
    if as_json:
        print_json([asdict(report) for report in reports])
    for report in [] if as_json else reports:
        out.print(f"{report.sweep}: {len(report.done)} done", markup=False)
        for line in report.done:
            out.print(f"  {line}", markup=False)
        for line in report.problems:
            err.print(f"slm: {report.sweep}: {line}", markup=False, soft_wrap=True)
    if any(report.problems for report in reports):
        raise typer.Exit(1)
