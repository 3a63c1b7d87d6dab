"""`slm sample`: a year of tickets whose truth is known."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.terminal import AsJson, out, parse_day, print_json, progress_bar
from config.clock import now
from evidence.sample import generate_sample


def sample(
    folder: Annotated[Path, typer.Argument(help="Where the files are written.")] = Path("var/sample"),
    seed: Annotated[int, typer.Option(min=0, help="The same seed and dates give the same files.")] = 7,
    until: Annotated[str | None, typer.Option(help="Last day; by default yesterday's.")] = None,
    days: Annotated[int, typer.Option(min=30, max=3660, help="Length in days.")] = 365,
    as_json: AsJson = False,
) -> None:
    """Generate a sample: a provider, three customers, six services, tickets and satisfaction.

    Example: slm sample var/sample --seed 7 --until 2026-06-30
    """
    last = parse_day(until) if until else now().date() - timedelta(days=1)
    with progress_bar("Making tickets") as progress:
        made = generate_sample(folder, seed=seed, until=last, days=days, progress=progress)
    told = {
        "log": str(made.log),
        "satisfaction": str(made.satisfaction),
        "from": made.first_day.isoformat(),
        "to": made.last_day.isoformat(),
        "tickets": made.tickets,
    }
    if as_json:
        print_json(told)
        return
    out.print(f"{made.tickets} tickets from {made.first_day} to {made.last_day} in {made.log}", markup=False)
    out.print(f"satisfaction answers in {made.satisfaction}", markup=False)
