"""`slm import`: tickets from another system's log, targets from OpenSLO, mappings proposed."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from pydantic import ValidationError

from cli.terminal import AsJson, database, err, out, print_json, progress_bar, standard_input
from config.errors import BadInputError
from evidence.guessing import guessed_mapping
from evidence.importer import ImportSummary, import_feed, import_log
from evidence.mappings import Mapping, load_mapping, remade
from evidence.openslo import read_openslo
from evidence.packed import Content
from states.document_parts import TargetPart

_OPENSLO = "openslo"
_STANDARD_INPUT = Path("-")


def import_file(
    file: Annotated[
        Path, typer.Argument(help="CSV, JSON, Excel, Parquet or XES, maybe packed; - for JSON lines to come.")
    ],
    mapping: Annotated[
        str | None, typer.Option(help="A known mapping, or a TOML file of your own; openslo for targets.")
    ] = None,
    customer_by: Annotated[str | None, typer.Option(help="The column that tells customers apart.")] = None,
    source: Annotated[
        str | None, typer.Option(help="The evidence source to keep the tickets under, not the mapping's.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="The zone of times without one, not the mapping's.")
    ] = None,
    date_format: Annotated[
        str | None, typer.Option(help="How times are written, such as %d/%m/%Y %H:%M, not the mapping's.")
    ] = None,
    guess: Annotated[
        bool, typer.Option("--guess", help="Import nothing: propose a mapping from the file's header.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import tickets with all their states, or measured values; the same file twice changes nothing.

    Example: slm import incidents.csv.gz --mapping uci-incident --customer-by location
    """
    if guess:
        _guess(file, as_json)
        return
    if mapping is None:
        raise typer.BadParameter("name one, or let --guess propose it", param_hint="'--mapping'")
    if mapping == _OPENSLO:
        _print_targets(file, as_json)
        return
    changes = {"source": source, "zone": zone, "date_format": date_format}
    described = remade(load_mapping(mapping), changes).with_customer(customer_by)
    summary = _imported(file, described)
    if as_json:
        print_json(plain(summary))
    else:
        _tell(summary, described)
    if summary.rejected == summary.rows > 0:
        raise typer.Exit(1)


def _tell(summary: ImportSummary, described: Mapping) -> None:
    out.print(_line(summary, values=described.shape == "values"))
    for line in summary.assumed:
        out.print(f"  assumed: {line}", markup=False)
    if summary.rejected:
        err.print(
            f"{summary.rejected} rows rejected, see {summary.rejected_file}", markup=False, soft_wrap=True
        )


def _line(summary: ImportSummary, values: bool) -> str:
    if values:
        return f"{summary.rows} rows read in {summary.seconds:.1f} s: {summary.new_values} values are new"
    return (
        f"{summary.rows} rows of {summary.tickets} tickets read in {summary.seconds:.1f} s: "
        f"{summary.new_tickets} tickets and {summary.new_intervals} intervals are new"
    )


def plain(summary: ImportSummary) -> dict[str, Any]:
    """Return a summary as plain data."""
    return {
        "file": str(summary.file),
        "source": summary.source,
        "rows": summary.rows,
        "tickets": summary.tickets,
        "new_tickets": summary.new_tickets,
        "new_intervals": summary.new_intervals,
        "new_values": summary.new_values,
        "rejected": summary.rejected,
        "rejected_file": str(summary.rejected_file) if summary.rejected_file else None,
        "assumed": summary.assumed,
        "seconds": round(summary.seconds, 3),
    }


def _imported(file: Path, mapping: Mapping) -> ImportSummary:
    if file == _STANDARD_INPUT:
        with database() as engine:
            return import_feed(engine, standard_input(), mapping)
    with database() as engine, progress_bar(f"Reading {file.name}") as progress:
        return import_log(engine, file, mapping, progress=progress)


def _guess(file: Path, as_json: bool) -> None:
    name, content = file.name.partition(".")[0] or "mine", Content(file)
    if file == _STANDARD_INPUT:
        name, content = "mine", Content(Path("standard input"), standard_input().read())
    try:
        proposed = guessed_mapping(content, name)
    except OSError as error:
        raise BadInputError(f"{file}: {error.strerror or error}") from None
    if as_json:
        print_json({"mapping": proposed})
    else:
        sys.stdout.write(proposed)


def _print_targets(file: Path, as_json: bool) -> None:
    shared = read_openslo(file)
    for target in shared.targets:
        try:
            TargetPart.model_validate(target)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise BadInputError(f"{file}: {target['id']}: {place}: {first['msg']}") from None
    if as_json:
        print_json({"targets": shared.targets, "left_out": shared.left_out, "assumed": shared.assumed})
        return
    sys.stdout.write(yaml.safe_dump({"targets": shared.targets}, sort_keys=False, allow_unicode=True))
    for name, reason in shared.left_out.items():
        err.print(f"left out: {name}: {reason}", markup=False, soft_wrap=True)
    for line in shared.assumed:
        err.print(f"assumed: {line}", markup=False, soft_wrap=True)
