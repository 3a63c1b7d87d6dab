"""`slm assess`: the frozen figures of closed periods, and their restatements beside them."""

from importlib.metadata import version
from typing import Annotated, Any

import typer
from sqlmodel import Session, col, select

from cli.terminal import AsJson, database, err, out, print_json
from config.clock import now
from config.errors import BadInputError
from models.agreements import Agreement
from models.assessments import Assessment
from models.database import reading, transaction
from states import restatements
from states.assessment_check import assessments_of, check
from states.drafting import find_agreement
from states.restated_figures import Restated, figure_of


def assess(
    reference: Annotated[str | None, typer.Argument(help="One agreement; by default all.")] = None,
    compare: Annotated[bool, typer.Option("--check", help="Derive each figure again and compare.")] = False,
    restate: Annotated[
        bool, typer.Option("--restate", help="Restate what later knowledge makes otherwise, and list that.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List frozen assessments; with --check derive each again from the evidence. Exit code 1 if one differs.

    With --restate every assessed period is derived from what is known now; where a figure is another one, it
    is kept as a restatement beside the original, which stays, and the report's readers are told.

    Example: slm assess SLA-City-Hospital --check
    """
    if compare and restate:
        raise BadInputError("--check compares what is kept, --restate adds to it: ask for one of them")
    rows = _restated(reference) if restate else _listed(reference, compare)
    differing = [row for row in rows if row.get("differences")]
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            (err if row.get("differences") else out).print(_line(row), markup=False, soft_wrap=True)
        compared = f", {len(rows) - len(differing)} identical" if compare else ""
        counted = "restatements made" if restate else "assessments"
        out.print(f"{len(rows)} {counted}{compared}")
    if differing:
        raise typer.Exit(1)


def _listed(reference: str | None, compare: bool) -> list[dict[str, Any]]:
    with database() as engine, reading(engine) as session:
        return [
            told
            for agreement in _agreements(session, reference)
            for told in _told_all(session, agreement, assessments_of(session, agreement), compare)
        ]


def _restated(reference: str | None) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    with database() as engine:
        with reading(engine) as session:
            references = [agreement.reference for agreement in _agreements(session, reference)]
        for each in references:
            with transaction(engine) as session:
                agreement = find_agreement(session, each)
                told += [
                    _told(session, agreement, made.row, made.original, compare=False)
                    for made in restatements.restate(session, agreement, now())
                ]
    return told


def _agreements(session: Session, reference: str | None) -> list[Agreement]:
    if reference:
        return [find_agreement(session, reference)]
    return list(session.exec(select(Agreement).order_by(col(Agreement.reference))))


def _told_all(
    session: Session, agreement: Agreement, rows: list[Assessment], compare: bool
) -> list[dict[str, Any]]:
    originals = {(row.period_id, row.version_id, row.target_key): row for row in rows if row.number == 0}
    return [
        _told(session, agreement, row, originals[row.period_id, row.version_id, row.target_key], compare)
        for row in rows
    ]


def _told(
    session: Session, agreement: Agreement, row: Assessment, original: Assessment, compare: bool
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "agreement": agreement.reference,
        "target": row.target_key,
        "number": row.number,
        "restates": original.number if row.number else None,
        "reason": row.reason,
        "from": row.starts_at.isoformat(),
        "to": row.ends_at.isoformat(),
        "as_of": row.as_of.isoformat(),
        "known": row.known,
        "hits": row.hits,
        "undecided": row.undecided,
        "value": row.value,
        "unit": row.unit,
        "figure": figure_of(row),
        "reported": figure_of(original),
        "verdict": row.verdict,
        "difference": {name: list(pair) for name, pair in Restated(original, row).difference.items()},
        "inputs_sha256": row.inputs_sha256,
        "software": row.software_version,
    }
    if compare:
        differences = check(session, agreement, row).differences
        told["differences"] = {name: list(pair) for name, pair in differences.items()}
        told["checked_by_software"] = version("slmcycle")
    return told


def _line(row: dict[str, Any]) -> str:
    line = f"{row['agreement']} {row['from'][:10]} to {row['to'][:10]} {row['target']}: "
    line += f"{row['figure']}, {row['verdict']}"
    if row["number"]:
        line += f": restatement {row['number']} of {row['as_of'][:10]}, reported {row['reported']}"
        line += f", because {row['reason']}"
    if "differences" not in row:
        return line
    found = ", ".join(f"{name} {was} -> {now}" for name, (was, now) in row["differences"].items())
    line += f": differs: {found}" if found else ": identical"
    if row["software"] != row["checked_by_software"]:
        line += f" (frozen by slmcycle {row['software']}, checked by {row['checked_by_software']})"
    return line
