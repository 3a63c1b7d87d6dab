"""`slm import`: tickets from another system's log."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.terminal import AsJson, database, err, out, print_json, progress_bar
from evidence.importer import ImportSummary, import_log
from evidence.mappings import load_mapping


def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV file, maybe packed with gzip.")],
    mapping: Annotated[str, typer.Option(help="A known mapping, or a TOML file of your own.")],
    customer_by: Annotated[str | None, typer.Option(help="The column that tells customers apart.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import tickets with all their states; the same file twice changes nothing.

    Example: slm import incidents.csv.gz --mapping uci-incident --customer-by location
    """
    described = load_mapping(mapping)
    with database() as engine, progress_bar(f"Reading {file.name}") as progress:
        summary = import_log(engine, file, described, customer_by=customer_by, progress=progress)
    if as_json:
        print_json(_plain(summary))
        return
    out.print(
        f"{summary.rows} rows of {summary.tickets} tickets read in {summary.seconds:.1f} s: "
        f"{summary.new_tickets} tickets and {summary.new_intervals} intervals are new"
    )
    for line in summary.assumed:
        out.print(f"  assumed: {line}", markup=False)
    if summary.rejected:
        err.print(
            f"{summary.rejected} rows rejected, see {summary.rejected_file}", markup=False, soft_wrap=True
        )


def _plain(summary: ImportSummary) -> dict[str, Any]:
    return {
        "file": str(summary.file),
        "source": summary.source,
        "rows": summary.rows,
        "tickets": summary.tickets,
        "new_tickets": summary.new_tickets,
        "new_intervals": summary.new_intervals,
        "rejected": summary.rejected,
        "rejected_file": str(summary.rejected_file) if summary.rejected_file else None,
        "assumed": summary.assumed,
        "seconds": round(summary.seconds, 3),
    }
