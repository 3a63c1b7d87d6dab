"""`slm replay`: the whole cycle over a real ticket log, with a simulated clock."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.markup import escape
from sqlalchemy import Engine
from sqlmodel import select

from cli.story import tell
from cli.terminal import AsJson, database, err, out, parse_day, print_json, progress_bar
from config.errors import SlmError
from evidence.importer import ImportSummary, import_log
from evidence.mappings import load_mapping
from models.agreements import Agreement
from models.database import open_engine, reading, upgrade
from states.replay import ReplayPlan, accounts, hand_over, replay
from states.stated_targets import by_policy, read_stated


def replay_log(
    file: Annotated[Path, typer.Argument(help="A CSV file, maybe packed with gzip.")],
    mapping: Annotated[str, typer.Option(help="A known mapping, or a TOML file of your own.")],
    first: Annotated[str, typer.Option("--from", help="First day, such as 2016-03-01.")],
    last: Annotated[str, typer.Option("--to", help="Last day.")],
    customer_by: Annotated[str | None, typer.Option(help="The column that tells customers apart.")] = None,
    requirements: Annotated[
        Path | None, typer.Option(help="YAML file with the stated `targets`; by default policy's.")
    ] = None,
    provider: Annotated[str, typer.Option(help="Name of the provider.")] = "IT services",
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the result in your database, which must have no agreement.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Drive one agreement for each customer through the cycle, over a history of tickets.

    Example: slm replay log.csv.gz --mapping uci-incident --from 2016-03-01 --to 2016-06-30
    """
    began = time.perf_counter()
    described = load_mapping(mapping)
    plan = ReplayPlan(
        source=described.evidence_source,
        first=parse_day(first),
        last=parse_day(last),
        provider=provider,
        stated=read_stated(requirements) if requirements else by_policy(),
        services=["Incident handling"],
    )
    if plan.last < plan.first:
        raise SlmError(f"--to {plan.last} lies before --from {plan.first}")

    def run(engine: Engine) -> dict[str, Any]:
        with progress_bar(f"Reading {file.name}") as progress:
            imported = import_log(engine, file, described, customer_by=customer_by, progress=progress)
        with progress_bar("Replaying days") as progress:
            left_out = replay(engine, plan, progress)
        return _told(engine, imported, left_out)

    told = _in_own_database(run) if keep else _in_passing_database(run)
    told["seconds"] = round(time.perf_counter() - began, 3)
    if as_json:
        print_json(told)
    else:
        _tell_all(told)


def _in_passing_database(run: Any) -> dict[str, Any]:
    with TemporaryDirectory(prefix="slm-replay-") as folder:
        engine = open_engine(f"sqlite:///{folder}/replay.db")
        upgrade(engine)
        try:
            return run(engine)  # type: ignore[no-any-return]
        finally:
            engine.dispose()


def _in_own_database(run: Any) -> dict[str, Any]:
    with database() as engine:
        with reading(engine) as session:
            if session.exec(select(Agreement.id).limit(1)).first() is not None:
                raise SlmError("--keep wants a database without agreements, and this one has some")
        told: dict[str, Any] = run(engine)
        hand_over(engine)
        return told


def _told(engine: Engine, imported: ImportSummary, left_out: dict[str, str]) -> dict[str, Any]:
    agreements, letters = accounts(engine)
    return {
        "tickets": {"rows": imported.rows, "tickets": imported.tickets, "rejected": imported.rejected},
        "agreements": agreements,
        "left_out": [{"customer": name, "reason": reason} for name, reason in left_out.items()],
        "letters": letters,
    }


def _tell_all(told: dict[str, Any]) -> None:
    tickets = told["tickets"]
    out.print(f"{tickets['rows']} rows, {tickets['tickets']} tickets, {tickets['rejected']} rows rejected")
    for agreement in told["agreements"]:
        tell(agreement)
    for row in told["left_out"]:
        err.print(f"left out: {escape(row['customer'])}: {escape(row['reason'])}", soft_wrap=True)
    out.print(f"{told['letters']} letters written; {told['seconds']:.1f} s")
